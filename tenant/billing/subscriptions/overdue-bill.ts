/** A customer pays what is overdue before changing what it bills. Staff may change it; the new invoice then keeps its day and its dunning. */
import { Invoice } from '../invoices/invoice.js'
import { InvoiceLine } from '../invoices/invoice-line.js'
import type { Subscription } from './subscription.js'

/** The oldest overdue invoice that bills this subscription or an add-on that follows it; null: nothing is overdue. */
export async function overdueBill(subscription: Subscription, now: Date): Promise<Invoice | null> {
  const family = (await subscription.family()).map((s) => s.id)
  const bills = InvoiceLine.query().whereColumn('invoice_lines.invoice_id', 'invoices.id').whereIn('subscriptionId', family)
  const found = await Invoice.query().where({ userId: subscription.userId, status: 'open' }).where('dueAt', '<=', now).whereExists(bills).orderBy('dueAt').orderBy('id')
  return found.find((invoice) => invoice.balance.isPositive() && !invoice.waitsForNext) ?? null
}
