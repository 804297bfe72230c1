/**
 * What tenants need of the platform without knowing that central exists. `scripts/boot.ts` plugs in central's implementation.
 * Every method may be called inside a tenant's work; the implementation leaves the tenant's context for its own queries.
 */
import type { Tenant } from './tenant.js'
import type { SaleRecord, UsageRecord, WholesalePrice, WholesaleSubscription } from './wholesale.js'

export type HostAnswer =
  | { readonly kind: 'tenant'; readonly tenant: Tenant; readonly alias: boolean }
  /** The console (`admin.`) or the platform site with the reseller area. */
  | { readonly kind: 'console' }
  | { readonly kind: 'platform' }

/** `failing`: the last three calls in a row had no usable answer. `unknown`: nobody has called it yet. */
export type ProviderHealth = 'ok' | 'failing' | 'unknown'

/** Sealed in central; opened only for the call that needs it. */
export interface ProviderConnection {
  readonly id: number
  readonly kind: string
  /** Names the row for ever; part of what its secrets are sealed with. */
  readonly name: string
  /** What people read. */
  readonly label: string
  /** Where its desktops stand, such as `eu-west`; null: not told apart. */
  readonly region: string | null
  /** The tenant's own server, which nobody else may use; use of it is recorded wholesale as `kasm.own`. */
  readonly own: boolean
  /** False: it takes no new workspaces; those that live on it are served as ever. */
  readonly active: boolean
  readonly health: ProviderHealth
  readonly failingSince: Date | null
  /** How many sessions fit; null: not limited by us. */
  readonly maxSessions: number | null
  /** How many were there at the last look, of whomever; null: not looked yet. */
  readonly sessions: number | null
  readonly baseUrl: string
  /** Opened secrets, e.g. `{apiKey, apiKeySecret}`. Never log, never show. */
  readonly secrets: Readonly<Record<string, string>>
  readonly settings: Readonly<Record<string, unknown>>
}

/** What one call to a provider told about its health. */
export interface ProviderOutcome {
  readonly ok: boolean
  /** The code of the OutsideError, and a line fit for staff. Never a secret. */
  readonly code?: string
  readonly error?: string
  /** Sessions on the server, when the call was the list. */
  readonly sessions?: number
}

/** Something at a tenant that staff must look at, such as a service that could not be set up. The same key opens, changes and closes one trouble. */
export interface Trouble {
  /** Unique within the tenant, e.g. `service:17`. */
  readonly key: string
  readonly title: string
  /** What is wrong and what happens next; no customer data beyond a name. */
  readonly detail: string
  readonly code: string | null
  /** False: it is solved. */
  readonly open: boolean
}

/** How many workspaces of a shop live on one server, by what they do. */
export interface WorkspaceCount {
  /** Id of the connection; null: the platform's oldest. */
  readonly server: number | null
  readonly running: number
  /** Starting, stopping, pausing or being set up. */
  readonly waiting: number
  readonly stopped: number
  readonly failed: number
  /** Removed, files still kept. */
  readonly archived: number
}

export interface Directory {
  /** Exact, normalised host. Null: unknown, or not verified. */
  findByHost(host: string): Promise<HostAnswer | null>
  findBySlug(slug: string): Promise<Tenant | null>
  findByUuid(uuid: string): Promise<Tenant | null>
  /** All that serve (not opening, not dropped). */
  all(): Promise<Tenant[]>
  /** Grows whenever any tenant, domain or branding changes; one indexed row. */
  version(): Promise<number>
  /** The first active one of `providers`; null when there is none. */
  provider(tenant: Tenant, kind: string): Promise<ProviderConnection | null>
  /** Every connection of this kind that the tenant may use, switched off ones too: its own first, then the platform's, each by age. */
  providers(tenant: Tenant, kind: string): Promise<ProviderConnection[]>
  /** Writes down how a call went: health, last error, sessions counted; tells staff when an outage begins and when it is over. */
  noteProvider(connectionId: number, outcome: ProviderOutcome): Promise<void>
  wholesalePrices(tenant: Tenant): Promise<WholesalePrice[]>
  recordUsage(tenant: Tenant, records: readonly UsageRecord[]): Promise<void>
  /** What is on record of this tenant's metered use; for comparing with its own meter. */
  usageOf(tenant: Tenant): Promise<ReadonlyArray<Pick<UsageRecord, 'key' | 'quantitySeconds'>>>
  recordSubscription(tenant: Tenant, subscription: WholesaleSubscription): Promise<void>
  recordSale(tenant: Tenant, sale: SaleRecord): Promise<void>
  reportTrouble(tenant: Tenant, trouble: Trouble): Promise<void>
  /** Replaces what the tenant told before. */
  reportWorkspaces(tenant: Tenant, counts: readonly WorkspaceCount[]): Promise<void>
  /** Moves a sandbox tenant's clock forward; throws Refusal in production, for other tenants, and backwards. */
  setClock(tenant: Tenant, offsetMs: number): Promise<Tenant>
}

let plugged: Directory | undefined
/** Called once per process by scripts/boot.ts and by the test kit. */
export function plugDirectory(directory: Directory): void {
  plugged = directory
}
export function directory(): Directory {
  if (!plugged) throw new Error('No directory is plugged in: start through scripts/boot.ts.')
  return plugged
}
