/**
 * Who is being served: central, one tenant, or nobody (then every query throws).
 * `run` only: no setter, no default. Entered at resolve-host, at the job worker and at enter-tenant, nowhere else.
 * Central may enter a tenant; a tenant enters nothing but itself.
 */
import { ambient, withWork } from './ambient.js'
import { tenantKey, type Tenant } from './tenant.js'

/** State that lives exactly as long as one unit of work (a request, a job, a command). */
export interface Work {
  readonly tenant: Tenant | null
  /** Correlates log lines: request id or job id. */
  readonly id: string
  /** Slots for shared/database: leased connection, open transaction, hooks after commit. */
  readonly slots: Map<symbol, unknown>
  /** Run when the unit of work ends, in reverse order, whatever happened. */
  readonly onEnd: Array<() => void>
}

export class NoTenant extends Error {
  constructor(message = 'No tenant: this code must run inside runInTenant().') {
    super(message)
    this.name = 'NoTenant'
  }
}
/** Code tried to cross from one tenant to another, or from a tenant to central. */
export class WrongTenant extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'WrongTenant'
  }
}

let counter = 0

async function enter<T>(tenant: Tenant | null, id: string | undefined, fn: () => T | Promise<T>): Promise<T> {
  const work: Work = { tenant, id: id ?? ambient().work?.id ?? `w${process.pid}-${++counter}`, slots: new Map(), onEnd: [] }
  return withWork(work, async () => {
    try {
      return await fn()
    } finally {
      for (const end of work.onEnd.reverse()) end()
    }
  })
}

/** Runs `fn` as this tenant. Nested use is allowed for the same tenant and from central; from another tenant it throws WrongTenant. */
export async function runInTenant<T>(tenant: Tenant, fn: () => T | Promise<T>, id?: string): Promise<T> {
  const outer = ambient().work
  if (outer?.tenant) {
    if (tenantKey(outer.tenant) !== tenantKey(tenant)) throw new WrongTenant(`A unit of work of ${outer.tenant.slug} may not enter ${tenant.slug}.`)
    return await fn()
  }
  return enter(tenant, id, fn)
}

/** Runs `fn` as central. From inside a tenant it throws WrongTenant. */
export async function runInCentral<T>(fn: () => T | Promise<T>, id?: string): Promise<T> {
  const outer = ambient().work
  if (outer?.tenant) throw new WrongTenant(`A unit of work of ${outer.tenant.slug} may not enter central.`)
  return outer ? await fn() : enter(null, id, fn)
}

/** Runs `fn` as nobody: for platform plumbing behind a contract (directory, job store) that a tenant's work calls, and for stripping the tenant in tests. */
export function runAsPlatform<T>(fn: () => T): T {
  return withWork(null, fn)
}

export function currentWork(): Work {
  const { work } = ambient()
  if (!work) throw new NoTenant('No context: this code must run inside runInTenant() or runInCentral().')
  return work
}
export const currentWorkOrNull = (): Work | null => ambient().work

/** The tenant being served; throws NoTenant when there is none. */
export function currentTenant(): Tenant {
  const tenant = ambient().work?.tenant
  if (!tenant) throw new NoTenant()
  return tenant
}
export const currentTenantOrNull = (): Tenant | null => ambient().work?.tenant ?? null
