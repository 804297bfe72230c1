/** The central database: made when missing, brought to the head, seeded. Used by the command line, the demo and the tests. */
import { seedCentral } from '../central/seed-central.js'
import { config } from '../shared/config.js'
import { readBundle } from '../shared/database/migration-bundle.js'
import { quoteName, withAdmin } from '../shared/database/migration-connection.js'
import { repairJournal } from '../shared/database/migration-repair.js'
import { applyPending } from '../shared/database/migrator.js'

/** Answers how many migrations ran. Safe to repeat. */
export async function migrateCentral(): Promise<number> {
  const name = config().CENTRAL_DATABASE
  const applied = await withAdmin(1, async (connection) => {
    await connection.query(`create database if not exists ${quoteName(name)} character set utf8mb4 collate utf8mb4_unicode_520_ci; use ${quoteName(name)}`)
    const bundle = readBundle('central')
    await repairJournal(connection, bundle)
    return applyPending(connection, bundle)
  })
  await seedCentral()
  return applied.applied.length
}
