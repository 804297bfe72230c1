/** Types of what the tests use of private-database.mjs. */
export interface PrivateDatabase { readonly dir: string; readonly url: string; readonly started: boolean; readonly stop: () => Promise<void> }
export function startDatabase(options: { readonly dir: string; readonly fast?: boolean; readonly fresh?: boolean }): Promise<PrivateDatabase>
