/** What `central migrate` and `snapshot write|check` do. */
import { config } from '../../shared/config.js'
import { readBundle } from '../../shared/database/migration-bundle.js'
import { compareSchemas, readSchema, sayDrift } from '../../shared/tenancy/drift.js'
import { applySnapshot, readSnapshot, withReplay, writeSnapshot } from '../../shared/tenancy/snapshot.js'
import { exit } from './exit-codes.js'
import type { GlobalFlags } from './options.js'
import { counted, green, print, printJson, red, say } from './terminal.js'

export async function migrate(flags: GlobalFlags): Promise<number> {
  const { migrateCentral } = await import('../migrate-central.js')
  const { closeDatabases } = await import('../../shared/database/central-database.js')
  const ran = await migrateCentral().finally(closeDatabases)
  const head = readBundle('central').head
  if (flags.json || flags.ndjson) printJson({ database: config().CENTRAL_DATABASE, ran, head })
  else say(green(ran ? `${counted(ran, 'migration')} ran. Central is at ${head}.` : `Nothing to do: central is at ${head}.`))
  return exit.ok
}

export async function write(): Promise<number> {
  print(await writeSnapshot(1, readBundle('tenant')))
  return exit.ok
}

/** The file must be of these migrations, and load to the same schema as replaying them. */
export async function check(): Promise<number> {
  const bundle = readBundle('tenant')
  const state = readSnapshot(bundle)
  if (state === null || state === 'stale') {
    say(red(`The snapshot is ${state === null ? 'missing' : 'of other migrations'}. Run: ezscale snapshot write`))
    return exit.drift
  }
  const findings = await withReplay(1, bundle, async (connection, database) => {
    const replayed = await readSchema(connection, database)
    const loaded = await withReplay(1, { ...bundle, files: [] }, async (other, scratch) => {
      await applySnapshot(other, bundle)
      return readSchema(other, scratch)
    })
    return compareSchemas(replayed, loaded)
  })
  for (const finding of findings) print(sayDrift(finding))
  say(findings.length ? red('The snapshot is not what the migrations add up to. Run: ezscale snapshot write') : green(`The snapshot equals ${counted(bundle.files.length, 'migration')}.`))
  return findings.length ? exit.drift : exit.ok
}
