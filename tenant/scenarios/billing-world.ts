/** For tests of bills: the two-tenant world, customers with services, and runs written straight into the meter. */
import { tenantDb } from '../../shared/database/tenant-database.js'
import { Money } from '../../shared/money/money.js'
import { newPublicId } from '../../shared/security/token.js'
import type { Tenant } from '../../shared/tenancy/tenant.js'
import { useWorld, type World } from '../../shared/testing/world.js'
import { clock } from '../../shared/time/clock.js'
import { draftInvoice, type NewLine } from '../billing/invoices/draft-invoice.js'
import { issueInvoice } from '../billing/invoices/issue-invoice.js'
import type { Invoice } from '../billing/invoices/invoice.js'
import { registerUsageSource } from '../billing/usage/usage-source.js'
import { billingSource } from '../kasm/billing-source.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
// All jobs, reactions and letters of a shop, whatever else a test loads: what happens after an act is what happens in the product.
import '../timetable.js'

export interface BillingWorld extends World {
  /** As this tenant; acme when none is named. */
  in<T>(fn: () => Promise<T>, tenant?: Tenant): Promise<T>
}

/** `keep`: rows stay from test to test; then a test undoes what it does. */
export function useBillingWorld(keep = false): BillingWorld {
  const world = useWorld() as BillingWorld
  world.in = (fn, tenant) => world.as(tenant ?? world.acme, fn)
  beforeEach(async () => {
    registerUsageSource(billingSource)
    if (!keep) await world.clean()
  })
  return world
}

const dated = () => ({ created_at: clock.now(), updated_at: clock.now() })
export const insertRow = async (table: string, row: Record<string, unknown>): Promise<number> => ((await tenantDb()(table).insert(row)) as number[])[0]!

/** A customer's row id. */
export const newCustomer = (more: Record<string, unknown> = {}): Promise<number> => insertRow('users', {
  public_id: newPublicId(), email: `${newPublicId()}@example.com`, name: 'Casey Customer', currency: 'USD', time_zone: 'UTC', locale: 'en', email_verified_at: clock.now(), ...dated(), ...more,
})

export interface TestService { serviceId: number; workspaceId: number; userId: number; rateMicros: number }

/** A workspace of this customer, at a price per hour in micro-units. */
export async function newService(userId: number, name = 'api-box', rateMicros = 150_000): Promise<TestService> {
  const planId = (await tenantDb()('plans').where({ slug: `plan_${rateMicros}` }).first<{ id: number } | undefined>('id'))?.id ?? await insertRow('plans', {
    public_id: newPublicId(), slug: `plan_${rateMicros}`, name: 'Developer Basic', service_type: 'kasm_workspace', billing_cycle: 'hourly', currency: 'USD', price_micros: rateMicros, ...dated(),
  })
  const serviceId = await insertRow('services', { public_id: newPublicId(), user_id: userId, plan_id: planId, service_type: 'kasm_workspace', name, status: 'active', currency: 'USD', price_micros: rateMicros, ...dated() })
  const workspaceId = await insertRow('kasm_workspaces', { user_id: userId, service_id: serviceId, workspace_type: 'developer_basic', status: 'stopped', vcpu: 2, ram_mb: 4096, template_name: 'Ubuntu', ...dated() })
  return { serviceId, workspaceId, userId, rateMicros }
}

/** A run from `start` to `stop`; without a stop it still runs and was last seen at `seen`. */
export async function newRun(service: TestService, start: string, stop: string | null, seen = stop): Promise<number> {
  const seconds = stop ? Math.floor((Date.parse(stop) - Date.parse(start)) / 1000) : null
  return insertRow('kasm_usage_sessions', {
    kasm_workspace_id: service.workspaceId, started_at: new Date(start), stopped_at: stop ? new Date(stop) : null, last_seen_at: new Date(seen ?? start), duration_seconds: seconds,
    duration_billable_seconds: stop ? Math.ceil((Date.parse(stop) - Date.parse(start)) / 900_000) * 900 : null, cost_per_hour_micros: service.rateMicros, currency: 'USD', started_by: 'customer', ...dated(),
  })
}

/** An issued invoice over one line. */
export async function newInvoice(userId: number, amountMinor: number, more: Partial<NewLine> = {}): Promise<Invoice> {
  const key = `test:${newPublicId()}`
  return tenantTransaction(async (trx) => {
    const line: NewLine = { businessKey: `${key}:1`, kind: 'manual', description: 'Work', amountMinor, ...more }
    const { invoice } = await draftInvoice(trx, { businessKey: key, userId, kind: 'manual', currency: 'USD', lines: [line] })
    return issueInvoice(invoice)
  })
}

export async function newGatewayAccount(): Promise<number> {
  return insertRow('gateway_accounts', { public_id: newPublicId(), gateway: 'stripe', mode: 'test', secret_sealed: 'x', ...dated() })
}

/** A payment row as the payment verbs leave it when they settle. */
export async function newPayment(userId: number, invoiceId: number | null, amountMinor: number, status = 'succeeded'): Promise<{ paymentId: number; gatewayAccountId: number }> {
  const gatewayAccountId = await newGatewayAccount()
  const paymentId = await insertRow('payments', {
    public_id: newPublicId(), user_id: userId, invoice_id: invoiceId, purpose: invoiceId ? 'invoice' : 'top-up', gateway_account_id: gatewayAccountId, attempt_no: 1, idempotency_key: newPublicId(),
    amount_minor: amountMinor, currency: 'USD', status, ...dated(),
  })
  if (invoiceId !== null) {
    const { n } = (await tenantDb()('payment_allocations').where({ invoice_id: invoiceId }).count({ n: '*' }).first()) as { n: number }
    const open = ['pending', 'requires_action', 'processing', 'unknown'].includes(status)
    await insertRow('payment_allocations', { payment_id: paymentId, invoice_id: invoiceId, attempt_no: Number(n) + 1, amount_minor: amountMinor, applied_minor: open ? 0 : amountMinor, is_open: open, created_at: clock.now() })
  }
  return { paymentId, gatewayAccountId }
}

export const usd = (minor: number): Money => Money.of(minor, 'USD')
/** Balances of all accounts by code, in cents. */
export async function balances(): Promise<Record<string, number>> {
  const rows = await tenantDb()('ledger_accounts').select<Array<{ code: string; kind: string; user_id: number | null; balance_minor: number }>>('code', 'kind', 'user_id', 'balance_minor').orderBy('code')
  return Object.fromEntries(rows.filter((r) => r.balance_minor !== 0).map((r) => [r.user_id === null && r.kind !== 'cash' ? r.code : r.kind, r.balance_minor]))
}
