/** The page's records, once for a plain single-tenant application and once for ours: the same classes over two bases. */
import objection from 'objection'

type Base = new () => objection.Model
const table = (base: Base, tableName: string): typeof objection.Model => {
  const type = class extends (base as typeof objection.Model) {}
  type.tableName = tableName
  return type
}

export interface PageModels {
  session: typeof objection.Model
  user: typeof objection.Model
  service: typeof objection.Model
  invoice: typeof objection.Model
  notice: typeof objection.Model
}

export const pageModels = (base: Base): PageModels => ({
  session: table(base, 'bench_sessions'), user: table(base, 'bench_users'), service: table(base, 'bench_services'), invoice: table(base, 'bench_invoices'), notice: table(base, 'bench_notices'),
})
