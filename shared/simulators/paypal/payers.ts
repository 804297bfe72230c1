/** The people behind simulated PayPal accounts, and how charging each of them ends. */

export interface Payer {
  /** Value of the form on the approval page. */
  token: string
  email: string
  label: string
  /** Issue of the 422 at every charge. */
  declines?: string
  /** A charge to the saved account wants the payer on PayPal's page. */
  asks?: boolean
  /** The capture is PENDING until somebody settles it (`settle` on the control API). */
  slow?: boolean
  /** Refunds are PENDING, or fail later by the switch `refund`. */
  slowRefunds?: boolean
}

export const payers: readonly Payer[] = [
  { token: 'works', email: 'pat.payer@example.com', label: 'Works' },
  { token: 'second', email: 'sam.second@example.com', label: 'Works, another account' },
  { token: 'declined', email: 'no.funds@example.com', label: 'Can be saved; every charge is declined', declines: 'INSTRUMENT_DECLINED' },
  { token: 'locked', email: 'locked.account@example.com', label: 'Can be saved; then the account is locked', declines: 'PAYER_ACCOUNT_LOCKED_OR_CLOSED' },
  { token: 'asks', email: 'ask.me@example.com', label: 'Wants to approve each payment', asks: true },
  { token: 'slow', email: 'echeck@example.com', label: 'Pays by eCheck: pending until it is settled', slow: true },
  { token: 'slow-refunds', email: 'slow.refunds@example.com', label: 'Works; refunds take days', slowRefunds: true },
]
export const payerBy = (token: unknown): Payer => payers.find((p) => p.token === token) ?? payers[0]!
export const payerId = (payer: Payer): string => payer.token.toUpperCase().replaceAll('-', '').padEnd(13, 'X')
