/** Money that the customer's bank, or PayPal, takes back or asks about. */
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
