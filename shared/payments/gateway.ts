/**
 * The contract of a payment gateway. Implementations: stripe-gateway.ts, paypal-gateway.ts. `gateway.contract.ts` runs one set of cases against each.
 * What is asked and answered stands by subject in `gateway-charges.ts` and its neighbours.
 *
 * Who may call: verbs of `tenant/billing/payments`, between claim and settle. Every method throws when a database transaction is open.
 * What may be repeated: every method. Those that act take a key made from our own row; the same key with the same request acts once,
 *   however often it is sent and whatever was lost on the way. The same key with another request is an error, never a second act.
 * What must never happen: two charges for one attempt; a lost answer reported as a decline; a card number, a client secret or a secret key in a log
 *   or in an error message; an amount changed by rounding on its way.
 * Errors: a card that says no is an answer (`status: 'failed'`), not an exception. OutsideError otherwise: `unknown` true means that the act may have
 *   happened and must be looked up before anything else; `unknown` false means that nothing happened; `retryable` means that later may help.
 */
import type { GatewayName } from '../money/currency.js'
import type { ChargeRequest, CheckoutRequest, GatewayPayment } from './gateway-charges.js'
import type { AcceptRequest, EvidenceRequest, GatewayDispute } from './gateway-disputes.js'
import type { GatewayEvent, HeaderOf } from './gateway-events.js'
import type { CustomerRequest, GatewayMethod, GatewaySetup, SetupRequest } from './gateway-methods.js'
import type { GatewayRefund, RefundRequest } from './gateway-refunds.js'
import type { GatewayTransaction } from './gateway-transactions.js'

export interface Gateway {
  readonly name: GatewayName
  /** Stripe: for the card form in the browser. PayPal: the client id. Null when there is none. */
  readonly publishableKey: string | null
  /** Origin of a simulated gateway, or null for the real one. Decides which card page is offered. */
  readonly simulatedAt: string | null
  /** Payments without a saved method are possible: startCheckout(). */
  readonly hasCheckout: boolean
  /** How long a key is surely remembered, in milliseconds. After that a repeat could charge again: look for the payment instead. */
  readonly keyLifeMs: number
  /** How far findPayment() and listTransactions() may lag behind, in milliseconds; 0: not at all. */
  readonly lagMs: number
  /** The gateway takes this currency at all. */
  takes(currency: string): boolean
  /** Every amount of this currency is a multiple of so many minor units, 1 almost everywhere. Charges go up to the next step; whoever asks for less than a step apart is refused. */
  stepOf(currency: string): number
  /** The gateway takes no amount this small; it waits until more is due. */
  tooSmall(amountMinor: number, currency: string): boolean
  /** Makes the customer; with a key that was used before, answers the same customer. Returns its id. */
  ensureCustomer(request: CustomerRequest): Promise<string>
  createSetup(request: SetupRequest): Promise<GatewaySetup>
  retrieveSetup(id: string): Promise<GatewaySetup>
  /** Keeps the method of a setup that the customer has approved; otherwise, and when it was kept before, answers how the setup stands. May be repeated. */
  completeSetup(id: string): Promise<GatewaySetup>
  /** Throws OutsideError code `resource_missing` when it does not exist for this account. */
  retrieveMethod(id: string): Promise<GatewayMethod>
  /** The method may not be charged any more. Already removed counts as done. */
  removeMethod(id: string): Promise<void>
  /** Charges once per key. */
  charge(request: ChargeRequest): Promise<GatewayPayment>
  /** Asks for a payment that the customer approves at the gateway; takes nothing yet. Throws Error unless `hasCheckout`. */
  startCheckout(request: CheckoutRequest): Promise<GatewayPayment>
  /**
   * Takes the money of a payment that the customer has approved (PayPal's capture), once, however often it is asked; a payment that is not approved, was
   * canceled or takes its money by itself is only looked at. Call it instead of retrievePayment() while our row is open, and only then.
   */
  completePayment(id: string): Promise<GatewayPayment>
  retrievePayment(id: string): Promise<GatewayPayment>
  /**
   * Looks for a payment whose answer was lost: by our attempt mark, among the customer's latest payments. Reads what is true now (no search index
   * that lags) and compares no clocks. Null: the gateway has not seen this attempt. Where `lagMs` is not 0 (PayPal has no such list, it is read from the
   * account's transactions), null proves nothing before that time is over; repeating the request under its key does, while the key lives.
   */
  findPayment(facts: { attempt: string; customerId: string }): Promise<GatewayPayment | null>
  /**
   * Makes sure that it can no longer succeed. Answers how it stands: one that had succeeded meanwhile stays `succeeded`. OutsideError `resource_missing`:
   * the gateway has forgotten it (PayPal does so with orders that nobody approved for some hours), so it cannot succeed either.
   */
  cancelPayment(id: string): Promise<GatewayPayment>
  refund(request: RefundRequest): Promise<GatewayRefund>
  retrieveRefund(id: string): Promise<GatewayRefund>
  /** Looks for a refund whose answer was lost, by our `refund` mark. Null: the gateway has not seen it. */
  findRefund(facts: { paymentId: string; refund: string }): Promise<GatewayRefund | null>
  retrieveDispute(id: string): Promise<GatewayDispute>
  /**
   * Gives our side of a dispute to those who decide it, once and for all: nothing can be added before they ask again. When it is not our turn (too late,
   * answered before, over) it is refused with `unknown` false. After a lost answer the dispute itself tells: it does not need an answer any more.
   */
  submitEvidence(request: EvidenceRequest): Promise<void>
  /** Gives in: the customer keeps the money, the dispute is lost. Cannot be undone. Not for an inquiry, where no money has moved: refund the payment. */
  acceptDispute(request: AcceptRequest): Promise<void>
  /** Movements of the account's balance with since ≤ at < until, oldest first. They may lag by `lagMs`. */
  listTransactions(span: { since: Date; until: Date }): Promise<GatewayTransaction[]>
  /** Throws BadWebhook unless body, signature and age hold; OutsideError when PayPal, which checks its own signatures, does not answer. */
  verifyWebhook(rawBody: Buffer, header: HeaderOf): Promise<GatewayEvent>
  /** Reads an event that was verified before it was stored. Throws BadWebhook when it is none. */
  readEvent(payload: string): GatewayEvent
  /** The account's keys work. Throws OutsideError otherwise. */
  check(): Promise<void>
  /** Makes the endpoint at the gateway for our address. `secret`: Stripe shows it only this once; null at PayPal. */
  registerWebhook(url: string): Promise<{ id: string; secret: string | null }>
  /** The gateway sends nothing there any more. Already gone counts as done. */
  removeWebhook(id: string): Promise<void>
}
