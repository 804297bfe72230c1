/** Money that goes back because we say so. */
import type { Marks } from './gateway-marks.js'

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

export interface RefundRequest {
  readonly key: string
  readonly paymentId: string
  readonly amountMinor: number
  readonly currency: string
  /** `refund`: public id of our row, for finding it when the answer was lost. */
  readonly marks: Marks & { readonly refund: string }
}
