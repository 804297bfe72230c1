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
