// A landed migration has run in somebody's databases: it is never edited, what is to change comes in a new file.
// `migrations-*/landed.sha256` holds what has landed. `node scripts/lint-migrations.mjs --land` adds the new files to it: do that with a release.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { root } from './setup.mjs'

const hashOf = (file) => createHash('sha256').update(readFileSync(file, 'utf8').replace(/\r\n/g, '\n')).digest('hex')
let faults = 0
for (const folder of ['migrations-central', 'migrations-tenant'].map((name) => path.join(root, name))) {
  const list = path.join(folder, 'landed.sha256')
  const landed = new Map(existsSync(list) ? readFileSync(list, 'utf8').trim().split('\n').map((line) => line.split(/\s+/).reverse()) : [])
  const files = readdirSync(folder).filter((name) => /^\d{4}-.*\.sql$/.test(name)).sort()
  for (const [name, hash] of landed) {
    const file = path.join(folder, name)
    if (existsSync(file) && hashOf(file) === hash) continue
    faults++
    console.log(`${path.relative(root, file)}: has landed and must not be ${existsSync(file) ? 'edited' : 'removed'}. Put it back (git log -- the file) and write a new migration.`)
  }
  const newest = [...landed.keys()].sort().at(-1) ?? ''
  for (const name of files.filter((file) => !landed.has(file) && file < newest)) {
    faults++
    console.log(`${path.relative(root, path.join(folder, name))}: comes before ${newest}, which has landed. Give it a later number.`)
  }
  if (process.argv.includes('--land') && !faults) writeFileSync(list, `${files.map((name) => `${hashOf(path.join(folder, name))}  ${name}`).join('\n')}\n`)
}
process.exit(faults ? 1 : 0)
