/** What the desk sees of refunds, across all payments. */
import { applyPaging, type Paging } from '../../../shared/database/paging.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { dayAfter } from '../../../tenant/billing/dunning/schedule.js'
import { Payment } from '../../../tenant/billing/payments/payment.js'
import { Refund, type RefundStatus } from '../../../tenant/billing/payments/refunds/refund.js'
import { Customer } from '../../../tenant/customers/customer.js'
import { dayStart } from './day-start.js'

export const refundSorts = { sortable: { made: 'refunds.created_at', amount: 'refunds.amount_minor' }, default: '-made' } as const
export interface RefundsWish { show: 'all' | 'open' | 'done' | 'failed'; q?: string | undefined; from?: string | undefined; to?: string | undefined }
const chips = { all: 'All', open: 'Under way', done: 'Done', failed: 'Failed' } as const
const statuses: Readonly<Record<Exclude<RefundsWish['show'], 'all'>, readonly RefundStatus[]>> = { open: ['pending', 'unknown', 'processing'], done: ['succeeded'], failed: ['failed'] }

export function refundsQuery({ show, q, from, to }: RefundsWish) {
  const wanted = Refund.query()
  if (show !== 'all') void wanted.whereIn('refunds.status', [...statuses[show]])
  if (from) void wanted.where('refunds.created_at', '>=', dayStart(from))
  if (to) void wanted.where('refunds.created_at', '<', dayAfter(dayStart(to), 1, currentTenant().timeZone))
  if (q) {
    const like = `%${q.replace(/[%_\\]/g, '\\$&')}%`
    const people = Customer.query().where('email', 'like', like).orWhere('name', 'like', like).select('id')
    const payments = Payment.query().where('publicId', q).orWhere('gatewayPaymentId', q).select('id')
    void wanted.where((any) => void any.whereIn('refunds.user_id', people).orWhereIn('refunds.payment_id', payments).orWhere('refunds.public_id', q).orWhere('refunds.gateway_refund_id', q))
  }
  return wanted
}

export async function refundRows(refunds: readonly Refund[]) {
  const people = new Map((await Customer.query().whereIn('id', refunds.map((r) => r.userId))).map((c) => [c.id, c]))
  const payments = new Map((await Payment.query().whereIn('id', refunds.map((r) => r.paymentId))).map((p) => [p.id, p]))
  return refunds.map((r) => ({
    publicId: r.publicId, at: r.createdAt, endedAt: r.settledAt, customer: people.get(r.userId)?.email ?? '', customerId: people.get(r.userId)?.publicId ?? '', paymentId: payments.get(r.paymentId)?.publicId ?? '', paid: payments.get(r.paymentId)?.amount ?? null,
    amount: r.amount, to: r.destination === 'credit' ? 'Credit' : 'The way it came', status: r.status, reason: r.reason, note: r.failureMessage ?? '', reference: r.gatewayRefundId ?? '', open: r.isOpen,
  }))
}

export async function refundsPage(wish: RefundsWish, paging: Paging, base: string): Promise<object> {
  const paged = await applyPaging(refundsQuery(wish), paging)
  const kept = Object.fromEntries(Object.entries(wish).filter((pair): pair is [string, string] => typeof pair[1] === 'string'))
  const here = (part: Record<string, string>): string => `${base}/refunds?${new URLSearchParams({ ...kept, ...part })}`
  const sort = `${paged.descending ? '-' : ''}${paged.sort}`
  return {
    rows: await refundRows(paged.rows), chips: Object.entries(chips).map(([show, label]) => ({ label, href: here({ show }), current: show === wish.show })), input: wish, filtered: wish.show !== 'all' || Boolean(wish.q ?? wish.from ?? wish.to),
    heads: Object.fromEntries((['made', 'amount'] as const).map((name) => [name, here({ sort: paged.sort === name && !paged.descending ? `-${name}` : name })])), summary: paged.total ? `${paged.from}–${paged.to} of ${paged.total}` : '',
    csvHref: `${base}/refunds.csv?${new URLSearchParams(kept)}`, previousHref: paged.page > 1 ? here({ sort, page: String(paged.page - 1) }) : null, nextHref: paged.page < paged.pages ? here({ sort, page: String(paged.page + 1) }) : null,
  }
}

export const refundLine = (r: Awaited<ReturnType<typeof refundRows>>[number]) => ({
  date: r.at.toISOString(), ended: r.endedAt?.toISOString() ?? '', refund: r.publicId, payment: r.paymentId, customer: r.customer, amount: r.amount.toString(), currency: r.amount.currency, to: r.to, state: r.status, reason: r.reason, reference: r.reference, note: r.note,
})
