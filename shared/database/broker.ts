/**
 * All connections to one database server, under one hard budget (longer than usual: what may become of a connection is told in one place).
 *
 * A connection stays logged in as its last tenant and is preferred by it; when there is no room the coldest idle one is stolen by a change
 * of user. A unit of work may park its connection between two queries: nobody takes it for a moment, then it is anybody's.
 * Who waits is served fairly (waiting-line.ts). Nobody waits longer than the time limit, and nobody waits for a server or a tenant's
 * database that is known to be down (broker-health.ts): that hurts its own tenants and nobody else.
 */
import { BrokerHealth, isFull } from './broker-health.js'
import { BrokerStats, type BrokerSnapshot } from './broker-stats.js'
import { DatabaseBusy } from './database-busy.js'
import { Physical, type Account, type Holder } from './physical.js'
import type { SwitchStyle } from './quick-switch.js'
import { Shelf } from './shelf.js'
import { WaitingLine, type Waiter } from './waiting-line.js'

export interface BrokerOptions {
  host: string
  port: number
  /** Most physical connections at any time. */
  budget: number
  /** Longest wait for a connection, and for the server's answer to a change of tenant, in ms, then DatabaseBusy; default 3,000. */
  acquireTimeoutMs?: number
  /** Ask the server who we are after each open and switch. */
  strict?: boolean
}

/** How long a unit of work keeps an unused connection against those who wait, in ms. */
const PARK_MS = 20

export class Broker implements Holder {
  readonly stats = new BrokerStats()
  private readonly all = new Set<Physical>()
  private readonly shelf = new Shelf()
  private readonly line: WaitingLine
  private readonly limit: number
  private readonly health = new BrokerHealth()
  private readonly style: SwitchStyle = {}
  private opening = 0
  private reclaim: NodeJS.Timeout | undefined
  private watch: NodeJS.Timeout | undefined
  private closed = false

  constructor(private readonly options: BrokerOptions) {
    this.line = new WaitingLine(options.budget)
    this.limit = options.acquireTimeoutMs ?? 3000
  }

  /** A connection logged in as this account. Rejects with DatabaseBusy after the time limit, or at once when server or tenant are down. */
  acquire(account: Account): Promise<Physical> {
    const refusal = this.refusal(account)
    if (refusal) return Promise.reject(refusal)
    return (this.line.size === 0 ? this.grab(account) : null) ?? this.wait(account)
  }

  /** A second connection for a unit of work that has one: only when nobody waits and the tenant's share allows it, else null. */
  tryAcquire(account: Account): Promise<Physical> | null {
    if (this.line.size > 0 || !this.line.withinShare(account) || this.refusal(account)) return null
    return this.grab(account)
  }

  /** Takes a connection back. Broken and doomed ones are closed. */
  release(p: Physical): void {
    this.line.hold(p.account, -1)
    if (this.fit(p)) this.offer(p)
    else this.discard(p)
  }

  /** Keeps the connection for its owner, a unit of work that does not use it now. Happens between all queries of a page, so it is only a mark. */
  park(p: Physical, owner: object): void {
    if (!this.fit(p)) return this.release(p)
    p.owner = owner
    p.parkedAt = Date.now()
  }

  /** Takes a parked connection into use again; false when somebody else has it by now, or it is gone. */
  unpark(p: Physical, owner: object): boolean {
    if (p.owner !== owner) return false
    p.owner = null
    return true
  }

  /** The owner does not need it any more: it is free for all. */
  unreserve(p: Physical, owner: object): void {
    if (this.unpark(p, owner)) this.release(p)
  }

  /** Closes a tenant's unused connections now, and its used ones when they come back. */
  drain(key: string): void {
    this.health.forget(key)
    for (const p of [...this.all]) {
      if (p.key !== key) continue
      p.doomed = true
      this.discardUnused(p)
    }
  }

  /** Closes everything; used connections when they come back. Those who wait are refused. */
  close(): void {
    this.closed = true
    clearTimeout(this.reclaim)
    clearTimeout(this.watch)
    this.refuseWaiters(new DatabaseBusy('The process is shutting down.'))
    for (const p of [...this.all]) this.discardUnused(p)
  }

  snapshot(): BrokerSnapshot {
    const size = this.all.size + this.opening
    const parked = [...this.all].filter((p) => p.owner).length
    return { size, busy: size - this.shelf.count - parked, parked, waiting: this.line.size, budget: this.options.budget, ...this.stats }
  }

  /** The tenants that hold and wait most now, by key. */
  busiest(n: number): Array<{ key: string; held: number; waiting: number }> {
    return this.line.busiest(n)
  }

  private fit(p: Physical): boolean {
    return !this.closed && !p.doomed && p.healthy
  }

  private hasRoom(): boolean {
    return this.all.size + this.opening < this.options.budget
  }

  private refusal(account: Account): DatabaseBusy | null {
    if (this.closed) return new DatabaseBusy('The process is shutting down.')
    if (this.health.serverDown && this.all.size === 0 && !this.health.mayOpen()) return this.health.serverRefusal()
    return this.health.refusal(account.key)
  }

  /** Without waiting: the tenant's own idle connection, a new one, the coldest of another tenant, or null. */
  private grab(account: Account): Promise<Physical> | null {
    const own = this.shelf.takeOwn(account.key)
    if (own) return this.hand(own, account)
    if (this.hasRoom() && (this.health.serverDown && this.all.size === 0 || this.health.mayOpen())) return this.open(account)
    const coldest = this.shelf.takeColdest() ?? this.takeStale()
    return coldest ? this.hand(coldest, account) : null
  }

  private async open(account: Account): Promise<Physical> {
    this.opening++
    this.stats.opens++
    this.line.hold(account, 1)
    let p: Physical
    try {
      p = await Physical.open(this.options, account)
    } catch (error) {
      this.opening--
      return this.openFailed(account, error)
    }
    this.opening--
    this.all.add(p)
    p.onLost = () => this.discardUnused(p)
    this.health.opened()
    return this.settle(p, account)
  }

  private openFailed(account: Account, error: unknown): Promise<Physical> {
    this.stats.failures++
    this.line.hold(account, -1)
    const refusal = this.health.failed(account.key, error)
    if (isFull(error) && this.all.size > 0) return this.wait(account)
    if (this.health.serverDown && this.all.size === 0) this.refuseWaiters(refusal)
    else this.pump()
    throw refusal
  }

  /** Hands a connection that is in no list to an account, switching it when it was another tenant's. */
  private hand(p: Physical, account: Account): Promise<Physical> {
    this.line.hold(account, 1)
    if (p.key === account.key) {
      this.stats.hits++
      return Promise.resolve(p)
    }
    this.stats.steals++
    this.watchSwitches()
    return p.switchTo(account, this.style).then(() => this.settle(p, account), (error) => this.giveUpOn(p, account, error))
  }

  /** One timer for all switches: none may hang for ever. */
  private lookAtSwitches(): void {
    this.watch = undefined
    const due = Date.now() - this.limit
    let some = false
    for (const p of this.all) {
      if (!p.abandon) continue
      some = true
      if (p.switchingSince < due) p.giveUpSwitch()
    }
    if (some) this.watchSwitches()
  }

  private watchSwitches(): void {
    this.watch ??= setTimeout(() => this.lookAtSwitches(), this.limit / 3).unref()
  }

  private async settle(p: Physical, account: Account): Promise<Physical> {
    try {
      if (this.options.strict) await p.verify(account)
    } catch (error) {
      return this.giveUpOn(p, account, error)
    }
    this.health.served(account.key)
    return p
  }

  private giveUpOn(p: Physical, account: Account, error: unknown): never {
    this.stats.failures++
    this.line.hold(account, -1)
    const refusal = this.health.failed(account.key, error)
    this.discard(p)
    throw refusal
  }

  private wait(account: Account): Promise<Physical> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = { account, since: performance.now(), passed: 0, resolve, reject, timer: setTimeout(() => {
        this.stats.timeouts++
        this.refuse(waiter, new DatabaseBusy('Too many requests are waiting for the database.'))
      }, this.limit) }
      this.line.add(waiter)
      this.armReclaim()
    })
  }

  private leave(waiter: Waiter): void {
    if (this.line.leave(waiter)) this.stats.waited(performance.now() - waiter.since)
  }

  private refuse(waiter: Waiter, refusal: DatabaseBusy): void {
    this.leave(waiter)
    waiter.reject(refusal)
  }

  private refuseWaiters(refusal: DatabaseBusy): void {
    for (const waiter of this.line.all()) this.refuse(waiter, refusal)
  }

  /** A connection in no list: to the next waiter, or to the warm end of the shelf. */
  private offer(p: Physical): void {
    const waiter = this.line.size > 0 ? this.line.next(p.account) : undefined
    if (!waiter) return this.shelf.add(p)
    this.leave(waiter)
    this.hand(p, waiter.account).then(waiter.resolve, waiter.reject)
  }

  /** Room became free: serve those who wait. */
  private pump(): void {
    while (this.line.size > 0 && this.hasRoom() && this.health.mayOpen()) {
      const waiter = this.line.next() as Waiter
      this.leave(waiter)
      this.open(waiter.account).then(waiter.resolve, waiter.reject)
    }
  }

  /** The connection that has been parked for longest, if that is too long. */
  private takeStale(): Physical | undefined {
    let stale: Physical | undefined
    let since = Date.now() - PARK_MS
    for (const p of this.all) {
      if (!p.owner || p.parkedAt > since) continue
      stale = p
      since = p.parkedAt
    }
    if (!stale) return undefined
    stale.owner = null
    this.line.hold(stale.account, -1)
    return stale
  }

  /** Somebody waits: perhaps a unit of work keeps a connection it does not use. Look again while anybody waits. */
  private armReclaim(): void {
    this.reclaim ??= setTimeout(() => {
      this.reclaim = undefined
      while (this.line.size > 0) {
        const p = this.takeStale()
        if (!p) break
        this.offer(p)
      }
      if (this.line.size > 0) this.armReclaim()
    }, PARK_MS / 4)
  }

  private discard(p: Physical): void {
    this.shelf.remove(p)
    if (this.all.delete(p)) p.destroy()
    if (!this.closed && this.line.size > 0) this.pump()
  }

  /** Nothing happens to a used one: it is looked at when it comes back. */
  private discardUnused(p: Physical): void {
    if (p.owner) {
      p.owner = null
      this.line.hold(p.account, -1)
      this.discard(p)
    } else if (this.shelf.has(p)) this.discard(p)
  }
}
