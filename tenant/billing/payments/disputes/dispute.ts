/** A payment that the customer disputes at the bank or at PayPal. The gateway decides; we book what it holds, and warn. */
import { Refusal } from '../../../../shared/errors.js'
import { TenantModel } from '../../../../shared/database/tenant-model.js'
import type { GatewayDispute } from '../../../../shared/payments/gateway-disputes.js'
import { accounts, type LedgerAccount } from '../../ledger-accounts.js'

export type DisputeStatus = GatewayDispute['status']

export class Dispute extends TenantModel {
  static override tableName = 'disputes'
  static override booleans = ['needsAnswer']
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
  /** The shop must answer before this. */
  declare respondBy: Date | null
  /** The gateway waits for the shop's word; counts while the dispute is open. */
  declare needsAnswer: boolean
  /** How often evidence was given, here or at the gateway's own page. */
  declare submissions: number
  /** When our last answer arrived. */
  declare answeredAt: Date | null
  /** Staff was told that the deadline is near. */
  declare remindedAt: Date | null
  declare openedAt: Date
  declare closedAt: Date | null
  declare createdAt: Date
  declare updatedAt: Date

  /** Those that wait for the shop's word, and there is time left. */
  static waiting(now: Date) {
    return Dispute.query().whereIn('status', ['inquiry', 'open']).where({ needsAnswer: true }).where((q) => void q.whereNull('respond_by').orWhere('respond_by', '>', now))
  }

  get isOpen(): boolean {
    return this.status === 'inquiry' || this.status === 'open'
  }
  isLate(now: Date): boolean {
    return this.respondBy !== null && now.getTime() >= this.respondBy.getTime()
  }
  /** Somebody of the shop should do something. */
  isWaiting(now: Date): boolean {
    return this.isOpen && this.needsAnswer && !this.isLate(now)
  }

  /** `latest`: the newest answer of this dispute. */
  refusalToAnswer(now: Date, latest: { readonly isUnderWay: boolean } | null): Refusal | null {
    if (!this.isOpen) return new Refusal('dispute.closed', 'This dispute is over. Nothing can be sent any more.')
    if (latest?.isUnderWay) return new Refusal('dispute.sending', 'An answer is on its way already. We look by ourselves whether it has arrived.')
    if (!this.needsAnswer) return new Refusal('dispute.answered', 'The answer has been given. It is decided at the gateway now; nothing can be added.')
    if (this.isLate(now)) return new Refusal('dispute.late', 'The deadline is over. The gateway takes no answer any more.')
    return null
  }
  refusalToAccept(now: Date, latest: { readonly isUnderWay: boolean } | null): Refusal | null {
    if (this.status === 'inquiry') return new Refusal('dispute.inquiry', 'No money has moved yet. To give in, refund the payment; to keep it, answer the question.')
    return this.refusalToAnswer(now, latest)
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
