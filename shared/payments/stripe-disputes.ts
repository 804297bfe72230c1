/** Stripe's disputes: how they stand, and our answer. https://docs.stripe.com/api/disputes, https://docs.stripe.com/disputes/api */
import type Stripe from 'stripe'
import { fromGatewayAmount } from '../money/currency.js'
import type { AcceptRequest, Evidence, EvidenceFile, EvidenceRequest, GatewayDispute } from './gateway-disputes.js'
import { idOf } from './stripe-answers.js'

/** What is not listed is still being argued about: the money is away. */
const states: Readonly<Record<string, GatewayDispute['status']>> = {
  warning_needs_response: 'inquiry', warning_under_review: 'inquiry', warning_closed: 'closed', prevented: 'closed', won: 'won', lost: 'lost',
}

/** Expects `payment_intent` to be expanded: our marks stand there. */
export function disputeFrom(dispute: Stripe.Dispute): GatewayDispute {
  const currency = dispute.currency.toUpperCase()
  const intent = typeof dispute.payment_intent === 'object' ? dispute.payment_intent : null
  const { due_by: due, submission_count: submissions } = dispute.evidence_details
  return {
    id: dispute.id, status: states[dispute.status] ?? 'open', needsAnswer: dispute.status.endsWith('needs_response'), submissions, amountMinor: fromGatewayAmount(dispute.amount, currency, 'stripe'), currency, reason: dispute.reason,
    paymentId: idOf(dispute.payment_intent), attempt: intent?.metadata.attempt ?? null, tenant: intent?.metadata.tenant ?? null, respondBy: due ? new Date(due * 1000) : null,
  }
}

/** Some reasons have a place of their own for the statement; elsewhere it stands before the facts of the agreement. */
const places: Readonly<Record<string, 'cancellation_rebuttal' | 'refund_refusal_explanation' | 'duplicate_charge_explanation'>> = {
  subscription_canceled: 'cancellation_rebuttal', credit_not_processed: 'refund_refusal_explanation', duplicate: 'duplicate_charge_explanation',
}

function fieldsOf(reason: string, e: Evidence): Stripe.DisputeUpdateParams.Evidence {
  const place = places[reason]
  const fields = {
    customer_name: e.customerName, customer_email_address: e.customerEmail, billing_address: e.customerAddress, customer_purchase_ip: e.purchaseIp, product_description: e.productDescription, service_date: e.servicePeriod,
    access_activity_log: e.accessLog, refund_policy_disclosure: e.refundPolicy, cancellation_policy_disclosure: e.cancellationPolicy,
    ...(place ? { [place]: e.statement } : {}), uncategorized_text: [place ? '' : e.statement, e.agreement].filter(Boolean).join('\n\n'),
  }
  return Object.fromEntries(Object.entries(fields).filter(([, text]) => text !== ''))
}

/** The file goes first; its key is made from the answer's, so a repeat names the same file and the same key carries the same request. */
export async function submitStripeEvidence(stripe: Stripe, { key, disputeId, reason, evidence, receipt }: EvidenceRequest): Promise<void> {
  const file = receipt ? { receipt: await upload(stripe, `${key}:receipt`, receipt) } : {}
  await stripe.disputes.update(disputeId, { evidence: { ...fieldsOf(reason, evidence), ...file }, submit: true }, { idempotencyKey: key })
}

async function upload(stripe: Stripe, key: string, { filename, contentType, content }: EvidenceFile): Promise<string> {
  return (await stripe.files.create({ purpose: 'dispute_evidence', file: { data: content, name: filename, type: contentType } }, { idempotencyKey: key })).id
}

export async function acceptStripeDispute(stripe: Stripe, { key, disputeId }: AcceptRequest): Promise<void> {
  await stripe.disputes.close(disputeId, {}, { idempotencyKey: key })
}
