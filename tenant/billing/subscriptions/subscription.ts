/** An agreement to pay for something by period. Its states and moves, its anchor and its frozen price; when what is billed lies in `billing-plan.ts`. */
import { Refusal } from '../../../shared/errors.js'
import { TenantModel } from '../../../shared/database/tenant-model.js'
import { Money } from '../../../shared/money/money.js'
import type { Cycle, Span } from '../../../shared/time/period.js'
import { isRenewing } from '../../catalog/cycle.js'
import type { PricedItem, Selection } from '../../catalog/price-selection.js'

export type SubscriptionStatus = 'pending' | 'trialing' | 'active' | 'paused' | 'ended'
/** `unpaid`: its first invoice never was. `terminated`: with its service, by dunning. `parent`: an add-on that went along. */
export type EndReason = 'cancelled' | 'unpaid' | 'terminated' | 'staff' | 'parent'

export class Subscription extends TenantModel {
  static override tableName = 'subscriptions'
  static override jsonAttributes = ['selection', 'items']
  /** `ended → active` is reactivation, within some days and only while its service still exists. */
  static override moves = {
    pending: ['trialing', 'active', 'ended'],
    trialing: ['active', 'ended'],
    active: ['paused', 'ended'],
    paused: ['active', 'ended'],
    ended: ['active'],
  } as const
  declare id: number
  declare publicId: string
  declare userId: number
  declare planId: number
  /** Version of the plan whose price was agreed; a later price of the plan changes nothing here. */
  declare planVersion: number
  declare productId: number | null
  /** An add-on that follows shares its parent's periods and ends with it. */
  declare parentId: number | null
  declare serviceId: number | null
  declare status: SubscriptionStatus
  declare billingCycle: Cycle
  declare currency: string
  declare quantity: number
  declare selection: Selection
  /** What the amount was computed from, frozen. */
  declare items: readonly PricedItem[]
  /** For one period, before discounts and in the shop's way of showing tax. */
  declare amountMinor: number
  declare setupMinor: number
  declare anchorDay: number
  /** `yyyy-mm-dd`: the local day of the anchor's first period. */
  declare startedOn: string
  declare timeZone: string
  /** First instant of the anchor's first period: that day's midnight, or the instant at which a change of cycle or the end of a pause began a new one. */
  declare anchoredAt: Date
  /** When it was paid for, or its trial began. */
  declare startedAt: Date | null
  declare trialEnd: Date | null
  declare currentPeriodStart: Date | null
  declare currentPeriodEnd: Date | null
  /** End of the last period that was billed; what is due next begins here. Null: nothing renews. */
  declare billedUntil: Date | null
  declare paidUntil: Date | null
  declare minimumUntil: Date | null
  declare cancelAt: Date | null
  declare pauseAt: Date | null
  declare pausedAt: Date | null
  declare endedAt: Date | null
  declare endReason: EndReason | null
  /** A safety bound was passed: nothing is billed until a person has looked. */
  declare parkedAt: Date | null
  declare parkedReason: string | null
  declare createdAt: Date
  declare updatedAt: Date

  get amount(): Money {
    return Money.of(this.amountMinor, this.currency)
  }
  get renews(): boolean {
    return isRenewing(this.billingCycle)
  }
  get isOver(): boolean {
    return this.status === 'ended'
  }
  get isLive(): boolean {
    return this.status === 'active' || this.status === 'trialing'
  }
  /** The period that is going on; null for what has none (one-time, free, pending). */
  get currentPeriod(): Span | null {
    return this.currentPeriodStart && this.currentPeriodEnd ? { start: this.currentPeriodStart, end: this.currentPeriodEnd } : null
  }

  /** May plan, quantity, options or cycle be changed? `overdue`: an overdue invoice that bills it; null where staff decides. */
  refusalToChange(overdue: { readonly label: string } | null = null): Refusal | null {
    if (this.parkedAt) return new Refusal('subscription.parked', 'We are checking this subscription. Please contact support before you change it.')
    if (this.status === 'pending') return new Refusal('subscription.pending', 'Pay its first invoice before you change it.')
    if (!this.isLive) return new Refusal('subscription.not-active', 'Only an active subscription can be changed.')
    if (this.cancelAt) return new Refusal('subscription.cancelling', 'This subscription is going to end. Keep it first, then change it.')
    if (this.pauseAt) return new Refusal('subscription.pausing', 'This subscription is going to pause. Take that back first, then change it.')
    if (overdue) return new Refusal('subscription.overdue', `Invoice ${overdue.label} is overdue. Pay it first, then change this subscription.`)
    return this.renews ? null : new Refusal('subscription.no-periods', 'This was bought once: there is nothing to change.')
  }
  refusalToCancel(): Refusal | null {
    if (this.isOver) return new Refusal('subscription.ended', 'This subscription has already ended.')
    return this.cancelAt ? new Refusal('subscription.cancelling', 'This subscription is already going to end.') : null
  }
  /** Whoever asks for the end: without a period that goes on there is nothing to wait for. */
  endsAtOnce(timing: 'now' | 'end'): boolean {
    return timing === 'now' || this.status === 'pending' || this.status === 'paused' || !this.renews
  }
  /** By staff: also what is going to end anyway, and within a minimum term. */
  refusalToEnd(timing: 'now' | 'end'): Refusal | null {
    return this.endsAtOnce(timing) && this.cancelAt && !this.isOver ? null : this.refusalToCancel()
  }
  /** By the customer. `now` in a minimum term: at its end only; what was never paid for has no term yet. */
  refusalToCancelNow(now: Date): Refusal | null {
    const refusal = this.refusalToEnd('now')
    if (refusal) return refusal
    return this.status !== 'pending' && this.minimumUntil && now < this.minimumUntil ? new Refusal('subscription.minimum-term', 'This subscription has a minimum term. You can cancel it at the end of the term.') : null
  }
  refusalToUndoCancel(now: Date): Refusal | null {
    if (!this.isOver && this.cancelAt && now < this.cancelAt) return null
    return new Refusal('subscription.not-cancelling', 'This subscription is not going to end, or has ended already.')
  }
  refusalToPause(): Refusal | null {
    if (this.parentId !== null) return new Refusal('subscription.addon', 'An add-on pauses with what it belongs to.')
    if (this.status !== 'active' || !this.renews) return new Refusal('subscription.not-active', 'Only an active subscription can be paused.')
    if (this.cancelAt) return new Refusal('subscription.cancelling', 'This subscription is going to end.')
    return this.pauseAt ? new Refusal('subscription.pausing', 'This subscription is already going to pause.') : null
  }
  refusalToResume(): Refusal | null {
    if (this.parentId !== null) return new Refusal('subscription.addon', 'An add-on resumes with what it belongs to.')
    return this.status === 'paused' || this.pauseAt ? null : new Refusal('subscription.not-paused', 'This subscription is not paused.')
  }
  /** Within `days` after its end. */
  refusalToReactivate(now: Date, days: number): Refusal | null {
    if (this.parentId !== null) return new Refusal('subscription.addon', 'An add-on comes back with what it belongs to.')
    if (!this.isOver || !this.startedAt || !this.renews) return new Refusal('subscription.not-ended', 'Only a subscription that has ended can be taken up again.')
    const open = this.endedAt !== null && now.getTime() < this.endedAt.getTime() + days * 86_400_000
    return open ? null : new Refusal('subscription.too-late', 'It ended too long ago to take it up again. Please order it anew.')
  }

  /** It and the add-ons that follow it, parent first. */
  async family(): Promise<Subscription[]> {
    return [this, ...(await Subscription.query().where({ parentId: this.id }).whereNot('status', 'ended').orderBy('id'))]
  }
}

