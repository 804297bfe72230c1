/** Takes what an invoice still wants from a saved method, once. The customer may be present (bank page possible) or not. */
import { Refusal } from '../../../shared/errors.js'
import { clock } from '../../../shared/time/clock.js'
import type { Invoice } from '../invoices/invoice.js'
import { claimAttempt } from './claim-attempt.js'
import type { Payment } from './payment.js'
import { PaymentMethod } from './methods/payment-method.js'
import { sendAttempt } from './send-attempt.js'
import { closeBankPage } from './close-bank-page.js'

/** What is charged: a saved method, or (`id` null) a checkout that the customer approves at the gateway. */
export interface PaymentSource {
  readonly id: number | null
  readonly gatewayAccountId: number
}

export type ChargeOutcome =
  | { readonly kind: 'paid'; readonly payment: Payment }
  | { readonly kind: 'declined'; readonly payment: Payment }
  /** The customer must confirm with the bank. */
  | { readonly kind: 'needs-customer'; readonly payment: Payment }
  /** The gateway has not told the end yet, or its answer was lost. Do not pay again. */
  | { readonly kind: 'checking'; readonly payment: Payment }
  | { readonly kind: 'nothing-due' }
  /** Below the gateway's minimum: it waits until more is due. */
  | { readonly kind: 'too-small' }
  /** Another attempt was made since the caller looked; look again. */
  | { readonly kind: 'moved' }

export interface ChargeOptions {
  /** Default: the customer's default method. */
  readonly method?: PaymentSource
  readonly offSession: boolean
  /** Only if this is still the number of the invoice's last attempt: a second click, or a second worker, finds `moved`. */
  readonly after?: number
}

/**
 * Claim, call, settle. Repeating it never charges twice: an attempt that is open is resumed with its own key or left alone.
 * Throws Refusal when there is no method to charge.
 */
export async function chargeInvoice(invoice: Invoice, { method: given, offSession, after }: ChargeOptions, now = clock.now()): Promise<ChargeOutcome> {
  const method = given ?? (await PaymentMethod.activeOf(invoice.userId))[0]
  if (!method) throw new Refusal('payment.no-method', 'There is no saved payment method. Add one first.')
  for (let round = 0; ; round++) {
    const claim = await claimAttempt(invoice.id, method, offSession, now, round ? undefined : after)
    if (claim.kind === 'nothing-due' || claim.kind === 'too-small' || claim.kind === 'moved') return claim
    if (claim.kind === 'claimed' || claim.payment.status === 'pending') return outcomeOf(await sendAttempt(claim.payment))
    if (round > 0 || claim.payment.status !== 'requires_action' || !mayReplace(claim.payment, method, offSession)) return outcomeOf(claim.payment)
    const closed = await closeBankPage(claim.payment, now)
    if (closed.isOpen || closed.status === 'succeeded') return outcomeOf(closed)
  }
}

/** An open bank page gives way to a charge without the customer, or to another card of his choice. The same card keeps its page. */
function mayReplace(open: Payment, method: PaymentSource, offSession: boolean): boolean {
  return offSession || open.paymentMethodId !== method.id
}

export function outcomeOf(payment: Payment): ChargeOutcome {
  if (payment.status === 'succeeded') return { kind: 'paid', payment }
  if (payment.status === 'requires_action') return { kind: 'needs-customer', payment }
  if (payment.status === 'failed' && payment.failureCode === 'amount_too_small') return { kind: 'too-small' }
  return { kind: payment.status === 'failed' || payment.status === 'canceled' ? 'declined' : 'checking', payment }
}
