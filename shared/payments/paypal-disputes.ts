/** PayPal's disputes: how they stand, and our answer. The SDK lacks them. https://developer.paypal.com/docs/api/customer-disputes/v1/ */
import { createHash } from 'node:crypto'
import type { AcceptRequest, Evidence, EvidenceFile, EvidenceRequest, GatewayDispute } from './gateway-disputes.js'
import type { PaypalAccount } from './paypal-account.js'
import { minorOf } from './paypal-amounts.js'
import { callPaypal } from './paypal-client.js'
import { orderMarks, requestId } from './paypal-marks.js'

interface RawDispute {
  dispute_id: string
  reason?: string
  status?: string
  dispute_life_cycle_stage?: string
  dispute_amount: { currency_code: string; value: string }
  disputed_transactions?: Array<{ custom?: string; seller_transaction_id?: string }>
  dispute_outcome?: { outcome_code?: string; amount_refunded?: { currency_code: string; value: string } }
  seller_response_due_date?: string
  evidences?: Array<{ source?: string; date?: string }>
}
const lost = new Set(['RESOLVED_BUYER_FAVOUR', 'ACCEPTED'])
const won = new Set(['RESOLVED_SELLER_FAVOUR', 'RESOLVED_WITH_PAYOUT', 'CANCELED_BY_BUYER', 'DENIED'])
const pathOf = (id: string): string => `/v1/customer/disputes/${encodeURIComponent(id)}`

/** PayPal holds the money from the first question on, so every stage counts as open. */
export async function retrievePaypalDispute(account: PaypalAccount, id: string): Promise<GatewayDispute> {
  const raw = (await callPaypal(account, 'GET', pathOf(id))).json as RawDispute
  const { metadata } = orderMarks(raw.disputed_transactions?.[0]?.custom)
  return {
    id: raw.dispute_id, status: raw.status === 'RESOLVED' ? outcomeOf(raw) : 'open', needsAnswer: raw.status === 'WAITING_FOR_SELLER_RESPONSE', submissions: submissionsOf(raw),
    amountMinor: minorOf({ currencyCode: raw.dispute_amount.currency_code, value: raw.dispute_amount.value }), currency: raw.dispute_amount.currency_code, reason: raw.reason ?? 'OTHER',
    paymentId: null, attempt: metadata['attempt'] ?? null, tenant: metadata['tenant'] ?? null, respondBy: raw.seller_response_due_date ? new Date(raw.seller_response_due_date) : null,
  }
}
function outcomeOf(raw: RawDispute): 'won' | 'lost' {
  const code = raw.dispute_outcome?.outcome_code ?? ''
  if (lost.has(code)) return 'lost'
  return won.has(code) || !raw.dispute_outcome?.amount_refunded ? 'won' : 'lost'
}
/** Pieces that came together carry one time. */
const submissionsOf = (raw: RawDispute): number => new Set((raw.evidences ?? []).filter((e) => e.source === 'SUBMITTED_BY_SELLER').map((e) => e.date)).size

/** What PayPal takes of a note. */
const NOTE = 2000
interface Piece { evidence_type: string; notes?: string; documents?: Array<{ name: string }> }

/** Longer texts become several notes of one kind, cut between lines where there are any. */
function notesOf(text: string): string[] {
  if (text.length <= NOTE) return text === '' ? [] : [text]
  const cut = text.lastIndexOf('\n', NOTE)
  const end = cut > 0 ? cut : NOTE
  return [text.slice(0, end), ...notesOf(text.slice(end).replace(/^\n/, ''))]
}

function piecesOf(e: Evidence, receipt: EvidenceFile | null): Piece[] {
  const buyer = [e.customerName, e.customerEmail, e.customerAddress, e.purchaseIp && `Ordered from the address ${e.purchaseIp}`].filter(Boolean).join('\n')
  const kinds: Array<[type: string, text: string]> = [
    ['OTHER', e.statement], ['ORDER_DETAILS', [e.agreement, buyer].filter(Boolean).join('\n\n')], ['ITEM_DESCRIPTION', [e.productDescription, e.servicePeriod].filter(Boolean).join('\n')],
    ['PROOF_FOR_SOFTWARE_OR_SERVICE_DELIVERED', e.accessLog], ['RETURN_POLICY', [e.refundPolicy, e.cancellationPolicy].filter(Boolean).join('\n\n')],
  ]
  const notes = kinds.flatMap(([type, text]) => notesOf(text).map((part) => ({ evidence_type: type, notes: part })))
  return receipt ? [...notes, { evidence_type: 'PROOF_OF_RECEIPT_COPY', documents: [{ name: receipt.filename }] }] : notes
}

/** `multipart/form-data` with a border made from the key: the same request is the same bytes, however often it is sent. */
function parcelOf(key: string, pieces: readonly Piece[], receipt: EvidenceFile | null): { type: string; bytes: Buffer } {
  const border = `evidence-${createHash('sha256').update(key).digest('hex').slice(0, 32)}`
  const part = (name: string, type: string, content: Buffer, filename?: string): Buffer =>
    Buffer.concat([Buffer.from(`--${border}\r\nContent-Disposition: form-data; name="${name}"${filename ? `; filename="${filename.replace(/["\r\n]/g, '-')}"` : ''}\r\nContent-Type: ${type}\r\n\r\n`), content, Buffer.from('\r\n')])
  const parts = [part('input', 'application/json', Buffer.from(JSON.stringify({ evidences: pieces }))), ...(receipt ? [part('file1', receipt.contentType, receipt.content, receipt.filename)] : [])]
  return { type: `multipart/form-data; boundary=${border}`, bytes: Buffer.concat([...parts, Buffer.from(`--${border}--\r\n`)]) }
}

export async function submitPaypalEvidence(account: PaypalAccount, { key, disputeId, evidence, receipt }: EvidenceRequest): Promise<void> {
  const { type, bytes } = parcelOf(key, piecesOf(evidence, receipt), receipt)
  await callPaypal(account, 'POST', `${pathOf(disputeId)}/provide-evidence`, bytes, { 'content-type': type, 'paypal-request-id': requestId(key) })
}

/** All of the money goes back to the customer. */
export async function acceptPaypalDispute(account: PaypalAccount, { key, disputeId }: AcceptRequest): Promise<void> {
  await callPaypal(account, 'POST', `${pathOf(disputeId)}/accept-claim`, { note: 'We accept this claim.', accept_claim_type: 'REFUND' }, { 'paypal-request-id': requestId(key) })
}
