/** What the desk sees of payments. */
import { applyPaging, type Paging } from '../../../shared/database/paging.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { Customer } from '../../../tenant/customers/customer.js'
import { Invoice } from '../../../tenant/billing/invoices/invoice.js'
import { GatewayAccount } from '../../../tenant/billing/payments/gateways/gateway-account.js'
import { partsOf, PaymentAllocation } from '../../../tenant/billing/payments/payment-allocation.js'
import { PaymentMethod } from '../../../tenant/billing/payments/methods/payment-method.js'
import { openStatuses, Payment } from '../../../tenant/billing/payments/payment.js'
import { refundable } from '../../../tenant/billing/payments/refunds/refund-payment.js'
import { Refund } from '../../../tenant/billing/payments/refunds/refund.js'
import { dayAfter } from '../../../tenant/billing/dunning/schedule.js'
import { dayStart } from './day-start.js'

export const paymentSorts = { sortable: { made: 'payments.created_at', amount: 'payments.amount_minor' }, default: '-made' } as const
export interface Wish { show: 'all' | 'open' | 'succeeded' | 'failed' | 'refunded'; q?: string | undefined; from?: string | undefined; to?: string | undefined }
const chips = { all: 'All', open: 'Under way', succeeded: 'Received', failed: 'Failed', refunded: 'Refunded' } as const

export function paymentsQuery({ show, q, from, to }: Wish) {
  const wanted = Payment.query()
  if (show === 'open') void wanted.whereIn('payments.status', [...openStatuses])
  if (show === 'succeeded') void wanted.where('payments.status', 'succeeded')
  if (show === 'failed') void wanted.whereIn('payments.status', ['failed', 'canceled', 'reversed'])
  if (show === 'refunded') void wanted.whereExists(Refund.query().whereColumn('refunds.payment_id', 'payments.id'))
  if (from) void wanted.where('payments.created_at', '>=', dayStart(from))
  if (to) void wanted.where('payments.created_at', '<', dayAfter(dayStart(to), 1, currentTenant().timeZone))
  if (q) {
    const like = `%${q.replace(/[%_\\]/g, '\\$&')}%`
    const invoices = PaymentAllocation.query().whereIn('invoiceId', Invoice.query().where('number', 'like', like).select('id')).select('paymentId')
    void wanted.where((any) => void any.whereIn('payments.user_id', Customer.query().where('email', 'like', like).orWhere('name', 'like', like).select('id')).orWhere('payments.public_id', q).orWhere('payments.gateway_payment_id', q).orWhereIn('payments.id', invoices))
  }
  return wanted
}

export async function paymentRows(payments: readonly Payment[]) {
  const people = new Map((await Customer.query().whereIn('id', payments.map((p) => p.userId))).map((c) => [c.id, c]))
  const methods = new Map((await PaymentMethod.query().whereIn('id', payments.map((p) => p.paymentMethodId ?? 0))).map((m) => [m.id, m.label]))
  const accounts = new Map((await GatewayAccount.query().whereIn('id', payments.map((p) => p.gatewayAccountId ?? 0))).map((a) => [a.id, a.label]))
  const parts = await PaymentAllocation.query().whereIn('paymentId', payments.map((p) => p.id))
  const invoices = new Map((await Invoice.query().whereIn('id', parts.map((p) => p.invoiceId))).map((i) => [i.id, i.label]))
  return payments.map((p) => ({
    publicId: p.publicId, at: p.settledAt ?? p.createdAt, customer: people.get(p.userId)?.email ?? '', customerId: people.get(p.userId)?.publicId ?? '', amount: p.amount, status: p.status,
    what: parts.filter((x) => x.paymentId === p.id).map((x) => invoices.get(x.invoiceId) ?? '').join(', ') || 'Credit', paidWith: p.bankTransferId !== null ? 'Bank transfer' : methods.get(p.paymentMethodId ?? 0) ?? accounts.get(p.gatewayAccountId ?? 0) ?? '',
    byItself: p.offSession, reference: p.gatewayPaymentId ?? '', note: p.failureMessage ?? '',
  }))
}

export async function listPage(wish: Wish, paging: Paging, base: string): Promise<object> {
  const paged = await applyPaging(paymentsQuery(wish), paging)
  const kept = Object.fromEntries(Object.entries(wish).filter((pair): pair is [string, string] => typeof pair[1] === 'string'))
  const here = (part: Record<string, string>): string => `${base}/payments?${new URLSearchParams({ ...kept, ...part })}`
  const sort = `${paged.descending ? '-' : ''}${paged.sort}`
  return {
    rows: await paymentRows(paged.rows), chips: Object.entries(chips).map(([show, label]) => ({ label, href: here({ show }), current: show === wish.show })), input: wish, csvHref: `${base}/payments.csv?${new URLSearchParams(kept)}`,
    heads: Object.fromEntries((['made', 'amount'] as const).map((name) => [name, here({ sort: paged.sort === name && !paged.descending ? `-${name}` : name })])), summary: paged.total ? `${paged.from}–${paged.to} of ${paged.total}` : '',
    previousHref: paged.page > 1 ? here({ sort, page: String(paged.page - 1) }) : null, nextHref: paged.page < paged.pages ? here({ sort, page: String(paged.page + 1) }) : null,
  }
}

export async function detailPage(payment: Payment, base: string): Promise<object> {
  const [row] = await paymentRows([payment])
  const parts = await partsOf(payment.id)
  const invoices = new Map((await Invoice.query().whereIn('id', parts.map((p) => p.invoiceId))).map((i) => [i.id, i]))
  const refunds = await Refund.query().where({ paymentId: payment.id }).orderBy('id')
  const left = await refundable(payment)
  const money = (minor: number) => ({ minor, currency: payment.currency })
  return {
    ...row, failure: payment.failureMessage, failureCode: payment.failureCode, createdAt: payment.createdAt, settledAt: payment.settledAt, attempt: payment.attemptNo, nextCheckAt: payment.nextCheckAt, fromTransfer: payment.bankTransferId !== null, customerHref: `${base}/customers/${row!.customerId}`,
    parts: parts.map((p) => ({ label: invoices.get(p.invoiceId)?.label ?? '', href: `${base}/invoices/${invoices.get(p.invoiceId)?.publicId ?? ''}`, asked: money(p.amountMinor), applied: money(p.appliedMinor) })),
    refunds: refunds.map((r) => ({ publicId: r.publicId, at: r.createdAt, amount: r.amount, to: r.destination === 'credit' ? 'Credit' : 'The way it came', status: r.status, reason: r.reason, note: r.failureMessage, open: r.isOpen })),
    left, canRefund: left.isPositive(), isOpen: payment.isOpen, canResolve: payment.status === 'unknown' || payment.status === 'processing' || payment.status === 'pending',
  }
}
