/** Many payments looked up at the gateway or given back in one go. What is given back is what the preview showed, to the cent, or nothing. */
import { Refusal } from '../../../shared/errors.js'
import { Money } from '../../../shared/money/money.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { formatMoney } from '../../../shared/views/format.js'
import { statusFacts } from '../../../shared/views/status.js'
import { Payment } from '../../../tenant/billing/payments/payment.js'
import { foreseeRefund, refundable, refundPayment } from '../../../tenant/billing/payments/refunds/refund-payment.js'
import type { Refund, RefundDestination } from '../../../tenant/billing/payments/refunds/refund.js'
import { resolvePayment } from '../../../tenant/billing/payments/resolve-payment.js'
import { BulkEnd, type BulkAct, type BulkList } from '../bulk/bulk-list.js'
import { bulkRoutes as routesOf } from '../bulk/bulk-routes.js'
import { reason } from './forms.js'
import { paymentRows } from './pages.js'

interface Chosen {
  readonly payment: Payment
  readonly row: Awaited<ReturnType<typeof paymentRows>>[number]
  /** What may still be given back. */
  readonly left: Money
}

async function chosen(ids: readonly string[]): Promise<Chosen[]> {
  const payments = await Payment.query().whereIn('publicId', [...ids]).orderBy('id')
  const rows = await paymentRows(payments)
  const items: Chosen[] = []
  for (const [i, payment] of payments.entries()) items.push({ payment, row: rows[i]!, left: await refundable(payment) })
  return items
}

const inWords = (amount: Money): string => formatMoney(amount.minor, amount.currency, currentTenant().locale)

async function refusalToRefundAll({ payment, left }: Chosen, to: RefundDestination): Promise<string | null> {
  if (payment.status === 'succeeded' && left.isZero()) return 'Nothing of it is left to refund.'
  return foreseeRefund({ payment, amount: left, to, key: 'preview' }).then(() => null, (error: unknown) => {
    if (error instanceof Refusal) return error.message
    throw error
  })
}

async function wayBack({ payment, row, left }: Chosen): Promise<string> {
  const { to } = await foreseeRefund({ payment, amount: left, to: 'source', key: 'preview' })
  if (to === 'credit') return `${inWords(left)} becomes credit: it is less than can be sent`
  if (payment.bankTransferId !== null) return `${inWords(left)} is booked as given back; it came by bank transfer, so you send the money yourself`
  return `${inWords(left)} goes back: ${row.paidWith || 'the way it came'}`
}

/** The preview's amount in minor units. */
function promised(seen: string, currency: string): Money {
  if (!/^[1-9]\d{0,14}$/.test(seen)) throw new Refusal('refund.preview', 'It is not clear how much was shown. Choose it again.')
  return Money.of(Number(seen), currency)
}

function endOf(refund: Refund): BulkEnd | string {
  if (refund.status === 'failed') throw new Refusal('refund.failed', `${refund.failureMessage ?? 'The refund failed.'} Nothing was sent.`)
  return refund.isOpen ? new BulkEnd('Under way: we look by ourselves how it ends', 'wait') : `${inWords(refund.amount)} ${refund.destination === 'credit' ? 'became credit' : 'went back'}`
}

const refundAct = (to: RefundDestination, words: Pick<BulkAct<Chosen>, 'title' | 'text' | 'does'>): BulkAct<Chosen> => ({
  ...words, label: 'Refund', done: 'Refunded', tone: 'danger', fields: [{ name: 'reason', label: 'Reason', hint: 'The customers read it.' }], shape: { reason },
  refusal: (item) => refusalToRefundAll(item, to), seen: ({ left }) => String(left.minor),
  run: async ({ payment }, input, key, seen) => endOf(await refundPayment({ payment, amount: promised(seen, payment.currency), to, reason: input['reason']!, key: `desk:${key}` })),
})

const payments: BulkList<Chosen> = {
  path: '/payments', title: 'Payments', noun: 'payment', nouns: 'payments', nameHead: 'Customer',
  heads: [{ label: 'For' }, { label: 'With' }, { label: 'Amount', kind: 'money' }, { label: 'State', kind: 'status' }],
  chosen, idOf: ({ payment }) => payment.publicId,
  rows: async (items, base) => items.map(({ payment, row }) => ({ href: `${base}/payments/${payment.publicId}`, name: row.customer, cells: [row.what, row.paidWith, row.amount, row.status] })),
  acts: {
    look: {
      title: 'Ask the gateway about these payments?', text: 'We ask now how each of them ended instead of waiting for the next turn, and book what is true.', label: 'Ask about', does: 'The gateway is asked', done: 'Asked', lookersMay: true,
      refusal: ({ payment }) => (payment.isOpen ? null : 'Its end is known already.'),
      run: async ({ payment }) => {
        if (!payment.isOpen) throw new Refusal('payment.settled', 'Its end is known already.')
        const now = await resolvePayment(payment)
        return now.isOpen ? new BulkEnd('Still not known', 'wait') : `Known now: ${statusFacts(now.status).word.toLowerCase()}`
      },
    },
    refund: refundAct('source', { title: 'Refund these payments to where they came from?', text: 'All that is left of each goes back. Their invoices stay paid; the customers get a letter.', does: wayBack }),
    credit: refundAct('credit', { title: 'Refund these payments as credit?', text: 'All that is left of each becomes credit and pays the next invoices. Nothing is sent; the customers get a letter.', does: ({ left, row }) => `${row.customer} gets ${inWords(left)} as credit` }),
  },
}
export const bulkRoutes = routesOf(payments)
