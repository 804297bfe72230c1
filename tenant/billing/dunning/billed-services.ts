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
interface Row { id: number; public_id: string; name: string; service_type: string; status: string; billing_cycle: string }

const columns = ['s.id', 's.public_id', 's.name', 's.service_type', 's.status', 'p.billing_cycle'] as const
const seen = (r: Row): BilledService => ({ id: r.id, publicId: r.public_id, name: r.name, type: r.service_type, status: r.status, hourly: r.billing_cycle === 'hourly' })
const services = () => tenantDb()('services as s').join('plans as p', 'p.id', 's.plan_id').orderBy('s.id').select<Row[]>(...columns)

/** By the lines' service or by their subscription; also those that have ended: the plan of a case must not change under it. */
export async function billedServices(invoiceId: number): Promise<BilledService[]> {
  const lines = await tenantDb()('invoice_lines').where({ invoice_id: invoiceId }).select<Array<{ service_id: number | null; subscription_id: number | null }>>('service_id', 'subscription_id')
  const own = lines.flatMap((l) => (l.service_id === null ? [] : [l.service_id]))
  const subscriptions = lines.flatMap((l) => (l.subscription_id === null ? [] : [l.subscription_id]))
  return (await services().where((q) => void q.whereIn('s.id', own).orWhereIn('s.subscription_id', subscriptions))).map(seen)
}

/** The customer's services billed by the hour. */
export async function hourlyServices(userId: number): Promise<BilledService[]> {
  return (await services().where({ 's.user_id': userId, 'p.billing_cycle': 'hourly' })).map(seen)
}

/** For the desk: names of what a step touched. */
export async function servicesById(ids: readonly number[]): Promise<BilledService[]> {
  return ids.length ? (await services().whereIn('s.id', [...ids])).map(seen) : []
}
