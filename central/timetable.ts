/** Everything central runs by itself, and the letters it sends. Imported once by scripts/boot.ts. */
import { config } from '../shared/config.js'
import { centralDb } from '../shared/database/central-database.js'
import { sweepRateLimits } from '../shared/http/rate-limit.js'
import { sweepSessions } from '../shared/http/session-store.js'
import { schedule } from '../shared/jobs/timetable.js'
import { readBundle } from '../shared/database/migration-bundle.js'
import { refillPool } from '../shared/tenancy/pending-pool.js'
import { registerCentralLetters } from './mailer.js'
import { registerProviderSchedules } from './providers/jobs.js'
import { registerOpeningSchedules } from './resellers/jobs.js'
import { registerTemplateSchedules } from './templates/jobs.js'
import { registerWholesaleSchedules } from './wholesale/jobs.js'

async function keepPool(): Promise<void> {
  const servers = (await centralDb()('database_servers').where({ status: 'active' }).pluck('id')) as number[]
  for (const id of servers) await refillPool(id, config().POOL_SIZE, readBundle('tenant'))
}

async function sweep(): Promise<void> {
  await sweepSessions('console')
  await sweepRateLimits()
}

registerCentralLetters()
registerWholesaleSchedules()
registerOpeningSchedules()
registerProviderSchedules()
registerTemplateSchedules()
schedule({ name: 'tenancy.pool', every: '1 minute', scope: 'central', run: keepPool })
schedule({ name: 'central.sweep', every: '1 hour', scope: 'central', run: sweep })
