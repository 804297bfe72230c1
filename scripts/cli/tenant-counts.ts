/** A few numbers from inside one tenant; runs in its context. */
import { tenantDb } from '../../shared/database/tenant-database.js'

export interface TenantCounts {
  customers: number
  services: number
  /** Workspaces that run right now. */
  running: number
  openInvoices: number
  /** Letters that have not left yet. */
  waitingMail: number
}

export async function countsOf(): Promise<TenantCounts> {
  const rows = (await tenantDb().select(
    tenantDb()('users').count('* as n').as('customers'),
    tenantDb()('services').whereNot({ status: 'terminated' }).count('* as n').as('services'),
    tenantDb()('kasm_workspaces').where({ status: 'running' }).count('* as n').as('running'),
    tenantDb()('invoices').where({ status: 'open' }).count('* as n').as('openInvoices'),
    tenantDb()('mail_messages').whereNull('sent_at').count('* as n').as('waitingMail'))) as unknown as TenantCounts[]
  return Object.fromEntries(Object.entries(rows[0]!).map(([k, v]) => [k, Number(v)])) as unknown as TenantCounts
}
