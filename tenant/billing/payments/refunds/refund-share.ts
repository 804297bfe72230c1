/**
 * How a refund to its source is made of invoices' money and of the customer's credit. Pure. A gateway that takes amounts in steps (dinars in tens of fils) charged
 * up to the next step and left the difference on the credit; here it comes back the same way, so that the refund and the books stay exact.
 */
import { Refusal } from '../../../../shared/errors.js'
import { Money } from '../../../../shared/money/money.js'

export interface RefundFacts {
  readonly wanted: Money
  /** Smallest step of the gateway, minor units; 1 where any amount is taken. */
  readonly step: number
  /** Of this payment: on invoices and not given back, and on the credit and not given back. Minor units. */
  readonly appliedLeft: number
  readonly creditLeft: number
  /** The customer's unspent credit, minor units. */
  readonly held: number
  /** It undoes a part of an invoice: exactly that much is owed, whatever the gateway can send. */
  readonly ofCreditNote: boolean
}
export interface RefundShare {
  /** What is sent. */
  readonly amount: Money
  /** Taken out of the customer's credit; below zero: that much of what is owed becomes credit, as the gateway cannot send it. */
  readonly fromCreditMinor: number
}

/** Throws Refusal `refund.step` or `refund.credit-spent`. */
export function shareOf(facts: RefundFacts): RefundShare {
  const share = facts.wanted.minor % facts.step === 0 ? exact(facts) : stepped(facts)
  if (share.fromCreditMinor > Math.max(0, facts.held)) throw spent(facts, share.fromCreditMinor)
  return share
}

/** Money of invoices first where a rest of rounding lies on the credit and for credit notes; otherwise what was paid too much goes first. */
function exact({ wanted, step, appliedLeft, creditLeft, ofCreditNote }: RefundFacts): RefundShare {
  const share = ofCreditNote || step > 1 ? Math.max(0, wanted.minor - appliedLeft) : Math.min(wanted.minor, creditLeft)
  return { amount: wanted, fromCreditMinor: share }
}

/** Up when this payment's own rest on the credit covers the difference and is unspent; otherwise down, and the difference becomes credit. */
function stepped({ wanted, step, creditLeft, held, ofCreditNote }: RefundFacts): RefundShare {
  const up = wanted.inSteps(step)
  const down = Money.of(up.minor - step, wanted.currency)
  if (!ofCreditNote) throw new Refusal('refund.step', `The payment provider sends ${wanted.currency} in steps of ${Money.of(step, wanted.currency).toString()} only: refund ${down.isPositive() ? `${down.toString()} or ` : ''}${up.toString()}.`)
  const more = up.minor - wanted.minor
  return more <= creditLeft && more <= held ? { amount: up, fromCreditMinor: more } : { amount: down, fromCreditMinor: down.minor - wanted.minor }
}

function spent({ wanted, held }: RefundFacts, share: number): Refusal {
  const text = (minor: number): string => Money.of(minor, wanted.currency).toString()
  return new Refusal('refund.credit-spent', `${text(share)} of this payment became credit, and only ${text(held)} of it is unspent.`)
}
