/** Central's own record of what each tenant used. Append only; the same key twice is one record; the same key with another quantity is an error, never an edit. */
import { centralDb } from '../../shared/database/central-database.js'
import type { SaleRecord, UsageRecord, WholesaleSubscription } from '../../shared/tenancy/wholesale.js'
import type { Tenant } from '../../shared/tenancy/tenant.js'
import { clock } from '../../shared/time/clock.js'

export class UsageConflict extends Error {
  constructor(tenant: string, readonly key: string) {
    super(`Usage record ${key} of ${tenant} came again with another quantity or article.`)
    this.name = 'UsageConflict'
  }
}

export async function recordUsage(tenant: Tenant, records: readonly UsageRecord[]): Promise<void> {
  if (records.length === 0) return
  const rows = records.map((r) => ({
    tenant_id: tenant.id, record_key: r.key, sku: r.sku, quantity_seconds: r.quantitySeconds, occurred_at: r.occurredAt, detail: JSON.stringify(r.detail), recorded_at: clock.real(),
  }))
  await centralDb()('wholesale_usage').insert(rows).onConflict(['tenant_id', 'record_key']).merge(['tenant_id'])
  const stored = (await centralDb()('wholesale_usage').where({ tenant_id: tenant.id }).whereIn('record_key', records.map((r) => r.key)).select('record_key', 'sku', 'quantity_seconds')) as Array<{ record_key: string; sku: string; quantity_seconds: number }>
  for (const row of stored) {
    const sent = records.find((r) => r.key === row.record_key)!
    if (Number(row.quantity_seconds) !== sent.quantitySeconds || row.sku !== sent.sku) throw new UsageConflict(tenant.slug, sent.key)
  }
}

/** Keys and seconds of all that is on record. */
export async function usageOf(tenant: Tenant): Promise<Array<Pick<UsageRecord, 'key' | 'quantitySeconds'>>> {
  const rows = (await centralDb()('wholesale_usage').where({ tenant_id: tenant.id }).select('record_key', 'quantity_seconds')) as Array<{ record_key: string; quantity_seconds: number | string }>
  return rows.map((row) => ({ key: row.record_key, quantitySeconds: Number(row.quantity_seconds) }))
}

/** Starts or ends a wholesale subscription. Start and article are fixed by the first call; an end never moves back. */
export async function recordSubscription(tenant: Tenant, s: WholesaleSubscription): Promise<void> {
  const row = { tenant_id: tenant.id, record_key: s.key, sku: s.sku, quantity: s.quantity, started_at: s.startedAt, ended_at: s.endedAt, recorded_at: clock.real(), updated_at: clock.real() }
  await centralDb()('wholesale_subscriptions').insert(row).onConflict(['tenant_id', 'record_key']).merge(['tenant_id'])
  if (s.endedAt) await centralDb()('wholesale_subscriptions').where({ tenant_id: tenant.id, record_key: s.key }).whereNull('ended_at').update({ ended_at: s.endedAt, updated_at: clock.real() })
}

/** A sale, for resellers on commission terms. */
export async function recordSale(tenant: Tenant, sale: SaleRecord): Promise<void> {
  const row = { tenant_id: tenant.id, record_key: sale.key, amount_minor: sale.amountMinor, currency: sale.currency, occurred_at: sale.occurredAt, recorded_at: clock.real() }
  await centralDb()('wholesale_sales').insert(row).onConflict(['tenant_id', 'record_key']).merge(['tenant_id'])
}
