/** Where a broker keeps connections that nobody uses: idle ones for anybody, parked ones for the unit of work that will want them back. */
import type { Physical } from './physical.js'

/** How long a unit of work keeps an unused connection against those who wait, in ms. */
export const PARK_MS = 20

export class Shelf {
  /** Coldest first. */
  private readonly idle = new Set<Physical>()
  private readonly idleOf = new Map<string, Physical[]>()
  /** Longest parked first. */
  private readonly parked = new Set<Physical>()

  get parkedCount(): number {
    return this.parked.size
  }

  get count(): number {
    return this.idle.size + this.parked.size
  }

  has(p: Physical): boolean {
    return this.idle.has(p) || this.parked.has(p)
  }

  /** Puts it at the warm end. */
  add(p: Physical): void {
    this.idle.add(p)
    const own = this.idleOf.get(p.key)
    if (own) own.push(p)
    else this.idleOf.set(p.key, [p])
  }

  /** The tenant's own idle connection, warmest first. */
  takeOwn(key: string): Physical | undefined {
    const own = this.idleOf.get(key)?.at(-1)
    if (own) this.remove(own)
    return own
  }

  /** The coldest idle one, or one that has been parked too long. */
  takeColdest(): Physical | undefined {
    for (const p of this.idle) return this.taken(p)
    return this.takeStale()
  }

  takeStale(): Physical | undefined {
    for (const p of this.parked) return Date.now() - p.parkedAt < PARK_MS ? undefined : this.taken(p)
    return undefined
  }

  park(p: Physical, owner: object): void {
    p.owner = owner
    p.parkedAt = Date.now()
    this.parked.add(p)
  }

  /** False when it is not parked for this owner any more. */
  unpark(p: Physical, owner: object): boolean {
    if (p.owner !== owner || !this.parked.delete(p)) return false
    p.owner = null
    return true
  }

  remove(p: Physical): void {
    p.owner = null
    this.parked.delete(p)
    if (!this.idle.delete(p)) return
    const own = this.idleOf.get(p.key) as Physical[]
    if (own.length === 1) this.idleOf.delete(p.key)
    else own.splice(own.lastIndexOf(p), 1)
  }

  all(): Physical[] {
    return [...this.idle, ...this.parked]
  }

  private taken(p: Physical): Physical {
    this.remove(p)
    return p
  }
}
