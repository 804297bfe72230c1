/**
 * The contract of a payment gateway. Implementations: stripe-gateway.ts. `gateway.contract.ts` runs one set of cases against each.
 *
 * Who may call: verbs of `tenant/billing/payments`, between claim and settle. Every method throws when a database transaction is open.
 * What may be repeated: every method. Those that act take a key made from our own row; the same key with the same request acts once,
 *   however often it is sent and whatever was lost on the way. The same key with another request is an error, never a second act.
 * What must never happen: two charges for one attempt; a lost answer reported as a decline; a card number, a client secret or a secret key in a log
 *   or in an error message; an amount changed by rounding on its way.
 * Errors: a card that says no is an answer (`status: 'failed'`), not an exception. OutsideError otherwise: `unknown` true means that the act may have
 *   happened and must be looked up before anything else; `unknown` false means that nothing happened; `retryable` means that later may help.
 */

/** As our payments row will say it. `requires_action`: the customer must confirm with the bank at `actionUrl`. `processing`: the gateway will tell later. */
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
  /** The gateway's id, e.g. `pi_…`. */
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
  /** What we wrote on it: `tenant`, `invoice`, `attempt`. Routes events to rows; strings that are not ours are compared, never trusted. */
  readonly metadata: Readonly<Record<string, string>>
  readonly failure: Failure | null
  /** Where the customer confirms; only with `requires_action`. */
  readonly actionUrl: string | null
}

export interface GatewayMethod {
  readonly id: string
  /** Null once it was removed at the gateway. */
  readonly customerId: string | null
  readonly brand: string | null
  readonly last4: string | null
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
  readonly status: 'pending' | 'succeeded' | 'failed' | 'canceled'
  readonly amountMinor: number
}

/** A verified event. Only a hint: its object may be old, so whoever processes it fetches the object again. */
export interface GatewayEvent {
  readonly id: string
  readonly type: string
  /** Id and kind of the object it is about. */
  readonly objectId: string
  readonly objectKind: string
  readonly apiVersion: string | null
}

/** Written on everything we make, so that an event finds its row, and only in its own tenant. */
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
  readonly marks: Marks
}

export interface Gateway {
  readonly name: 'stripe'
  /** For the card form in the browser; null when the gateway has none. */
  readonly publishableKey: string | null
  /** Origin of a simulated gateway, or null for the real one. Decides which card page is offered. */
  readonly simulatedAt: string | null
  /** The gateway takes no amount this small; it waits until more is due. */
  tooSmall(amountMinor: number, currency: string): boolean
  /** Makes the customer; with a key that was used before, answers the same customer. Returns its id. */
  ensureCustomer(request: CustomerRequest): Promise<string>
  createSetup(request: SetupRequest): Promise<GatewaySetup>
  retrieveSetup(id: string): Promise<GatewaySetup>
  /** Throws OutsideError code `resource_missing` when it does not exist for this account. */
  retrieveMethod(id: string): Promise<GatewayMethod>
  /** The method may not be charged any more. Already removed counts as done. */
  removeMethod(id: string): Promise<void>
  /** Charges once per key. */
  charge(request: ChargeRequest): Promise<GatewayPayment>
  retrievePayment(id: string): Promise<GatewayPayment>
  /**
   * Looks for a payment whose answer was lost: by our attempt mark, among the customer's latest payments. Reads what is true now (no search index
   * that lags) and compares no clocks. Null: the gateway has not seen this attempt.
   */
  findPayment(facts: { attempt: string; customerId: string }): Promise<GatewayPayment | null>
  /** Makes sure that it can no longer succeed. Answers how it stands: one that had succeeded meanwhile stays `succeeded`. */
  cancelPayment(id: string): Promise<GatewayPayment>
  refund(request: RefundRequest): Promise<GatewayRefund>
  /** Throws BadWebhook unless body, signature, secret and age (300 s at most, by this machine's clock) hold. */
  verifyWebhook(rawBody: Buffer, signature: string | undefined): GatewayEvent
}

/** An event that is not from the gateway, or not for this account, or too old. HTTP 400; nothing is stored. */
export class BadWebhook extends Error {
  readonly status = 400
  constructor(message: string) {
    super(message)
    this.name = 'BadWebhook'
  }
}
