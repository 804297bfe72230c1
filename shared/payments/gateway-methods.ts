/** Customers and their saved cards and accounts, as a gateway knows them. */
import type { Marks } from './gateway-marks.js'

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
