/**
 * All connections to one database server, under one hard budget (longer than usual: the states of a connection belong together).
 *
 * A connection stays logged in as its last tenant and is preferred by it; the coldest idle one is stolen with COM_CHANGE_USER.
 * A unit of work may park its connection between two queries: nobody takes it for PARK_MS, then it is anybody's.
 * Who waits is served first come, first served, except that a released connection may go to a waiter of its own tenant a few
 * times (it saves a switch), and that a tenant which holds its fair share already is passed over while others wait.
 * Nobody waits longer than the time limit, and nobody waits for a server or a tenant's database that is known to be down.
 */
import { Breaker } from './breaker.js'
import { BrokerStats, type BrokerSnapshot } from './broker-stats.js'
import { DatabaseBusy, errnoOf } from './database-busy.js'
import { Physical, type Account } from './physical.js'

export interface BrokerOptions {
  host: string
  port: number
  /** Most physical connections at any time. */
  budget: number
  /** Longest wait for a connection, in ms; then DatabaseBusy. */
  acquireTimeoutMs?: number
  /** Ask the server who we are after each open and switch. */
  strict?: boolean
}
interface Waiter {
  account: Account
  since: number
  passed: number
  timer: NodeJS.Timeout
  resolve: (p: Physical) => void
  reject: (e: Error) => void
}
/** How long a unit of work keeps an unused connection against those who wait. */
const PARK_MS = 20
/** How often the one at the head may be passed over in favour of a waiter that needs no switch. */
const MAX_PASSES = 4
/** Access denied, unknown database, too many connections of this user: the tenant's fault, not the server's. */
const tenantFault = new Set([1044, 1045, 1049, 1226, 1698, 3118, 4151])
/** Too many connections: the server is alive but full. */
const serverFull = new Set([1040, 1203])

export class Broker {
  readonly stats = new BrokerStats()
  private readonly all = new Set<Physical>()
  /** Coldest first. */
  private readonly idle = new Set<Physical>()
  private readonly idleOf = new Map<string, Physical[]>()
  private readonly parked = new Set<Physical>()
  private readonly waiting = new Set<Waiter>()
  /** Tenants that hold or wait, with how many of each. */
  private readonly active = new Map<string, { held: number; waiting: number }>()
  private readonly doomed = new WeakSet<Physical>()
  private readonly serverBreaker = new Breaker(3, 1000)
  private readonly tenantBreakers = new Map<string, Breaker>()
  private opening = 0
  private reclaim: NodeJS.Timeout | undefined
  private closed = false

  constructor(private readonly options: BrokerOptions) {}

  /** A connection logged in as this account. Rejects with DatabaseBusy after the time limit, or at once when server or tenant are down. */
  acquire(account: Account): Promise<Physical> {
    const refusal = this.refusal(account)
    if (refusal) return Promise.reject(refusal)
    if (this.waiting.size === 0) {
      const granted = this.grab(account)
      if (granted) return granted
    }
    return this.wait(account)
  }

  /** A second connection for a unit of work that has one: only when nobody waits and the tenant's share allows it. */
  tryAcquire(account: Account): Promise<Physical> | null {
    if (this.waiting.size > 0 || this.heldBy(account.key) >= this.share() || this.refusal(account)) return null
    return this.grab(account)
  }

  /** Gives a connection back. Broken and doomed ones are closed. */
  release(p: Physical): void {
    this.count(p.key, 'held', -1)
    if (this.closed || this.doomed.has(p) || !p.healthy) return this.discard(p)
    this.offer(p)
  }

  /** Closes a connection instead of giving it back: its session can no longer be trusted. */
  destroy(p: Physical): void {
    this.count(p.key, 'held', -1)
    this.discard(p)
  }

  /** Keeps the connection for its owner, a unit of work that does not use it now. */
  park(p: Physical, owner: object): void {
    if (this.closed || this.doomed.has(p) || !p.healthy) return this.release(p)
    this.count(p.key, 'held', -1)
    p.owner = owner
    p.parkedAt = Date.now()
    this.parked.add(p)
    if (this.waiting.size > 0) this.armReclaim()
  }

  /** Takes a parked connection into use again; false when somebody else has it by now, or it is gone. */
  unpark(p: Physical, owner: object): boolean {
    if (p.owner !== owner || !this.unparked(p)) return false
    this.count(p.key, 'held', 1)
    this.stats.hits++
    return true
  }

  /** The owner does not need it any more: it is free for all. */
  unreserve(p: Physical, owner: object): void {
    if (p.owner === owner && this.unparked(p)) this.offer(p)
  }

  /** Closes a tenant's unused connections now and its used ones when they come back. */
  drain(key: string): void {
    for (const p of [...this.all]) {
      if (p.key !== key) continue
      this.doomed.add(p)
      if (this.idle.has(p) || this.parked.has(p)) this.discard(p)
    }
    this.tenantBreakers.delete(key)
  }

  /** Closes everything; waiters are refused. */
  close(): void {
    this.closed = true
    clearTimeout(this.reclaim)
    this.refuseWaiters(new DatabaseBusy('The process is shutting down.'))
    for (const p of [...this.idle, ...this.parked]) this.discard(p)
  }

  snapshot(): BrokerSnapshot {
    const size = this.all.size + this.opening
    const { budget } = this.options
    return { size, busy: size - this.idle.size - this.parked.size, parked: this.parked.size, waiting: this.waiting.size, budget, ...this.stats }
  }

  /** The tenants that hold most now, by key. */
  busiest(n: number): Array<{ key: string; held: number; waiting: number }> {
    return [...this.active].map(([key, a]) => ({ key, ...a })).sort((a, b) => b.held + b.waiting - a.held - a.waiting).slice(0, n)
  }

  /** Most connections one tenant may hold while others wait. */
  private share(): number {
    return Math.max(1, Math.floor(this.options.budget / Math.max(1, this.active.size)))
  }

  private hasRoom(): boolean {
    return this.all.size + this.opening < this.options.budget
  }

  private heldBy(key: string): number {
    return this.active.get(key)?.held ?? 0
  }

  private count(key: string, what: 'held' | 'waiting', by: 1 | -1): void {
    let a = this.active.get(key)
    if (!a) this.active.set(key, (a = { held: 0, waiting: 0 }))
    a[what] += by
    if (a.held === 0 && a.waiting === 0) this.active.delete(key)
  }

  private refusal(account: Account): DatabaseBusy | null {
    if (this.closed) return new DatabaseBusy('The process is shutting down.')
    const tenant = this.tenantBreakers.get(account.key)
    if (tenant && !tenant.allows()) return new DatabaseBusy('This shop\'s database is not available at the moment.', tenant.retryAfter)
    if (this.serverBreaker.open && this.all.size === 0 && !this.serverBreaker.allows()) return new DatabaseBusy('The database server is not available at the moment.', this.serverBreaker.retryAfter)
    return null
  }

  /** Without waiting: the tenant's own idle connection, a new one, the coldest of another tenant, or null. */
  private grab(account: Account): Promise<Physical> | null {
    const own = this.idleOf.get(account.key)?.at(-1)
    if (own) {
      this.unidle(own)
      this.count(account.key, 'held', 1)
      this.stats.hits++
      return Promise.resolve(own)
    }
    if (this.hasRoom() && (!this.serverBreaker.open || this.all.size === 0 || this.serverBreaker.allows())) return this.open(account)
    const victim = this.coldest()
    return victim ? this.hand(victim, account) : null
  }

  private coldest(): Physical | undefined {
    for (const p of this.idle) {
      this.unidle(p)
      return p
    }
    for (const p of this.parked) {
      if (Date.now() - p.parkedAt < PARK_MS || !this.unparked(p)) return undefined
      return p
    }
    return undefined
  }

  private async open(account: Account): Promise<Physical> {
    this.opening++
    this.stats.opens++
    this.count(account.key, 'held', 1)
    let p: Physical
    try {
      p = await Physical.open(this.options, account)
    } catch (error) {
      this.opening--
      this.count(account.key, 'held', -1)
      return this.openFailed(account, error)
    }
    this.opening--
    this.all.add(p)
    p.onLost = () => this.lost(p)
    this.serverBreaker.succeeded()
    return this.settle(p, account)
  }

  private openFailed(account: Account, error: unknown): Promise<Physical> {
    const errno = errnoOf(error)
    if (errno !== undefined && serverFull.has(errno) && this.all.size > 0) return this.wait(account)
    const refusal = this.failed(account, error)
    if (this.serverBreaker.open && this.all.size === 0) this.refuseWaiters(refusal)
    else this.pump()
    throw refusal
  }

  /** Hands a connection that is in no list to an account, switching it when it was another tenant's. */
  private hand(p: Physical, account: Account): Promise<Physical> {
    this.count(account.key, 'held', 1)
    if (p.key === account.key) {
      this.stats.hits++
      return Promise.resolve(p)
    }
    this.stats.steals++
    return p.switchTo(account).then(() => this.settle(p, account), (error) => this.switchFailed(p, account, error))
  }

  private async settle(p: Physical, account: Account): Promise<Physical> {
    if (this.options.strict) {
      try {
        await p.verify(account)
      } catch (error) {
        return this.switchFailed(p, account, error)
      }
    }
    if (this.tenantBreakers.size > 0) this.tenantBreakers.delete(account.key)
    return p
  }

  private switchFailed(p: Physical, account: Account, error: unknown): never {
    this.count(account.key, 'held', -1)
    const refusal = this.failed(account, error)
    this.discard(p)
    throw refusal
  }

  private failed(account: Account, error: unknown): DatabaseBusy {
    this.stats.failures++
    if (tenantFault.has(errnoOf(error) ?? 0)) {
      const breaker = this.tenantBreakers.get(account.key) ?? new Breaker(2, 1000)
      this.tenantBreakers.set(account.key, breaker)
      breaker.failed()
      return new DatabaseBusy('This shop\'s database is not available at the moment.', breaker.retryAfter, error)
    }
    this.serverBreaker.failed()
    return new DatabaseBusy('The database server is not available at the moment.', this.serverBreaker.retryAfter, error)
  }

  private wait(account: Account): Promise<Physical> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = { account, since: performance.now(), passed: 0, resolve, reject, timer: setTimeout(() => this.giveUp(waiter), this.options.acquireTimeoutMs ?? 3000) }
      this.waiting.add(waiter)
      this.count(account.key, 'waiting', 1)
      if (this.parked.size > 0) this.armReclaim()
    })
  }

  private leave(waiter: Waiter): void {
    clearTimeout(waiter.timer)
    this.waiting.delete(waiter)
    this.count(waiter.account.key, 'waiting', -1)
    this.stats.waited(performance.now() - waiter.since)
  }

  private giveUp(waiter: Waiter): void {
    this.leave(waiter)
    this.stats.timeouts++
    waiter.reject(new DatabaseBusy('Too many requests are waiting for the database.'))
  }

  private refuseWaiters(refusal: DatabaseBusy): void {
    for (const waiter of [...this.waiting]) {
      this.leave(waiter)
      waiter.reject(refusal)
    }
  }

  /** Who is next for a connection of this tenant? */
  private next(key: string | undefined): Waiter | undefined {
    const share = this.share()
    let head: Waiter | undefined
    for (const waiter of this.waiting) {
      if (this.heldBy(waiter.account.key) >= share) continue
      if (!head) head = waiter
      if (key === undefined || head.account.key === key || head.passed >= MAX_PASSES || !this.active.get(key)?.waiting) return head
      if (waiter.account.key !== key) continue
      head.passed++
      return waiter
    }
    return head ?? this.waiting.values().next().value
  }

  /** A connection in no list: to the next waiter, or to the warm end of the idle ones. */
  private offer(p: Physical): void {
    const waiter = this.waiting.size > 0 ? this.next(p.key) : undefined
    if (waiter) {
      this.leave(waiter)
      this.hand(p, waiter.account).then(waiter.resolve, waiter.reject)
      return
    }
    this.idle.add(p)
    const own = this.idleOf.get(p.key)
    if (own) own.push(p)
    else this.idleOf.set(p.key, [p])
  }

  /** Room became free: serve those who wait. */
  private pump(): void {
    while (this.waiting.size > 0 && this.hasRoom()) {
      const waiter = this.next(undefined)
      if (!waiter) return
      this.leave(waiter)
      this.open(waiter.account).then(waiter.resolve, waiter.reject)
    }
  }

  private armReclaim(): void {
    this.reclaim ??= setTimeout(() => {
      this.reclaim = undefined
      const due = Date.now() - PARK_MS
      for (const p of this.parked) {
        if (this.waiting.size === 0 || p.parkedAt > due) break
        if (this.unparked(p)) this.offer(p)
      }
      if (this.waiting.size > 0 && this.parked.size > 0) this.armReclaim()
    }, 5)
  }

  private unparked(p: Physical): boolean {
    p.owner = null
    return this.parked.delete(p)
  }

  private unidle(p: Physical): void {
    this.idle.delete(p)
    const own = this.idleOf.get(p.key)
    if (!own) return
    if (own.at(-1) === p) own.pop()
    else own.splice(own.indexOf(p), 1)
    if (own.length === 0) this.idleOf.delete(p.key)
  }

  private discard(p: Physical): void {
    if (this.idle.has(p)) this.unidle(p)
    this.unparked(p)
    if (this.all.delete(p)) p.destroy()
    if (!this.closed) this.pump()
  }

  /** An unused connection was closed by the server; a used one is noticed when it comes back. */
  private lost(p: Physical): void {
    if (this.idle.has(p) || this.parked.has(p)) this.discard(p)
  }
}
