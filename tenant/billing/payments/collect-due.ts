/** Finds invoices whose time to be collected has come and that nobody tried to collect since. */
import { Invoice } from '../invoices/invoice.js'
import { enqueueCollection } from './collect-invoice.js'
import { Payment } from './payment.js'
import { PaymentMethod } from './methods/payment-method.js'

/** Most invoices of one turn; the latest first, so that hopeless ones never hold up others. */
const MOST = 200

/**
 * Open invoices with `collect_at` ≤ now; those without one that are overdue, unless they belong to an order (the customer pays it or it expires). Only of
 * customers with a saved method, and only while nothing was charged without the customer since that instant: afterwards dunning retries.
 */
export async function collectDue(now: Date): Promise<void> {
  const tried = Payment.query().join('payment_allocations as pa', 'pa.payment_id', 'payments.id').whereColumn('pa.invoice_id', 'invoices.id').where('payments.off_session', true)
    .whereRaw('payments.created_at >= coalesce(invoices.collect_at, invoices.due_at)')
  const due = await Invoice.query().where({ status: 'open' }).whereRaw('invoices.total_minor > invoices.paid_minor + invoices.credited_minor')
    .where((q) => void q.where('invoices.collect_at', '<=', now).orWhere((late) => void late.whereNull('invoices.collect_at').where('invoices.due_at', '<=', now).whereNot('invoices.kind', 'order')))
    .whereExists(PaymentMethod.query().whereColumn('payment_methods.user_id', 'invoices.user_id').where('payment_methods.status', 'active'))
    .whereNotExists(tried).orderByRaw('coalesce(invoices.collect_at, invoices.due_at) desc').orderBy('invoices.id').limit(MOST).select('invoices.id')
  for (const { id } of due) await enqueueCollection(id)
}

/** Is the invoice charged to a saved method by itself at some time ahead? Then nobody needs to be reminded before. */
export function collectsItself(invoice: Pick<Invoice, 'collectAt'>, hasUsableMethod: boolean, now: Date): boolean {
  return hasUsableMethod && invoice.collectAt !== null && invoice.collectAt > now
}
