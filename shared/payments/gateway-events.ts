/** What a gateway tells by itself. */

/** A header of the request that brought an event. */
export type HeaderOf = (name: string) => string | undefined

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

/** An event that is not from the gateway, or not for this account, or too old. HTTP 400; nothing is stored. */
export class BadWebhook extends Error {
  readonly status = 400
  constructor(message: string) {
    super(message)
    this.name = 'BadWebhook'
  }
}
