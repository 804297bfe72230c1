/** What a tenant tells of its use and sales, by which central bills it, and what central charges. */

/** One metered quantity of a tenant, as central will bill it. Idempotent on (tenant, key). */
export interface UsageRecord {
  /** Unique within the tenant, e.g. `kasm-session:42:2026-11`. */
  readonly key: string
  /** Wholesale price-list article, e.g. `kasm.developer_basic`. */
  readonly sku: string
  /** Billed seconds for hourly articles. */
  readonly quantitySeconds: number
  /** Instant at which the use began; chooses price version and billing period. */
  readonly occurredAt: Date
  readonly detail: Readonly<Record<string, unknown>>
}

/** A subscription that the tenant sold and that EZSCALE bills wholesale each month while active. */
export interface WholesaleSubscription {
  /** Unique within the tenant, e.g. `service:17`. */
  readonly key: string
  readonly sku: string
  readonly quantity: number
  readonly startedAt: Date
  readonly endedAt: Date | null
}

/** One sale of a tenant, before tax, as commission terms count it. Refunds are negative. Idempotent on (tenant, key). */
export interface SaleRecord {
  /** Unique within the tenant, e.g. `invoice:42:paid`. */
  readonly key: string
  readonly amountMinor: number
  readonly currency: string
  readonly occurredAt: Date
}

/** Wholesale price per hour or month of an article. */
export interface WholesalePrice {
  readonly sku: string
  readonly unit: 'hour' | 'month'
  readonly currency: string
  /** Micro-units of the major unit (150000 = 0.15). */
  readonly priceMicros: number
}
