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
/** How many connections a tenant holds, and how many it waits for. */
interface Load {
  held: number
  waiting: number
}
/** Loads of tenants that were active some time; above this the inactive ones are forgotten. */
const MAX_LOADS = 5000

export class WaitingLine {
  private readonly waiters = new Set<Waiter>()
  private readonly loads = new Map<string, Load>()
  private readonly loadOf = new WeakMap<Account, Load>()
  /** Tenants that hold or wait now. */
  private active = 0

  constructor(private readonly budget: number) {}

  get size(): number {
    return this.waiters.size
  }

  /** `by` connections more or less in the hands of this tenant. */
  hold(account: Account, by: 1 | -1): void {
    this.count(account, 'held', by)
  }

  /** May this tenant have one more while others wait? */
  withinShare(account: Account): boolean {
    return this.load(account).held < this.share()
  }

  add(waiter: Waiter): void {
    this.waiters.add(waiter)
    this.count(waiter.account, 'waiting', 1)
  }

  /** False when it had left already. */
  leave(waiter: Waiter): boolean {
    if (!this.waiters.delete(waiter)) return false
    clearTimeout(waiter.timer)
    this.count(waiter.account, 'waiting', -1)
    return true
  }

  /** Who is next: for a connection of this tenant, or for a new one. */
  next(owner?: Account): Waiter | undefined {
    let head: Waiter | undefined
    const affine = owner !== undefined && this.load(owner).waiting > 0
    for (const waiter of this.waiters) {
      if (!this.withinShare(waiter.account)) continue
      head ??= waiter
      if (!affine || waiter.account.key === owner.key || head.passed >= MAX_PASSES) return this.chosen(waiter, head)
    }
    return head ?? this.waiters.values().next().value
  }

  all(): Waiter[] {
    return [...this.waiters]
  }

  /** The tenants that hold and wait most. */
  busiest(n: number): Array<{ key: string } & Load> {
    const busy = [...this.loads].filter(([, load]) => load.held + load.waiting > 0).map(([key, load]) => ({ key, ...load }))
    return busy.sort((a, b) => b.held + b.waiting - a.held - a.waiting).slice(0, n)
  }

  private share(): number {
    return Math.max(1, Math.floor(this.budget / Math.max(1, this.active)))
  }

  private chosen(waiter: Waiter, head: Waiter): Waiter {
    if (head.passed >= MAX_PASSES) return head
    if (waiter !== head) head.passed++
    return waiter
  }

  private load(account: Account): Load {
    const known = this.loadOf.get(account)
    if (known) return known
    let load = this.loads.get(account.key)
    if (!load) {
      if (this.loads.size >= MAX_LOADS) for (const [key, old] of this.loads) if (old.held + old.waiting === 0) this.loads.delete(key)
      this.loads.set(account.key, (load = { held: 0, waiting: 0 }))
    }
    this.loadOf.set(account, load)
    return load
  }

  private count(account: Account, what: keyof Load, by: 1 | -1): void {
    const load = this.load(account)
    if (load.held + load.waiting === 0) this.active++
    load[what] += by
    if (load.held + load.waiting === 0) this.active--
  }
}
