/** The tenant as everything under it sees it: a frozen value, made by the directory from central rows. No secret but the database password, which never prints. */

/** opening: the saga has not finished. past_due and trial serve as active does. dropped: a tombstone. */
export type TenantStatus = 'opening' | 'active' | 'trial' | 'suspended' | 'maintenance' | 'dropped'

/** Where a tenant's rows live, and as whom we read them. */
export interface TenantDatabase {
  /** Row of `database_servers` in central. */
  readonly serverId: number
  readonly database: string
  /** Account with select, insert, update, delete on this one schema. */
  readonly user: string
  readonly password: string
}

/** What a reseller shows of itself. Colours are validated `#rrggbb`. */
export interface Brand {
  readonly companyName: string
  readonly primaryColor: string
  readonly secondaryColor: string
  readonly logoUrl: string | null
  readonly faviconUrl: string | null
  readonly supportEmail: string
  readonly supportPhone: string | null
  readonly fromEmail: string | null
  readonly fromName: string
  /** Legal entity and address lines printed on invoices. */
  readonly legalName: string
  readonly legalAddress: readonly string[]
  readonly taxId: string | null
  /** Changes whenever a field changes; names the stylesheet in caches. */
  readonly version: string
}

export interface Tenant {
  readonly id: number
  readonly uuid: string
  /** Grows when database, user or server change: old connections and caches never meet the new ones. */
  readonly generation: number
  readonly slug: string
  readonly name: string
  readonly status: TenantStatus
  /** EZSCALE's own shop. */
  readonly house: boolean
  /** May have its clock moved forward. */
  readonly sandbox: boolean
  /** How far a sandbox clock runs ahead, in milliseconds; 0 elsewhere. */
  readonly clockOffsetMs: number
  readonly primaryHost: string
  /** ISO 4217 currency that new customers and the first price list use. */
  readonly currency: string
  /** IANA zone in which the tenant's days and months begin. */
  readonly timeZone: string
  readonly locale: string
  readonly brand: Brand
  readonly db: TenantDatabase
}

/** Key of every cache, connection and lock of a tenant. */
export function tenantKey(t: Tenant): string {
  let key = keys.get(t)
  if (!key) keys.set(t, (key = `${t.uuid}.${t.generation}`))
  return key
}
/** Asked for with every query and every record, so it is put together once. */
const keys = new WeakMap<Tenant, string>()

/** Freezes the value and keeps the password out of JSON and inspection. */
export function makeTenant(facts: Tenant): Tenant {
  const db = { ...facts.db }
  Object.defineProperty(db, 'password', { enumerable: false, value: facts.db.password })
  return Object.freeze({ ...facts, brand: Object.freeze({ ...facts.brand }), db: Object.freeze(db) })
}
