/** Types of what TypeScript uses of setup.mjs, which runs before any package is installed and so is plain JavaScript. */
export function saveEnv(part: Readonly<Record<string, string | undefined>>): void
