/**
 * Host name → who answers there. Every request asks, so the answer comes from memory; the directory is asked once a host.
 * - Known hosts: LRU. Unknown hosts: a bounded list of their own, so that noise never pushes a shop out.
 * - Concurrent questions for one host share one look-up.
 * - Once a second the directory's version is read; a new one forgets everything, so another process's change shows within a second.
 * - A look-up that began before a change never writes its old answer back (generation numbers).
 * - Directory down: known answers stay valid, the rest throw.
 * Callers check the tenant's status themselves: suspended tenants resolve.
 */
import { log } from '../log.js'
import { runAsPlatform } from './context.js'
import { directory, type Directory, type HostAnswer } from './directory.js'
import { normaliseHostHeader } from './host-name.js'

export interface HostCacheSizes {
  known: number
  unknown: number
}
const pollMs = 800

export class HostResolver {
  private readonly known = new Map<string, HostAnswer>()
  private readonly unknown = new Set<string>()
  private readonly flights = new Map<string, Promise<HostAnswer | null>>()
  private generation = 0
  private version: number | undefined
  private firstVersion: Promise<void> | undefined
  private timer: NodeJS.Timeout | undefined
  readonly counts = { hits: 0, lookups: 0, forgotten: 0 }

  constructor(private readonly source: Directory, private readonly sizes: HostCacheSizes = { known: 20_000, unknown: 5_000 }) {}

  /** Null: nobody answers there, or the name is none. `host` is normalised here. */
  async resolve(raw: string): Promise<HostAnswer | null> {
    const host = normaliseHostHeader(raw)
    if (!host) return null
    const hit = this.known.get(host)
    if (hit) {
      this.counts.hits++
      this.known.delete(host)
      this.known.set(host, hit)
      return hit
    }
    if (this.unknown.has(host)) return null
    await this.watch()
    return this.flights.get(host) ?? this.lookUp(host)
  }

  /** Forgets all answers: called when the version moved, and by code in this process that just changed a domain. */
  forget(): void {
    this.generation++
    this.counts.forgotten++
    this.known.clear()
    this.unknown.clear()
    this.flights.clear()
  }

  stop(): void {
    clearTimeout(this.timer)
    this.timer = undefined
    this.firstVersion = undefined
  }

  sizesNow(): HostCacheSizes {
    return { known: this.known.size, unknown: this.unknown.size }
  }

  private lookUp(host: string): Promise<HostAnswer | null> {
    const generation = this.generation
    this.counts.lookups++
    const flight = runAsPlatform(() => this.source.findByHost(host))
      .then((answer) => {
        if (generation === this.generation) this.remember(host, answer)
        return answer
      })
      .finally(() => {
        if (this.flights.get(host) === flight) this.flights.delete(host)
      })
    this.flights.set(host, flight)
    return flight
  }

  private remember(host: string, answer: HostAnswer | null): void {
    if (answer) this.known.set(host, answer)
    else this.unknown.add(host)
    const full: { size: number; keys(): Iterator<string>; delete(key: string): boolean } = answer ? this.known : this.unknown
    if (full.size > (answer ? this.sizes.known : this.sizes.unknown)) full.delete(full.keys().next().value as string)
  }

  /** The first look-up waits for a version to compare with; without it a change in between would never be noticed. */
  private watch(): Promise<void> {
    return (this.firstVersion ??= this.readVersion().then(
      () => this.schedule(),
      (error: unknown) => {
        this.firstVersion = undefined
        throw error
      },
    ))
  }

  private async readVersion(): Promise<void> {
    const version = await runAsPlatform(() => this.source.version())
    if (this.version !== undefined && version !== this.version) this.forget()
    this.version = version
  }

  private schedule(): void {
    this.timer = setTimeout(() => {
      this.readVersion()
        .catch((error: unknown) => log().warn({ err: error }, 'The directory did not tell its version; known hosts keep answering'))
        .finally(() => { if (this.firstVersion) this.schedule() })
        .catch(() => undefined)
    }, pollMs)
    this.timer.unref()
  }
}

let resolver: { source: Directory; answers: HostResolver } | undefined
/** The resolver of this process, over the plugged-in directory. */
export function hostResolver(): HostResolver {
  const source = directory()
  if (resolver?.source !== source) {
    resolver?.answers.stop()
    resolver = { source, answers: new HostResolver(source) }
  }
  return resolver.answers
}

export const resolveHost = (raw: string): Promise<HostAnswer | null> => hostResolver().resolve(raw)
/** Shutdown and tests: stops asking for the directory's version and forgets everything; the next look-up begins afresh. */
export function stopResolving(): void {
  resolver?.answers.stop()
  resolver = undefined
}
/** For code that changed a tenant or a domain in this process and wants the next request to know. */
export const forgetHosts = (): void => hostResolver().forget()
