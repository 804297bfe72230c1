/**
 * The contract of a payment gateway. Implementations: stripe-gateway.ts, paypal-gateway.ts. `gateway.contract.ts` runs one set of cases against each.
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

/** As our payments row will say it. `requires_action`: the customer must confirm with the bank, or approve at PayPal, at `actionUrl`. `processing`: the gateway will tell later. */
export type PaymentState = 'requires_action' | 'processing' | 'succeeded' | 'failed' | 'canceled'

export interface Failure {
  /** Most specific code of the gateway: `insufficient_funds`, `lost_card`, `authentication_required`. */
  readonly code: string
  /** A sentence fit to show to the customer. */
  readonly message: string
  /** Trying the same method again is useless or forbidden until the customer acts. */
  readonly hard: boolean
  /** The customer could succeed when present: bank authentication is wanted. */
  readonly needsCustomer: boolean
}

export interface GatewayPayment {
  /** The gateway's id, e.g. `pi_…`; at PayPal the order's. PayPal makes no order for a charge that it refuses: then `refused-<attempt>`. */
  readonly id: string
  readonly status: PaymentState
  /** What was asked for, in our minor units. */
  readonly amountMinor: number
  /** What has arrived; 0 until it succeeded. */
  readonly receivedMinor: number
  /** ISO 4217, upper case. */
  readonly currency: string
  readonly customerId: string | null
  readonly methodId: string | null
  /** What we wrote on it: `tenant`, `attempt` and, where there is one, `invoice`. Routes events to rows; strings that are not ours are compared, never trusted. */
  readonly metadata: Readonly<Record<string, string>>
  readonly failure: Failure | null
  /** Where the customer confirms; only with `requires_action`, and null once the customer has approved: then completePayment() takes the money. */
  readonly actionUrl: string | null
}

export interface GatewayMethod {
  readonly id: string
  /** Null once it was removed at the gateway. PayPal forgets removed methods: what it does not know is answered as removed. */
  readonly customerId: string | null
  /** `visa`, `us_bank_account`, `paypal`. */
  readonly brand: string | null
  readonly last4: string | null
  /** Whose account it is, for methods that are no cards: the payer's address at PayPal. */
  readonly account: string | null
  readonly expMonth: number | null
  readonly expYear: number | null
}

export interface GatewaySetup {
  readonly id: string
  readonly status: 'open' | 'requires_action' | 'processing' | 'succeeded' | 'canceled'
  readonly customerId: string | null
  readonly method: GatewayMethod | null
  readonly metadata: Readonly<Record<string, string>>
  /** The last refusal of a card, fit to show. */
  readonly problem: string | null
  /** For the card form of this customer's browser only. Never log, never store. */
  readonly clientSecret: string
  /** Where the customer confirms, when the status asks for it. */
  readonly actionUrl: string | null
}

export interface GatewayRefund {
  readonly id: string
  /** A refund may still fail after it succeeded: then the money is back on the account. */
  readonly status: 'pending' | 'succeeded' | 'failed' | 'canceled'
  readonly amountMinor: number
  readonly currency: string
  /** The payment it belongs to; null when the gateway does not say (PayPal names the capture only). */
  readonly paymentId: string | null
  /** The gateway's word for why it failed. */
  readonly failure: string | null
  /** Our marks `tenant`, `refund`, `attempt`, as far as the gateway keeps them. */
  readonly metadata: Readonly<Record<string, string>>
}

export interface GatewayDispute {
  readonly id: string
  /** `inquiry`: a question, no money has moved. `open`: the gateway holds the money. `closed`: over without money having moved. */
  readonly status: 'inquiry' | 'open' | 'won' | 'lost' | 'closed'
  readonly amountMinor: number
  readonly currency: string
  /** The gateway's word: `fraudulent`, `MERCHANDISE_OR_SERVICE_NOT_RECEIVED`. */
  readonly reason: string
  readonly paymentId: string | null
  /** Our mark on the disputed payment. */
  readonly attempt: string | null
  readonly tenant: string | null
  readonly respondBy: Date | null
}

/** One movement of the account's balance, for the daily comparison with our ledger. */
export interface GatewayTransaction {
  readonly id: string
  readonly kind: 'charge' | 'refund' | 'refund-failure' | 'dispute' | 'dispute-reversal' | 'other'
  /** Signed, without the gateway's fee: a charge is positive, a refund negative. Our minor units. */
  readonly amountMinor: number
  readonly feeMinor: number
  readonly currency: string
  readonly at: Date
  /** Our `payments.gateway_payment_id`; null when the gateway does not name it (PayPal): then go by `attempt`. */
  readonly paymentId: string | null
  /** Our mark: `payments.public_id`. */
  readonly attempt: string | null
  readonly tenant: string | null
  /** The gateway's id of the refund or dispute; null when the list does not name it (PayPal's disputes): then go by `attempt`. */
  readonly sourceId: string | null
}

/** What an event is about; decides which object is fetched again. */
export type EventSubject = 'payment' | 'setup' | 'method' | 'refund' | 'dispute' | 'other'

/** A verified event. Only a hint: its object may be old, so whoever processes it fetches the object again. */
export interface GatewayEvent {
  readonly id: string
  readonly type: string
  readonly about: EventSubject
  /** Id to fetch by, of the kind that `about` says; for `payment` it is the id of retrievePayment(). */
  readonly objectId: string
  /** The customer's mark on a setup. */
  readonly user: string | null
  readonly apiVersion: string | null
}

/** A header of the request that brought an event. */
export type HeaderOf = (name: string) => string | undefined

/** Written on everything we make, so that an event finds its row, and only in its own tenant. PayPal has room for `tenant`, `invoice`, `attempt` and `refund` only. */
export interface Marks {
  readonly tenant: string
  readonly [name: string]: string
}

export interface CustomerRequest {
  readonly key: string
  readonly email: string
  readonly name: string
  readonly marks: Marks
}
export interface SetupRequest {
  readonly key: string
  readonly customerId: string
  readonly marks: Marks
  /** Where the customer comes back to. PayPal adds `approval_token_id=<setup id>`; a card form gets its own address. */
  readonly returnUrl: string
  readonly cancelUrl: string
  /** The shop's name, shown to the customer at PayPal. */
  readonly brandName: string
}
/** A payment without a saved method: the customer approves it on the gateway's own page. */
export interface CheckoutRequest {
  /** Of the attempt row; committed before the call. */
  readonly key: string
  readonly customerId: string
  readonly amountMinor: number
  readonly currency: string
  /** Where the customer comes back to, having approved; the gateway is asked, the address is not believed. */
  readonly returnUrl: string
  readonly cancelUrl: string
  readonly description: string
  readonly brandName: string
  readonly marks: Marks & { readonly attempt: string }
}
export interface ChargeRequest {
  /** Of the attempt row; committed before the call. At most 255 characters. */
  readonly key: string
  readonly customerId: string
  readonly methodId: string
  /** More than zero. */
  readonly amountMinor: number
  readonly currency: string
  /** The customer is not here: no bank page is possible, a card that wants one says no. */
  readonly offSession: boolean
  /** Where the bank sends the customer back; used on session. */
  readonly returnUrl: string
  readonly description: string
  readonly marks: Marks & { readonly attempt: string }
}
export interface RefundRequest {
  readonly key: string
  readonly paymentId: string
  readonly amountMinor: number
  readonly currency: string
  /** `refund`: public id of our row, for finding it when the answer was lost. */
  readonly marks: Marks & { readonly refund: string }
}

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

/** An event that is not from the gateway, or not for this account, or too old. HTTP 400; nothing is stored. */
export class BadWebhook extends Error {
  readonly status = 400
  constructor(message: string) {
    super(message)
    this.name = 'BadWebhook'
  }
}
