/** Bounded work over many tenants: one failure never stops the rest unless told, and nobody waits for the slowest in a group. */
import { runInTenant } from './context.js'
import { directory } from './directory.js'
import type { Selection } from './ledger.js'
import type { Tenant } from './tenant.js'

export interface FanOptions {
  /** At once; 4 by default: the knee on two cores is at 4 to 8. */
  readonly concurrency?: number
  /** When it aborts, what has begun is finished and nothing more begins. */
  readonly signal?: AbortSignal | undefined
}

/** Every worker takes the next item as soon as it is free. `fn` must not throw; `false` from it stops everything that has not begun. Answers how many began. */
export async function fanOut<T>(items: readonly T[], fn: (item: T, worker: number) => Promise<boolean | void>, options: FanOptions = {}): Promise<number> {
  let next = 0
  let stopped = false
  const work = async (worker: number): Promise<void> => {
    while (next < items.length && !stopped && !options.signal?.aborted) {
      if ((await fn(items[next++]!, worker)) === false) stopped = true
    }
  }
  await Promise.all(Array.from({ length: Math.min(options.concurrency ?? 4, items.length) }, (_v, i) => work(i)))
  return next
}

export type Visit<R> = { readonly tenant: Tenant; readonly ms: number } & ({ readonly ok: true; readonly value: R } | { readonly ok: false; readonly error: Error })

export interface VisitOptions extends FanOptions {
  readonly onError?: 'stop' | 'continue'
  /** Stop once this many have failed. */
  readonly maxFailures?: number
  readonly onVisit?: (visit: Visit<unknown>, done: number, total: number) => void
}

/** The tenants of the directory that a selection names. */
export async function selectTenants(selection: Selection): Promise<Tenant[]> {
  const { only, except } = selection
  return (await directory().all()).filter((t) => (!only || only.includes(t.slug)) && !except?.includes(t.slug))
}

/** Runs `fn` inside each selected tenant. Visits that never began are missing from the answer. */
export async function visitFleet<R>(selection: Selection, fn: (tenant: Tenant) => Promise<R>, options: VisitOptions = {}): Promise<Visit<R>[]> {
  const tenants = await selectTenants(selection)
  const visits: Visit<R>[] = []
  let failed = 0
  const visitOne = async (tenant: Tenant): Promise<boolean> => {
    const begun = performance.now()
    const outcome = await runInTenant(tenant, () => fn(tenant)).then(
      (value) => ({ ok: true as const, value }),
      (error: unknown) => ({ ok: false as const, error: error instanceof Error ? error : new Error(String(error)) }))
    const visit: Visit<R> = { tenant, ms: performance.now() - begun, ...outcome }
    visits.push(visit)
    options.onVisit?.(visit, visits.length, tenants.length)
    if (visit.ok) return true
    failed++
    return options.onError !== 'stop' && failed < (options.maxFailures ?? Infinity)
  }
  await fanOut(tenants, visitOne, options)
  return visits
}
