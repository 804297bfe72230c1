/** Disputes, as the desk shows them. */
import type { Request } from 'express'
import { applyPaging, parsePaging } from '../../../shared/database/paging.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { query } from '../../../shared/http/form.js'
import { clock } from '../../../shared/time/clock.js'
import { Dispute, type DisputeStatus } from '../../../tenant/billing/payments/disputes/dispute.js'
import { answerFor, disputePolicy } from '../../../tenant/billing/payments/disputes/dispute-policy.js'
import { GatewayAccount } from '../../../tenant/billing/payments/gateways/gateway-account.js'
import { disputesQuery } from './forms.js'

const rules = { sortable: { opened: 'opened_at', due: 'respond_by', amount: 'amount_minor' }, default: '-opened' } as const
const words: Readonly<Record<DisputeStatus, { label: string; tone: string }>> = {
  inquiry: { label: 'Question', tone: 'warn' }, open: { label: 'Money held', tone: 'bad' }, won: { label: 'Won', tone: 'good' }, lost: { label: 'Lost', tone: 'bad' }, closed: { label: 'Closed', tone: 'calm' },
}

async function namesOf(disputes: readonly Dispute[]): Promise<{ users: Map<number, { name: string; publicId: string }>; payments: Map<number, string> }> {
  const users = (await tenantDb()('users').whereIn('id', disputes.map((d) => d.userId)).select('id', 'name', 'public_id')) as Array<{ id: number; name: string; public_id: string }>
  const payments = (await tenantDb()('payments').whereIn('id', disputes.map((d) => d.paymentId)).select('id', 'public_id')) as Array<{ id: number; public_id: string }>
  return { users: new Map(users.map((u) => [u.id, { name: u.name, publicId: u.public_id }])), payments: new Map(payments.map((p) => [p.id, p.public_id])) }
}

export async function disputesView(req: Request, base: string): Promise<object> {
  const { state } = query(disputesQuery, req)
  const paging = parsePaging(req.query, rules)
  const paged = await applyPaging(Dispute.query().where((q) => void (state && q.where('status', state))), paging)
  const { users, payments } = await namesOf(paged.rows)
  const labels = new Map((await GatewayAccount.query()).map((a) => [a.id, a.label]))
  const here = `${base}/gateways/disputes`
  const link = (more: Record<string, string>): string => `${here}?${new URLSearchParams(Object.entries({ state: state ?? '', sort: `${paging.descending ? '-' : ''}${paging.sort}`, ...more }).filter(([, v]) => v))}`
  const now = clock.now()
  const row = (d: Dispute) => ({
    customer: users.get(d.userId)?.name ?? '—', customerHref: `${base}/customers/${users.get(d.userId)?.publicId ?? ''}`, paymentHref: `${base}/payments/${payments.get(d.paymentId) ?? ''}`, amount: { minor: d.amountMinor, currency: d.currency },
    gateway: labels.get(d.gatewayAccountId) ?? '—', id: d.gatewayDisputeId, reason: d.reasonText, state: words[d.status], openedAt: d.openedAt, respondBy: d.isOpen ? d.respondBy : null, late: d.isOpen && d.respondBy !== null && d.respondBy <= now,
  })
  return {
    disputes: paged.rows.map(row), filtered: Boolean(state),
    chips: [{ href: here, label: 'All', current: !state }, ...(Object.keys(words) as DisputeStatus[]).map((s) => ({ href: link({ state: s }), label: words[s].label, current: state === s }))],
    summary: paged.total ? `${paged.from}–${paged.to} of ${paged.total}` : '', previousHref: paged.page > 1 ? link({ page: String(paged.page - 1) }) : null, nextHref: paged.page < paged.pages ? link({ page: String(paged.page + 1) }) : null,
  }
}

const answers = [{ value: 'nothing', label: 'Do nothing' }, { value: 'suspend', label: 'Suspend what the payment paid for' }] as const

/** One choice for each type of service that the shop has. */
export async function policyView(types: readonly string[], input?: Readonly<Record<string, unknown>>): Promise<object> {
  const policy = await disputePolicy.read()
  const chosen = (name: string, kept: string): string => (typeof input?.[name] === 'string' ? (input[name] as string) : kept)
  return { answers, fallback: chosen('default', policy.default), types: types.map((type) => ({ name: `type.${type}`, label: labelOf(type), value: chosen(`type.${type}`, answerFor(policy, type)) })) }
}
const labelOf = (type: string): string => type.charAt(0).toUpperCase() + type.slice(1).replaceAll('_', ' ')
