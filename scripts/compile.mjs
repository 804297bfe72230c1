// Makes plain modules of our TypeScript, once for all processes of a run: a process that translates while it loads needs four times as long to begin.
// The result is a folder in `.ezscale`: our folders as JavaScript, beside links to everything else, so that paths relative to a module hold there too.
import { lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { home, root } from './setup.mjs'

const folders = ['shared', 'tenant', 'central', 'scripts']
const isCode = (name) => name.endsWith('.ts') && !name.endsWith('.d.ts')

/** `tenant/app.ts` → `tenant/app.js`, as it lies below the built folder. */
export const builtName = (file) => file.replace(/\.ts$/, '.js')

/** Modules below a folder; files that are no code are linked at their place. */
function modulesOf(folder, built) {
  mkdirSync(path.join(built, folder), { recursive: true })
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const name = `${folder}/${entry.name}`
    if (entry.isDirectory()) return modulesOf(name, built)
    if (isCode(entry.name)) return [name]
    if (!entry.name.endsWith('.d.ts')) symlinkSync(path.join(root, name), path.join(built, name))
    return []
  })
}

/** Folders of runs that were killed before they could tidy up. */
function sweep() {
  for (const folder of readdirSync(home).filter((name) => name.startsWith('built-'))) {
    try {
      process.kill(Number(folder.slice('built-'.length)), 0)
    } catch {
      rmSync(path.join(home, folder), { recursive: true, force: true })
    }
  }
}

/** Builds afresh, for this process and its children; answers the folder, which goes when the process ends. */
export async function compile() {
  const { build } = await import('esbuild')
  sweep()
  const built = path.join(home, `built-${process.pid}`)
  rmSync(built, { recursive: true, force: true })
  mkdirSync(built, { recursive: true })
  process.on('exit', () => rmSync(built, { recursive: true, force: true }))
  const entryPoints = folders.flatMap((folder) => modulesOf(folder, built))
  const others = readdirSync(root).filter((entry) => !folders.includes(entry) && entry !== '.git')
  for (const entry of others) symlinkSync(path.join(root, entry), path.join(built, entry), lstatSync(path.join(root, entry)).isDirectory() ? 'dir' : 'file')
  await build({ absWorkingDir: root, entryPoints, outdir: built, outbase: root, format: 'esm', platform: 'node', target: 'node20', bundle: false, sourcemap: 'linked', logLevel: 'warning' })
  return built
}
