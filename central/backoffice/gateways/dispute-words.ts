/** How the desk names the states of disputes and the parts of an answer. */
import type { EvidencePart } from '../../../shared/payments/gateway-disputes.js'
import type { Dispute, DisputeStatus } from '../../../tenant/billing/payments/disputes/dispute.js'

export interface Badge { readonly label: string; readonly tone: string }
export const stateWords: Readonly<Record<DisputeStatus, Badge>> = {
  inquiry: { label: 'Question', tone: 'warn' }, open: { label: 'Money held', tone: 'bad' }, won: { label: 'Won', tone: 'good' }, lost: { label: 'Lost', tone: 'bad' }, closed: { label: 'Closed', tone: 'calm' },
}

/** What is to be done, or what is waited for; null when it is over. */
export function turnOf(dispute: Dispute, now: Date): Badge | null {
  if (!dispute.isOpen) return null
  if (!dispute.needsAnswer) return { label: 'Under review', tone: 'wait' }
  return dispute.isLate(now) ? { label: 'Too late', tone: 'bad' } : { label: 'Needs an answer', tone: 'warn' }
}

export interface PartWords { readonly label: string; readonly hint?: string; readonly rows?: number; readonly most: number }
/** In the order in which they are asked for and shown. */
export const partWords: Readonly<Record<EvidencePart, PartWords>> = {
  statement: { label: 'What happened', hint: 'Your side in a few sentences: what was ordered, delivered and used, and why the customer is not right. Be brief; those who decide read many.', rows: 6, most: 4000 },
  agreement: { label: 'Order and agreement', hint: 'When and how the customer ordered and agreed to the terms.', rows: 4, most: 4000 },
  productDescription: { label: 'What was bought', rows: 3, most: 4000 },
  servicePeriod: { label: 'Days that the payment is for', most: 200 },
  accessLog: { label: 'Sign-ins and use', hint: 'A line each, with time and IP address. The strongest proof for a service.', rows: 10, most: 30_000 },
  customerName: { label: 'Name of the customer', most: 120 },
  customerEmail: { label: 'E-mail address of the customer', most: 254 },
  customerAddress: { label: 'Billing address', rows: 4, most: 1000 },
  purchaseIp: { label: 'IP address of the order', most: 45 },
  refundPolicy: { label: 'Refund policy', hint: 'And where the customer saw it.', rows: 3, most: 4000 },
  cancellationPolicy: { label: 'Cancellation policy', hint: 'And where the customer saw it.', rows: 3, most: 4000 },
}
export const evidenceParts = Object.keys(partWords) as EvidencePart[]

const eventWords: Readonly<Record<string, readonly [title: string, icon: string, tone: string]>> = {
  'dispute.inquired': ['The customer asks about the payment', 'help-circle', 'warn'], 'dispute.opened': ['Opened: the gateway holds the money', 'alert-triangle', 'bad'], 'dispute.due-soon': ['Staff was reminded of the deadline', 'bell', 'warn'],
  'dispute.answer-drafted': ['Answer saved as a draft', 'pencil', 'calm'], 'dispute.answer-approved': ['Answer sent off', 'send', 'wait'], 'dispute.answered': ['The gateway has the answer', 'mail-check', 'good'],
  'dispute.answer-returned': ['The answer did not arrive', 'alert-circle', 'bad'], 'dispute.acceptance-approved': ['Decided to give in', 'flag', 'wait'], 'dispute.accepted': ['Given in at the gateway', 'flag', 'calm'],
  'dispute.won': ['Won: the money is back', 'circle-check', 'good'], 'dispute.lost': ['Lost', 'circle-x', 'bad'], 'dispute.closed': ['Closed without money having moved', 'lock', 'calm'],
}
export const disputeMoment = (type: string): { title: string; icon: string; tone: string } => {
  const [title, icon, tone] = eventWords[type] ?? [type, 'point', 'calm']
  return { title, icon, tone }
}
