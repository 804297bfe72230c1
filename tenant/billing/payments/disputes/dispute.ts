/** A payment that the customer disputes at the bank or at PayPal. The gateway decides; we book what it holds, and warn. */
import { TenantModel } from '../../../../shared/database/tenant-model.js'
import type { GatewayDispute } from '../../../../shared/payments/gateway-disputes.js'
import { accounts, type LedgerAccount } from '../../ledger-accounts.js'

export type DisputeStatus = GatewayDispute['status']

export class Dispute extends TenantModel {
  static override tableName = 'disputes'
  /** A decision may be appealed against, by either side. */
  static override moves = {
    inquiry: ['open', 'won', 'lost', 'closed'], open: ['won', 'lost', 'closed'], won: ['open', 'lost'], lost: ['open', 'won'], closed: ['open', 'won', 'lost'],
  } as const
  declare id: number
  declare publicId: string
  declare gatewayAccountId: number
  declare gatewayDisputeId: string
  declare paymentId: number
  declare userId: number
  declare amountMinor: number
  declare currency: string
  /** Of a disputed top-up: unspent credit that was taken back at once. */
  declare creditTakenMinor: number
  declare reason: string
  declare status: DisputeStatus
  /** The reseller must answer at the gateway before this. */
  declare respondBy: Date | null
  declare openedAt: Date
  declare closedAt: Date | null
  declare createdAt: Date
  declare updatedAt: Date

  get isOpen(): boolean {
    return this.status === 'inquiry' || this.status === 'open'
  }
  /** `product_not_received`, `MERCHANDISE_OR_SERVICE_NOT_AS_DESCRIBED` → words. */
  get reasonText(): string {
    const words = this.reason.toLowerCase().replaceAll('_', ' ')
    return words.charAt(0).toUpperCase() + words.slice(1)
  }

  /** What the books show for the dispute in this state, counted from nothing: account → amount. */
  position(status: DisputeStatus): Array<{ account: LedgerAccount; amountMinor: number }> {
    if (status !== 'open' && status !== 'lost') return []
    return [
      { account: accounts.cash(this.gatewayAccountId), amountMinor: -this.amountMinor },
      { account: accounts.credit(this.userId), amountMinor: this.creditTakenMinor },
      { account: accounts.disputes(status), amountMinor: this.amountMinor - this.creditTakenMinor },
    ]
  }
  /** The entries that lead the books from one state to another. */
  entries(from: DisputeStatus | null, to: DisputeStatus): Array<{ account: LedgerAccount; amountMinor: number }> {
    const sums = new Map<string, { account: LedgerAccount; amountMinor: number }>()
    const add = (sign: 1 | -1) => ({ account, amountMinor }: { account: LedgerAccount; amountMinor: number }): void => {
      sums.set(account.code, { account, amountMinor: (sums.get(account.code)?.amountMinor ?? 0) + sign * amountMinor })
    }
    if (from) this.position(from).forEach(add(-1))
    this.position(to).forEach(add(1))
    return [...sums.values()].filter((e) => e.amountMinor !== 0)
  }
}
