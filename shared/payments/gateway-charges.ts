/** Money that comes in: what a gateway is asked for, and how a payment stands. */
import type { Marks } from './gateway-marks.js'

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
