/**
 * Names of the ledger's accounts. Amounts are signed: a debit is positive, a credit negative, every transaction adds up to zero.
 * receivable: what a customer owes us (positive). credit: what we owe a customer (negative). cash: money at a gateway account (positive). revenue: negative.
 */
export type AccountKind = 'receivable' | 'credit' | 'cash' | 'revenue' | 'tax' | 'discounts' | 'fees' | 'refunds' | 'write-offs' | 'disputes' | 'grants'

export interface LedgerAccount {
  readonly code: string
  readonly kind: AccountKind
  readonly userId: number | null
}

const account = (kind: AccountKind, of: string | number | null, userId: number | null = null): LedgerAccount => ({ code: of === null ? kind : `${kind}:${of}`, kind, userId })

export const accounts = {
  receivable: (userId: number) => account('receivable', userId, userId),
  credit: (userId: number) => account('credit', userId, userId),
  /** `gatewayAccountId`: row of `gateway_accounts`; null: the shop's own bank account. */
  cash: (gatewayAccountId: number | null) => account('cash', gatewayAccountId ?? 'bank'),
  /** `serviceType` as in `services.service_type`; `other` for lines without a service. */
  revenue: (serviceType: string) => account('revenue', serviceType),
  tax: (rate: string) => account('tax', rate),
  discounts: () => account('discounts', null),
  /** What a gateway keeps of what it moves (positive: an expense). */
  fees: (gatewayAccountId: number) => account('fees', gatewayAccountId),
  writeOffs: () => account('write-offs', null),
  /** Money on its way back to customers: a credit note to the source owes it (negative), the refund takes it out of cash. */
  refunds: () => account('refunds', null),
  /** Payments that customers dispute. open: the gateway holds the money until it is decided. lost: it is gone. */
  disputes: (state: 'open' | 'lost') => account('disputes', state),
  /** Credit given by staff, without money coming in. */
  grants: () => account('grants', null),
}
