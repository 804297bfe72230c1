import path from 'node:path'

/** How to start a script that lies beside this module in a process of its own: as TypeScript where we run as TypeScript, compiled where we are compiled. */
export function scriptBeside(from: ImportMeta, name: string): { readonly file: string; readonly execArgv: readonly string[] } {
  const extension = path.extname(from.filename)
  return { file: path.join(from.dirname, `${name}${extension}`), execArgv: extension === '.ts' ? ['--import=tsx'] : ['--enable-source-maps'] }
}
