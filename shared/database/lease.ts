/**
 * The connection of one unit of work. Its queries share it (the driver runs them one after another), so a page pays one switch at most;
 * a transaction has it alone. Between queries it is parked: under pressure others may take it, then the next query leases again.
 * So no unit of work can hold the budget while it waits for something else.
 */
import type { Broker } from './broker.js'
import { DatabaseBusy } from './database-busy.js'
import type { Account, Holder, Physical, RawConnection } from './physical.js'

interface Turn {
  alone: boolean
  go: () => void
}

export class Lease implements Holder {
  private current: Physical | undefined
  private arriving: Promise<Physical> | undefined
  /** `current` is in our hand, not parked. */
  private held = false
  private users = 0
  private alone = false
  private pins = 0
  private ended = false
  private readonly queue: Turn[] = []
  /** Taken beside the shared one, for a query that met a transaction or the reverse. */
  private readonly extra = new Set<Physical>()

  constructor(private readonly broker: Broker, private readonly account: Account) {}

  /** For one query, as the query builder wants it; it gives it back through `Physical.holder`. */
  acquire(): Promise<RawConnection> {
    if (this.alone) return this.besides(false).then((p) => this.lend(p))
    this.users++
    const p = this.inHand()
    if (!p) return this.take().then((got) => this.lend(got))
    p.holder = this
    return p.ready
  }

  /** For a transaction: nothing else of this unit of work uses it until it is released. */
  acquireAlone(): Promise<Physical> {
    if (this.users > 0) return this.besides(true)
    this.users++
    this.alone = true
    return this.take()
  }

  release(p: Physical): void {
    if (this.extra.size > 0 && this.extra.delete(p)) return this.broker.release(p)
    if (!p.healthy && this.current === p) this.drop(p)
    this.done()
  }

  /** Closes it instead: its session can no longer be trusted. */
  destroy(p: Physical): void {
    p.raw.destroy()
    this.release(p)
  }

  /** Keeps the same session (a named lock lives there) until unpinned. */
  async pin(): Promise<Physical> {
    if (this.alone) await this.turn(false)
    else this.users++
    const p = await this.take()
    this.pins++
    this.release(p)
    return p
  }

  unpin(): void {
    this.pins--
    if (this.users === 0) this.rest()
  }

  /** Gives the connection back early, when nothing uses it. */
  giveBack(): void {
    if (this.users > 0 || this.pins > 0 || !this.current) return
    this.broker.unreserve(this.current, this)
    this.current = undefined
  }

  /** The unit of work is over. Queries that were not awaited keep the connection until they finish. */
  end(): void {
    this.ended = true
    this.giveBack()
  }

  private lend(p: Physical): RawConnection {
    p.holder = this
    return p.raw
  }

  /** Our connection, when it is here or where we parked it. */
  private inHand(): Physical | undefined {
    const p = this.current
    if (!p) return undefined
    this.held ||= this.broker.unpark(p, this)
    return this.held ? p : undefined
  }

  private async take(): Promise<Physical> {
    try {
      return this.inHand() ?? (await (this.arriving ??= this.arrive()))
    } catch (error) {
      this.done()
      throw error
    }
  }

  private async arrive(): Promise<Physical> {
    try {
      this.current = await this.broker.acquire(this.account)
      this.held = true
      return this.current
    } finally {
      this.arriving = undefined
    }
  }

  /** A query meets a transaction of its own unit of work, or the reverse: a second connection if one is free, else its turn. */
  private async besides(alone: boolean): Promise<Physical> {
    const second = this.broker.tryAcquire(this.account)
    if (second) {
      const p = await second
      this.extra.add(p)
      return p
    }
    await this.turn(alone)
    return this.take()
  }

  private done(): void {
    this.users--
    if (this.users > 0) return
    this.alone = false
    if (this.queue.length === 0) return this.rest()
    do this.queue.shift()?.go()
    while (!this.alone && this.queue[0]?.alone === false)
  }

  private rest(): void {
    const p = this.current
    if (!p || !this.held || this.pins > 0) return
    this.held = false
    if (!this.ended) return this.broker.park(p, this)
    this.current = undefined
    this.broker.release(p)
  }

  private drop(p: Physical): void {
    this.current = undefined
    this.held = false
    this.broker.release(p)
  }

  private turn(alone: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const entry: Turn = { alone, go: () => {
        clearTimeout(timer)
        this.users++
        if (alone) this.alone = true
        resolve()
      } }
      const timer = setTimeout(() => {
        this.queue.splice(this.queue.indexOf(entry), 1)
        reject(new DatabaseBusy('A query waited too long for a transaction of its own unit of work.'))
      }, 3000)
      this.queue.push(entry)
    })
  }
}
