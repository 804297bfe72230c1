/** Written on everything we make, so that an event finds its row, and only in its own tenant. PayPal has room for `tenant`, `invoice`, `attempt` and `refund` only. */
export interface Marks {
  readonly tenant: string
  readonly [name: string]: string
}
