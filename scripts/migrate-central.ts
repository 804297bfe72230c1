/** The central database: made when missing, brought to the head, seeded. Used by the command line, the demo and the tests. */
import { seedCentral } from '../central/seed-central.js'
import { migrateCentral as migrate } from '../shared/database/migration-central.js'

/** Answers how many migrations ran. Safe to repeat, also by two processes at once. */
export async function migrateCentral(): Promise<number> {
  const { applied } = await migrate()
  await seedCentral()
  return applied.length
}
