/** The invoice numbers of a shop: without gap, without double, in order of issue. */
import type { Knex } from 'knex'
import { clock } from '../../../shared/time/clock.js'

/** Makes the series `invoice` when this shop has none yet. A reseller may later change its pattern. */
export async function ensureInvoiceSeries(trx: Knex.Transaction): Promise<void> {
  if (await trx('number_series').where({ code: 'invoice' }).first('code')) return
  await trx('number_series').insert({ code: 'invoice', pattern: 'INV-{year}-{n:5}', next_number: 1, yearly_reset: 0, updated_at: clock.now() }).onConflict('code').ignore()
}
