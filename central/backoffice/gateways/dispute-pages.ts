/** Disputes, as the desk shows them. */
import { stringify } from 'csv-stringify/sync'
import type { Request } from 'express'
import type { z } from 'zod'
import { applyPaging, parsePaging } from '../../../shared/database/paging.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { query } from '../../../shared/http/form.js'
import { Money } from '../../../shared/money/money.js'
import { clock } from '../../../shared/time/clock.js'
import { Dispute, type DisputeStatus } from '../../../tenant/billing/payments/disputes/dispute.js'
import { answerFor, disputePolicy } from '../../../tenant/billing/payments/disputes/dispute-policy.js'
import { GatewayAccount } from '../../../tenant/billing/payments/gateways/gateway-account.js'
import { reasonWords } from '../../../tenant/billing/payments/disputes/dispute-reasons.js'
import { stateWords, turnOf } from './dispute-words.js'
import { disputesQuery } from './forms.js'

const rules = { sortable: { opened: 'opened_at', due: 'respond_by', amount: 'amount_minor' }, default: '-opened' } as const
/** What must be answered comes by its deadline. */
const urgent = { ...rules, default: 'due' } as const
const mostCsvRows = 10_000
type Show = NonNullable<z.infer<typeof disputesQuery>['state']>
const chips: ReadonlyArray<[show: Show, label: string]> = [['needs-answer', 'Needs an answer'], ['review', 'Under review'], ...(Object.keys(stateWords) as DisputeStatus[]).map((s): [Show, string] => [s, stateWords[s].label])]

function disputesLike(show: Show | undefined, now: Date) {
  const wanted = Dispute.query()
  if (show === 'needs-answer') return Dispute.waiting(now)
  if (show === 'review') return wanted.whereIn('status', ['inquiry', 'open']).where({ needsAnswer: false })
  return show ? wanted.where('status', show) : wanted
}

async function namesOf(disputes: readonly Dispute[]): Promise<{ users: Map<number, { name: string; publicId: string }>; payments: Map<number, string> }> {
  const users = (await tenantDb()('users').whereIn('id', disputes.map((d) => d.userId)).select('id', 'name', 'public_id')) as Array<{ id: number; name: string; public_id: string }>
  const payments = (await tenantDb()('payments').whereIn('id', disputes.map((d) => d.paymentId)).select('id', 'public_id')) as Array<{ id: number; public_id: string }>
  return { users: new Map(users.map((u) => [u.id, { name: u.name, publicId: u.public_id }])), payments: new Map(payments.map((p) => [p.id, p.public_id])) }
}

export async function disputesView(req: Request, base: string): Promise<object> {
  const { state } = query(disputesQuery, req)
  const now = clock.now()
  const paging = parsePaging(req.query, state === 'needs-answer' ? urgent : rules)
  const paged = await applyPaging(disputesLike(state, now), paging)
  const { users, payments } = await namesOf(paged.rows)
  const labels = new Map((await GatewayAccount.query()).map((a) => [a.id, a.label]))
  const here = `${base}/gateways/disputes`
  const link = (more: Record<string, string>): string => `${here}?${new URLSearchParams(Object.entries({ state: state ?? '', sort: `${paging.descending ? '-' : ''}${paging.sort}`, ...more }).filter(([, v]) => v))}`
  const row = (d: Dispute) => ({
    href: `${here}/${d.publicId}`, title: reasonWords(d.reason).title, turn: turnOf(d, now),
    customer: users.get(d.userId)?.name ?? '—', customerHref: `${base}/customers/${users.get(d.userId)?.publicId ?? ''}`, paymentHref: `${base}/payments/${payments.get(d.paymentId) ?? ''}`, amount: { minor: d.amountMinor, currency: d.currency },
    gateway: labels.get(d.gatewayAccountId) ?? '—', id: d.gatewayDisputeId, reason: d.reasonText, state: stateWords[d.status], openedAt: d.openedAt, respondBy: d.isWaiting(now) ? d.respondBy : null,
  })
  return {
    disputes: paged.rows.map(row), filtered: Boolean(state),
    csvHref: `${here}.csv${state ? `?state=${state}` : ''}`, heads: Object.fromEntries((['opened', 'due', 'amount'] as const).map((name) => [name, link({ sort: paging.sort === name && !paging.descending ? `-${name}` : name })])),
    chips: [{ href: here, label: 'All', current: !state }, ...(await Promise.all(chips.map(async ([show, label]) => ({ href: `${here}?state=${show}`, label, current: state === show, ...(show === 'needs-answer' ? { count: await Dispute.waiting(now).resultSize() } : {}) }))))],
    summary: paged.total ? `${paged.from}–${paged.to} of ${paged.total}` : '', previousHref: paged.page > 1 ? link({ page: String(paged.page - 1) }) : null, nextHref: paged.page < paged.pages ? link({ page: String(paged.page + 1) }) : null,
  }
}

/** The rows of the list, on all its pages, the newest first. */
export async function disputesCsv(req: Request): Promise<string> {
  const disputes = await disputesLike(query(disputesQuery, req).state, clock.now()).orderBy('id', 'desc').limit(mostCsvRows)
  const { users, payments } = await namesOf(disputes)
  const lines = disputes.map((d) => ({
    opened: d.openedAt.toISOString(), customer: users.get(d.userId)?.name ?? '', reason: d.reasonText, amount: Money.of(d.amountMinor, d.currency).toString(), currency: d.currency, state: stateWords[d.status].label, answer_before: d.respondBy?.toISOString() ?? '',
    answered: d.answeredAt?.toISOString() ?? '', closed: d.closedAt?.toISOString() ?? '', payment: payments.get(d.paymentId) ?? '', reference: d.gatewayDisputeId,
  }))
  return stringify(lines, { header: true, record_delimiter: '\r\n', escape_formulas: true })
}

const answers = [{ value: 'nothing', label: 'Do nothing' }, { value: 'suspend', label: 'Suspend what the payment paid for' }] as const

/** One choice for each type of service that the shop has. */
export async function policyView(types: readonly string[], input?: Readonly<Record<string, unknown>>): Promise<object> {
  const policy = await disputePolicy.read()
  const chosen = (name: string, kept: string): string => (typeof input?.[name] === 'string' ? (input[name] as string) : kept)
  return { answers, fallback: chosen('default', policy.default), types: types.map((type) => ({ name: `type.${type}`, label: labelOf(type), value: chosen(`type.${type}`, answerFor(policy, type)) })) }
}
const labelOf = (type: string): string => type.charAt(0).toUpperCase() + type.slice(1).replaceAll('_', ' ')
