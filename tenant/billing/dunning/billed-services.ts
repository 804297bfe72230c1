/** Services that an invoice bills, read from their tables, as services stand above billing. */
import { tenantDb } from '../../../shared/database/tenant-database.js'

export interface BilledService {
  readonly id: number
  readonly publicId: string
  readonly name: string
  readonly type: string
  readonly status: string
  readonly hourly: boolean
}
interface Row { id: number; public_id: string; subscription_id: number | null; name: string; service_type: string; status: string; billing_cycle: string }
interface Line { invoice_id: number; service_id: number | null; subscription_id: number | null }

const columns = ['s.id', 's.public_id', 's.subscription_id', 's.name', 's.service_type', 's.status', 'p.billing_cycle'] as const
const seen = (r: Row): BilledService => ({ id: r.id, publicId: r.public_id, name: r.name, type: r.service_type, status: r.status, hourly: r.billing_cycle === 'hourly' })
const services = () => tenantDb()('services as s').join('plans as p', 'p.id', 's.plan_id').orderBy('s.id').select<Row[]>(...columns)

/** By the lines' service or by their subscription; also those that have ended: the plan of a case must not change under it. */
export async function billedServices(invoiceId: number): Promise<BilledService[]> {
  return (await billedServicesOf([invoiceId])).get(invoiceId) ?? []
}

/** The same for many invoices: two queries, however many. */
export async function billedServicesOf(invoiceIds: readonly number[]): Promise<Map<number, BilledService[]>> {
  const lines = await tenantDb()('invoice_lines').whereIn('invoice_id', [...invoiceIds]).select<Line[]>('invoice_id', 'service_id', 'subscription_id')
  const own = lines.flatMap((l) => l.service_id ?? [])
  const subscriptions = lines.flatMap((l) => l.subscription_id ?? [])
  const rows = await services().where((q) => void q.whereIn('s.id', own).orWhereIn('s.subscription_id', subscriptions))
  const all = new Map<number, Map<number, BilledService>>(invoiceIds.map((id) => [id, new Map()]))
  const byId = new Map(rows.map((r) => [r.id, r]))
  const bySubscription = new Map<number | null, Row[]>()
  for (const row of rows) bySubscription.set(row.subscription_id, [...bySubscription.get(row.subscription_id) ?? [], row])
  for (const line of lines) {
    const named = [...(line.service_id === null ? [] : [byId.get(line.service_id)]), ...(line.subscription_id === null ? [] : bySubscription.get(line.subscription_id) ?? [])]
    for (const row of named) if (row) all.get(line.invoice_id)!.set(row.id, seen(row))
  }
  return new Map([...all].map(([id, found]) => [id, [...found.values()].sort((a, b) => a.id - b.id)]))
}

/** The customer's services billed by the hour. */
export async function hourlyServices(userId: number): Promise<BilledService[]> {
  return (await services().where({ 's.user_id': userId, 'p.billing_cycle': 'hourly' })).map(seen)
}

/** For the desk: names of what a step touched. */
export async function servicesById(ids: readonly number[]): Promise<BilledService[]> {
  return ids.length ? (await services().whereIn('s.id', [...ids])).map(seen) : []
}
