/** One dispute at the desk: what it is about, what usually wins, until when, what was sent, and by whom. */
import { centralDb } from '../../../shared/database/central-database.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { eventFromRow, type RecordedEvent } from '../../../shared/events/event.js'
import type { Evidence } from '../../../shared/payments/gateway-disputes.js'
import { Customer } from '../../../tenant/customers/customer.js'
import { DisputeAnswer } from '../../../tenant/billing/payments/disputes/dispute-answer.js'
import { reasonWords } from '../../../tenant/billing/payments/disputes/dispute-reasons.js'
import type { Dispute } from '../../../tenant/billing/payments/disputes/dispute.js'
import { draftEvidence } from '../../../tenant/billing/payments/disputes/draft-evidence.js'
import { evidenceFacts } from '../../../tenant/billing/payments/disputes/evidence-facts.js'
import { invoicesOf } from '../../../tenant/billing/payments/disputes/receipt.js'
import { GatewayAccount } from '../../../tenant/billing/payments/gateways/gateway-account.js'
import { Payment } from '../../../tenant/billing/payments/payment.js'
import { disputeMoment, evidenceParts, partWords, stateWords, turnOf } from './dispute-words.js'

type Input = Readonly<Record<string, unknown>>

/** What every page of a dispute shows of it. */
export async function disputeHead(dispute: Dispute, base: string, now: Date) {
  const account = await GatewayAccount.findOwned<GatewayAccount>({ id: dispute.gatewayAccountId })
  const customer = await Customer.findOwned<Customer>({ id: dispute.userId })
  const answer = await DisputeAnswer.latest(dispute.id)
  const waiting = dispute.isWaiting(now) && !answer?.isUnderWay
  return {
    here: `${base}/gateways/disputes/${dispute.publicId}`, list: `${base}/gateways/disputes`, amount: { minor: dispute.amountMinor, currency: dispute.currency }, gateway: account.label, gatewayDisputeId: dispute.gatewayDisputeId,
    customer: customer.name, customerHref: `${base}/customers/${customer.publicId}`, reason: reasonWords(dispute.reason), reasonWord: dispute.reasonText, state: stateWords[dispute.status], turn: turnOf(dispute, now), isOpen: dispute.isOpen,
    respondBy: dispute.respondBy, waiting, isInquiry: dispute.status === 'inquiry', refusal: dispute.refusalToAnswer(now, answer)?.message ?? null, canAnswer: dispute.refusalToAnswer(now, answer) === null, canAccept: dispute.refusalToAccept(now, answer) === null,
    answer: answer && { underWay: answer.isUnderWay, isDraft: answer.status === 'draft', problem: answer.problem, version: answer.version, savedAt: answer.updatedAt },
  }
}

export async function disputePage(dispute: Dispute, base: string, now: Date) {
  const payment = await Payment.findOwned<Payment>({ id: dispute.paymentId })
  const invoices = await invoicesOf(dispute)
  const sent = await DisputeAnswer.query().where({ disputeId: dispute.id }).whereNot({ status: 'draft' }).orderBy('round')
  const rows = (await tenantDb()('events').where({ subject_type: 'disputes', subject_id: dispute.id }).orderBy('id', 'desc').limit(50)) as Array<Record<string, unknown> & { id: number }>
  return {
    ...(await disputeHead(dispute, base, now)), openedAt: dispute.openedAt, closedAt: dispute.closedAt, paymentHref: `${base}/payments/${payment.publicId}`, paidAt: payment.settledAt, paymentAmount: payment.amount, refundHref: `${base}/payments/${payment.publicId}/refund`,
    invoices: invoices.map((i) => ({ label: i.label, href: `${base}/invoices/${i.publicId}` })), elsewhere: dispute.submissions > sent.filter((a) => a.status === 'sent' && a.kind === 'evidence').length,
    answers: sent.map((a) => ({
      title: a.kind === 'acceptance' ? 'Given in' : 'Answer', status: a.status === 'sent' ? 'sent' : 'processing', at: a.settledAt ?? a.claimedAt, accepted: a.kind === 'acceptance', receipt: a.receiptName, parts: a.kind === 'evidence' ? shownParts(a.evidence) : [],
    })),
    events: rows.map(eventFromRow),
  }
}

/** The people behind the events, by name; outside of the tenant, as people belong to the platform. */
export async function disputeHistory(events: readonly RecordedEvent[]): Promise<object[]> {
  const names = async (table: 'staff' | 'members', kind: string): Promise<Array<[string, string]>> =>
    ((await centralDb()(table).whereIn('id', events.filter((e) => e.actorKind === kind).map((e) => e.actorId ?? 0)).select('id', 'name')) as Array<{ id: number; name: string }>).map(({ id, name }) => [`${kind} ${id}`, name])
  const known = new Map([...(await names('staff', 'staff')), ...(await names('members', 'member'))])
  const why = ({ data }: RecordedEvent): string | null => (typeof data['why'] === 'string' ? data['why'] : null)
  return events.map((e) => ({ ...disputeMoment(e.type), text: why(e), at: e.occurredAt, by: known.get(`${e.actorKind} ${e.actorId}`) ?? null }))
}

/** What is said, part by part; what is empty is left out. */
export const shownParts = (evidence: Evidence): object[] => evidenceParts.filter((part) => evidence[part]).map((part) => ({ label: partWords[part].label, text: evidence[part], lines: evidence[part].split('\n'), long: part === 'accessLog' }))

/** The form: what was typed, else the draft, else what we know. `fresh`: what we know, whatever the draft says. */
export async function answerForm(dispute: Dispute, base: string, now: Date, fresh: boolean, errors: Readonly<Record<string, string>> = {}, input?: Input): Promise<object> {
  const draft = await DisputeAnswer.latest(dispute.id)
  const kept = draft?.status === 'draft' && !fresh && Object.values(draft.evidence).some(Boolean) ? draft : null
  const evidence = kept?.evidence ?? draftEvidence(await evidenceFacts(dispute))
  const [invoice] = await invoicesOf(dispute)
  return {
    ...(await disputeHead(dispute, base, now)), fromDraft: kept !== null, invoice: invoice?.label ?? null, attachReceipt: input ? input['attachReceipt'] === 'on' : kept ? kept.attachReceipt : invoice !== undefined,
    fields: Object.fromEntries(evidenceParts.map((part) => [part, { name: part, ...partWords[part], multiline: partWords[part].rows !== undefined, error: errors[part], value: input ? (input[part] ?? '') : evidence[part] }])),
  }
}

/** Exactly what would be sent now; null while nothing is written. */
export async function previewPage(dispute: Dispute, base: string, now: Date): Promise<object | null> {
  const draft = await DisputeAnswer.latest(dispute.id)
  if (draft?.status !== 'draft' || !Object.values(draft.evidence).some(Boolean)) return null
  const [invoice] = await invoicesOf(dispute)
  return { ...(await disputeHead(dispute, base, now)), parts: shownParts(draft.evidence), missing: draft.evidence.statement === '', receipt: draft.attachReceipt ? (invoice?.label ?? null) : null, version: draft.version }
}
