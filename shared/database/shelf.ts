/** The idle connections of a broker: anybody may take them, their last tenant first. */
import type { Physical } from './physical.js'

export class Shelf {
  /** Coldest first. */
  private readonly idle = new Set<Physical>()
  private readonly idleOf = new Map<string, Physical[]>()

  get count(): number {
    return this.idle.size
  }

  has(p: Physical): boolean {
    return this.idle.has(p)
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

  takeColdest(): Physical | undefined {
    for (const p of this.idle) {
      this.remove(p)
      return p
    }
    return undefined
  }

  remove(p: Physical): void {
    if (!this.idle.delete(p)) return
    const own = this.idleOf.get(p.key) as Physical[]
    if (own.length === 1) this.idleOf.delete(p.key)
    else own.splice(own.lastIndexOf(p), 1)
  }
}
