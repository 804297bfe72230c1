/** Types of what the tests use of database-place.mjs. */
export function serverIn(dir: string): { readonly pid: number; readonly port: number } | null
