/**
 * Those who wait for a connection, and the share of each tenant. First come, first served, with two exceptions: a tenant that holds its fair
 * share already is passed over while others wait, and a released connection may go to a waiter of its own tenant, because that saves a switch,
 * but only MAX_PASSES times past the same head.
 */
import type { Account, Physical } from './physical.js'

const MAX_PASSES = 4

export interface Waiter {
  readonly account: Account
  readonly since: number
  passed: number
  readonly timer: NodeJS.Timeout
  readonly resolve: (p: Physical) => void
  readonly reject: (e: Error) => void
}
interface Tally {
  held: number
  waiting: number
}

export class WaitingLine {
  private readonly waiters = new Set<Waiter>()
  /** Tenants that hold or wait now. */
  private readonly tallies = new Map<string, Tally>()

  constructor(private readonly budget: number) {}

  get size(): number {
    return this.waiters.size
  }

  /** `by` connections more or less in the hands of this tenant. */
  hold(key: string, by: 1 | -1): void {
    this.count(key, 'held', by)
  }

  /** May this tenant have one more while others wait? */
  withinShare(key: string): boolean {
    return (this.tallies.get(key)?.held ?? 0) < this.share()
  }

  add(waiter: Waiter): void {
    this.waiters.add(waiter)
    this.count(waiter.account.key, 'waiting', 1)
  }

  /** False when it had left already. */
  leave(waiter: Waiter): boolean {
    if (!this.waiters.delete(waiter)) return false
    clearTimeout(waiter.timer)
    this.count(waiter.account.key, 'waiting', -1)
    return true
  }

  /** Who is next: for a connection of this tenant, or for a new one. */
  next(key?: string): Waiter | undefined {
    let head: Waiter | undefined
    const affine = key !== undefined && (this.tallies.get(key)?.waiting ?? 0) > 0
    for (const waiter of this.waiters) {
      if (!this.withinShare(waiter.account.key)) continue
      head ??= waiter
      if (!affine || waiter.account.key === key || head.passed >= MAX_PASSES) return this.chosen(waiter, head)
    }
    return head ?? this.waiters.values().next().value
  }

  all(): Waiter[] {
    return [...this.waiters]
  }

  /** The tenants that hold and wait most. */
  busiest(n: number): Array<{ key: string } & Tally> {
    return [...this.tallies].map(([key, tally]) => ({ key, ...tally })).sort((a, b) => b.held + b.waiting - a.held - a.waiting).slice(0, n)
  }

  private share(): number {
    return Math.max(1, Math.floor(this.budget / Math.max(1, this.tallies.size)))
  }

  private chosen(waiter: Waiter, head: Waiter): Waiter {
    if (head.passed >= MAX_PASSES) return head
    if (waiter !== head) head.passed++
    return waiter
  }

  private count(key: string, what: keyof Tally, by: 1 | -1): void {
    let tally = this.tallies.get(key)
    if (!tally) this.tallies.set(key, (tally = { held: 0, waiting: 0 }))
    tally[what] += by
    if (tally.held === 0 && tally.waiting === 0) this.tallies.delete(key)
  }
}
