/** The page's records, once for a plain single-tenant application and once for ours: the same classes over two bases. */
import objection from 'objection'

type Base = new () => objection.Model
const table = (base: Base, tableName: string): typeof objection.Model => {
  const type = class extends (base as typeof objection.Model) {}
  type.tableName = tableName
  return type
}

export interface BenchUser { id: number; name: string; email: string; status: string; currency: string; locale: string; timeZone: string }
export interface BenchService { id: number; label: string; status: string; priceMinor: number; createdAt: Date }
export interface BenchInvoice { id: number; number: string; totalMinor: number }

export interface PageModels {
  user: typeof objection.Model
  service: typeof objection.Model
  invoice: typeof objection.Model
  credit: typeof objection.Model
}

export const pageModels = (base: Base): PageModels => ({
  user: table(base, 'bench_users'), service: table(base, 'bench_services'), invoice: table(base, 'bench_invoices'), credit: table(base, 'bench_credits'),
})
