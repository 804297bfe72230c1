/** What a fresh central database needs before anything else: the first server, number series, the first price list. Safe to repeat. */
import { centralDb } from '../shared/database/central-database.js'
import { clock } from '../shared/time/clock.js'
import { asCentral } from '../shared/tenancy/as-central.js'
import { ensureFirstServer } from './servers.js'
import { seedCatalogue } from './templates/seed-catalogue.js'
import { seedPriceList } from './wholesale/price-list.js'

export async function seedCentral(): Promise<void> {
  await ensureFirstServer()
  await asCentral(async () => {
    await centralDb().raw('insert into directory_versions (id, version) values (1, 1) on duplicate key update version = version')
    await centralDb()('number_series').insert({ code: 'wholesale', pattern: 'WS-{year}-{n:5}', next_number: 1, yearly_reset: 1, updated_at: clock.real() }).onConflict('code').merge(['code'])
    await seedPriceList()
    await seedCatalogue()
  })
}
