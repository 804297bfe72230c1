/** The directory contract in memory: two or more tenants without central. What tenants report lands in arrays that a test can look at. */
import { Refusal } from '../errors.js'
import type { Directory, HostAnswer, ProviderConnection, ProviderOutcome, Trouble, WorkspaceCount } from '../tenancy/directory.js'
import type { SaleRecord, UsageRecord, WholesalePrice, WholesaleSubscription } from '../tenancy/wholesale.js'
import { makeTenant, type Tenant } from '../tenancy/tenant.js'
import { clock } from '../time/clock.js'

type Of<T> = T & { readonly tenant: string }

export class MemoryDirectory implements Directory {
  readonly tenants = new Map<string, Tenant>()
  readonly hosts = new Map<string, HostAnswer>()
  /** Connections and whose they are: without a tenant everybody's. Fill it by `connect`. */
  readonly connected: Array<{ connection: ProviderConnection; tenant: string | null }> = []
  readonly outcomes: Array<ProviderOutcome & { connectionId: number }> = []
  readonly usage: Of<UsageRecord>[] = []
  readonly subscriptions: Of<WholesaleSubscription>[] = []
  readonly sales: Of<SaleRecord>[] = []
  readonly troubles: Of<Trouble>[] = []
  /** By slug: what the tenant told last. */
  readonly workspaceCounts = new Map<string, readonly WorkspaceCount[]>()
  prices: WholesalePrice[] = []
  private changes = 1

  /** Adds a tenant, or replaces what is known of it (another status, brand, clock). */
  put(tenant: Tenant): void {
    this.tenants.set(tenant.uuid, tenant)
    if (tenant.primaryHost) this.hosts.set(tenant.primaryHost, { kind: 'tenant', tenant, alias: false })
    this.changes++
  }
  /** Forgets a tenant, as if it had been dropped. */
  remove(tenant: Tenant): void {
    this.tenants.delete(tenant.uuid)
    this.hosts.delete(tenant.primaryHost)
    this.changes++
  }
  /** Empties what was reported and which providers are known; tenants stay. */
  forget(): void {
    for (const list of [this.connected, this.outcomes, this.usage, this.subscriptions, this.sales, this.troubles]) list.length = 0
  }

  async findByHost(host: string) {
    return this.hosts.get(host) ?? null
  }
  async findBySlug(slug: string) {
    return [...this.tenants.values()].find((t) => t.slug === slug) ?? null
  }
  async findByUuid(uuid: string) {
    return this.tenants.get(uuid) ?? null
  }
  async all() {
    return [...this.tenants.values()]
  }
  async version() {
    return this.changes
  }
  /** Adds a provider, or replaces the one with its id; what is left out is as of a healthy one of the platform. `tenant` (a slug): only that tenant's own. */
  connect(part: Partial<ProviderConnection> & Pick<ProviderConnection, 'baseUrl' | 'secrets'>, tenant: string | null = null): ProviderConnection {
    const connection = { id: 1, kind: 'kasm', name: 'test', label: part.name ?? 'test', region: null, own: tenant !== null, active: true, health: 'ok', failingSince: null, maxSessions: null, sessions: null, settings: {}, ...part } as const
    const known = this.connected.findIndex((c) => c.connection.id === connection.id)
    this.connected.splice(known < 0 ? this.connected.length : known, known < 0 ? 0 : 1, { connection, tenant })
    return connection
  }
  async provider(tenant: Tenant, kind: string) {
    return (await this.providers(tenant, kind)).find((p) => p.active) ?? null
  }
  async providers(tenant: Tenant, kind: string) {
    const usable = this.connected.filter((c) => c.connection.kind === kind && (c.tenant === null || c.tenant === tenant.slug)).map((c) => c.connection)
    return usable.sort((a, b) => Number(b.own) - Number(a.own) || a.id - b.id)
  }
  async noteProvider(connectionId: number, outcome: ProviderOutcome) {
    this.outcomes.push({ ...outcome, connectionId })
    if (this.outcomes.length > 1000) this.outcomes.shift()
  }
  async wholesalePrices() {
    return this.prices
  }
  async usageOf(tenant: Tenant) {
    return this.usage.filter((u) => u.tenant === tenant.slug)
  }
  async recordUsage(tenant: Tenant, records: readonly UsageRecord[]) {
    for (const record of records) {
      const known = this.usage.find((u) => u.tenant === tenant.slug && u.key === record.key)
      if (known && known.quantitySeconds !== record.quantitySeconds) throw new Error(`usage ${record.key} came again with another quantity`)
      if (!known) this.usage.push({ ...record, tenant: tenant.slug })
    }
  }
  async recordSubscription(tenant: Tenant, subscription: WholesaleSubscription) {
    const at = this.subscriptions.findIndex((s) => s.tenant === tenant.slug && s.key === subscription.key)
    if (at < 0) this.subscriptions.push({ ...subscription, tenant: tenant.slug })
    else this.subscriptions[at] = { ...this.subscriptions[at]!, endedAt: subscription.endedAt }
  }
  async recordSale(tenant: Tenant, sale: SaleRecord) {
    if (!this.sales.some((s) => s.tenant === tenant.slug && s.key === sale.key)) this.sales.push({ ...sale, tenant: tenant.slug })
  }
  async reportTrouble(tenant: Tenant, trouble: Trouble) {
    const at = this.troubles.findIndex((t) => t.tenant === tenant.slug && t.key === trouble.key)
    if (at >= 0) this.troubles.splice(at, 1)
    this.troubles.push({ ...trouble, tenant: tenant.slug })
  }
  async reportWorkspaces(tenant: Tenant, counts: readonly WorkspaceCount[]) {
    this.workspaceCounts.set(tenant.slug, counts)
  }
  async setClock(tenant: Tenant, offsetMs: number) {
    if (!tenant.sandbox || offsetMs < tenant.clockOffsetMs) throw new Refusal('clock.not-sandbox', 'Only a sandbox clock moves, and only forward.')
    const moved = makeTenant({ ...tenant, db: { ...tenant.db, password: tenant.db.password }, clockOffsetMs: offsetMs })
    clock.move(tenant.uuid, offsetMs)
    this.put(moved)
    return moved
  }
}
