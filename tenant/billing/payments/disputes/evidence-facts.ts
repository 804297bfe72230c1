/** What the shop knows and can prove about a disputed payment. Orders, sign-ins and use are read from their tables, as their features stand above billing. */
import { originOf } from '../../../../shared/config.js'
import { tenantDb } from '../../../../shared/database/tenant-database.js'
import { currentTenant } from '../../../../shared/tenancy/context.js'
import { Customer } from '../../../customers/customer.js'
import { InvoiceLine } from '../../invoices/invoice-line.js'
import type { Invoice } from '../../invoices/invoice.js'
import { subscriptionRules } from '../../subscriptions/billing-rules.js'
import { Payment } from '../payment.js'
import type { Dispute } from './dispute.js'
import { invoicesOf } from './receipt.js'

export interface OrderFact { readonly reference: string; readonly at: Date; readonly ip: string | null; readonly termsVersion: number | null; readonly termsAcceptedAt: Date | null }
export interface AccessFact { readonly at: Date; readonly ip: string | null }
export interface RunFact { readonly name: string; readonly from: Date; readonly until: Date | null }
export interface EvidenceFacts {
  readonly shop: string
  readonly timeZone: string
  readonly termsHref: string
  readonly customer: { readonly name: string; readonly email: string; readonly addressLines: readonly string[]; readonly since: Date; readonly confirmedAt: Date | null }
  readonly paidAt: Date
  readonly amount: { readonly minor: number; readonly currency: string }
  readonly invoices: ReadonlyArray<{ readonly number: string; readonly issuedAt: Date | null; readonly lines: readonly string[] }>
  /** Days that the payment is for; null when the invoices name none. */
  readonly period: { readonly from: Date; readonly until: Date } | null
  /** The orders behind what was paid, the oldest first. */
  readonly orders: readonly OrderFact[]
  readonly signIns: readonly AccessFact[]
  readonly runs: readonly RunFact[]
  readonly earlierPayments: number
  readonly cancelRefund: 'none' | 'credit'
}

const MOST = 400

export async function evidenceFacts(dispute: Dispute): Promise<EvidenceFacts> {
  const tenant = currentTenant()
  const customer = await Customer.findOwned<Customer>({ id: dispute.userId })
  const payment = await Payment.findOwned<Payment>({ id: dispute.paymentId })
  const invoices = await invoicesOf(dispute)
  const lines = await InvoiceLine.query().whereIn('invoiceId', invoices.map((i) => i.id)).orderBy('sortOrder').orderBy('id')
  const period = periodOf(invoices, lines)
  const paidAt = payment.settledAt ?? payment.createdAt
  // Use before the period proves nothing about it; use until the dispute proves that the service was there.
  const span = { from: period && period.from < paidAt ? period.from : paidAt, until: dispute.openedAt }
  return {
    shop: tenant.brand.companyName, timeZone: tenant.timeZone, termsHref: `${originOf(tenant.primaryHost)}/terms`,
    customer: { name: customer.name, email: customer.email, addressLines: customer.addressLines, since: customer.createdAt, confirmedAt: customer.emailVerifiedAt },
    paidAt, amount: { minor: dispute.amountMinor, currency: dispute.currency }, period,
    invoices: invoices.map((i) => ({ number: i.label, issuedAt: i.issuedAt, lines: lines.filter((l) => l.invoiceId === i.id && l.amountMinor > 0).map((l) => l.description) })),
    orders: await ordersOf(customer.id, invoices, lines), signIns: await signInsOf(customer.id, span), runs: await runsOf(customer.id, span),
    earlierPayments: await Payment.query().where({ userId: customer.id, status: 'succeeded' }).where('id', '<', payment.id).resultSize(), cancelRefund: (await subscriptionRules.read()).cancelRefund,
  }
}

function periodOf(invoices: readonly Invoice[], lines: readonly InvoiceLine[]): EvidenceFacts['period'] {
  const known = [...invoices, ...lines].flatMap(({ periodStart, periodEnd }) => (periodStart && periodEnd ? [{ from: periodStart, until: periodEnd }] : []))
  if (!known.length) return null
  return { from: new Date(Math.min(...known.map((k) => k.from.getTime()))), until: new Date(Math.max(...known.map((k) => k.until.getTime()))) }
}

/** By the invoice, and by what its lines are for: a renewal was ordered long before. */
async function ordersOf(userId: number, invoices: readonly Invoice[], lines: readonly InvoiceLine[]): Promise<OrderFact[]> {
  const of = (name: 'serviceId' | 'subscriptionId'): number[] => lines.flatMap((l) => l[name] ?? [])
  const rows = (await tenantDb()('orders as o').leftJoin('order_items as i', 'i.order_id', 'o.id').where('o.user_id', userId)
    .where((any) => void any.whereIn('o.invoice_id', invoices.map((i) => i.id)).orWhereIn('o.service_id', of('serviceId')).orWhereIn('i.service_id', of('serviceId')).orWhereIn('i.subscription_id', of('subscriptionId')))
    .distinct('o.id', 'o.public_id', 'o.created_at', 'o.terms_version', 'o.terms_accepted_at').orderBy('o.id')) as Array<{ id: number; public_id: string; created_at: Date; terms_version: number | null; terms_accepted_at: Date | null }>
  const placed = (await tenantDb()('events').where({ subject_type: 'orders', type: 'order.placed', actor_kind: 'user' }).whereIn('subject_id', rows.map((r) => r.id)).select('subject_id', 'ip')) as Array<{ subject_id: number; ip: string | null }>
  const ips = new Map(placed.map((p) => [Number(p.subject_id), p.ip]))
  return rows.map((r) => ({ reference: r.public_id, at: r.created_at, ip: ips.get(Number(r.id)) ?? null, termsVersion: r.terms_version, termsAcceptedAt: r.terms_accepted_at }))
}

async function signInsOf(userId: number, { from, until }: { from: Date; until: Date }): Promise<AccessFact[]> {
  const rows = (await tenantDb()('events').where({ user_id: userId, type: 'user.signed-in', actor_kind: 'user' }).where('occurred_at', '>=', from).where('occurred_at', '<=', until).orderBy('id').limit(MOST).select('occurred_at', 'ip')) as Array<{ occurred_at: Date; ip: string | null }>
  return rows.map((r) => ({ at: r.occurred_at, ip: r.ip }))
}

async function runsOf(userId: number, { from, until }: { from: Date; until: Date }): Promise<RunFact[]> {
  const rows = (await tenantDb()('kasm_usage_sessions as r').join('kasm_workspaces as w', 'w.id', 'r.kasm_workspace_id').join('services as s', 's.id', 'w.service_id').where('w.user_id', userId).where('r.started_at', '<=', until)
    .where((any) => void any.whereNull('r.stopped_at').orWhere('r.stopped_at', '>', from)).orderBy('r.started_at').limit(MOST).select('s.name', 'r.started_at', 'r.stopped_at')) as Array<{ name: string; started_at: Date; stopped_at: Date | null }>
  return rows.map((r) => ({ name: r.name, from: r.started_at, until: r.stopped_at }))
}
