/** Staff has seen the reseller's money. */
import { centralTransaction } from '../../shared/database/transaction.js'
import { refuse } from '../../shared/errors.js'
import { record } from '../../shared/events/record.js'
import { clock } from '../../shared/time/clock.js'
import type { WholesaleInvoice } from './wholesale-invoice.js'

/** Marks the invoice paid. Of two people at once one is refused. */
export async function payWholesaleInvoice(invoice: WholesaleInvoice, paidAt = clock.real()): Promise<void> {
  refuse(invoice.refusalToPay())
  await centralTransaction(async () => {
    await invoice.become('paid', { paidAt })
    await record('wholesale.invoice-paid', { type: 'wholesale_invoice', id: invoice.id }, { number: invoice.number }, { tenantId: invoice.tenantId })
  })
}
