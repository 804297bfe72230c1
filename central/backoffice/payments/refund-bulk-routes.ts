/** Many refunds looked up at the gateway, or given as credit after they failed. */
import { Refusal } from '../../../shared/errors.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { formatMoney } from '../../../shared/views/format.js'
import { statusFacts } from '../../../shared/views/status.js'
import { Payment } from '../../../tenant/billing/payments/payment.js'
import { giveAsCredit, owedBy, refundsSince, refusalToGiveAsCredit } from '../../../tenant/billing/payments/refunds/give-as-credit.js'
import { foreseeRefund } from '../../../tenant/billing/payments/refunds/refund-payment.js'
import { Refund } from '../../../tenant/billing/payments/refunds/refund.js'
import { resolveRefund } from '../../../tenant/billing/payments/refunds/resolve-refund.js'
import { BulkEnd, type BulkList } from '../bulk/bulk-list.js'
import { bulkRoutes as routesOf } from '../bulk/bulk-routes.js'
import { refundRows } from './refund-pages.js'

const inWords = (refund: Refund): string => formatMoney(owedBy(refund).minor, refund.currency, currentTenant().locale)

async function refusalOf(refund: Refund): Promise<string | null> {
  const refusal = refusalToGiveAsCredit(refund, await refundsSince(refund))
  if (refusal) return refusal.message
  const payment = await Payment.findOwned<Payment>({ id: refund.paymentId })
  return foreseeRefund({ payment, amount: owedBy(refund), to: 'credit', key: 'preview' }).then(() => null, (error: unknown) => {
    if (error instanceof Refusal) return error.message
    throw error
  })
}

const refunds: BulkList<Refund> = {
  path: '/refunds', title: 'Refunds', noun: 'refund', nouns: 'refunds', nameHead: 'Customer',
  heads: [{ label: 'When', kind: 'date' }, { label: 'To' }, { label: 'Amount', kind: 'money' }, { label: 'State', kind: 'status' }, { label: 'Reason' }],
  chosen: (ids) => Refund.query().whereIn('publicId', [...ids]).orderBy('id').then((found) => found), idOf: (refund) => refund.publicId,
  rows: async (items, base) => (await refundRows(items)).map((row) => ({ href: `${base}/payments/${row.paymentId}`, name: row.customer, cells: [row.at, row.to, row.amount, row.status, row.reason] })),
  acts: {
    look: {
      title: 'Ask the gateway about these refunds?', text: 'We ask now how each of them ended instead of waiting for the next turn, and book what is true.', label: 'Ask about', does: 'The gateway is asked', done: 'Asked', lookersMay: true,
      refusal: (refund) => (refund.isOpen ? null : 'Its end is known already.'),
      run: async (refund) => {
        if (!refund.isOpen) throw new Refusal('refund.settled', 'Its end is known already.')
        const now = await resolveRefund(refund)
        return now.isOpen ? new BulkEnd('Still not known', 'wait') : `Known now: ${statusFacts(now.status).word.toLowerCase()}`
      },
    },
    credit: {
      title: 'Give these refunds as credit instead?', text: 'They failed, and their money is booked back. Each becomes credit of its customer, once, and pays the next invoices; the customers get a letter.', label: 'Give as credit', tone: 'danger', done: 'Given as credit',
      refusal: refusalOf, does: (refund) => `${inWords(refund)} becomes credit`, run: async (refund) => `${inWords(await giveAsCredit(refund))} became credit`,
    },
  },
}
export const refundBulkRoutes = routesOf(refunds)
