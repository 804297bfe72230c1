/** What a reseller sees of its own shop: numbers from its database, bills from central. */
import { centralDb } from '../../shared/database/central-database.js'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { currentTenant } from '../../shared/tenancy/context.js'
import { clock } from '../../shared/time/clock.js'
import { monthOf } from '../../shared/time/period.js'
import { formatMoney } from '../../shared/views/format.js'
import { Dispute } from '../../tenant/billing/payments/disputes/dispute.js'
import { inTenantOf } from '../access/enter-tenant.js'
import { invoiceList } from '../wholesale/present-invoice.js'

const count = async (table: string, where: object = {}): Promise<number> => Number(((await tenantDb()(table).where(where).count({ n: '*' }).first()) as { n: number }).n)

async function shopNumbers() {
  const tenant = currentTenant()
  const month = monthOf(clock.now(), tenant.timeZone)
  const paid = (await tenantDb()('invoices').where('status', 'paid').where('paid_at', '>=', month.start).sum({ n: 'total_minor' }).first()) as { n: string | null }
  const open = (await tenantDb()('invoices').where('status', 'open').sum({ n: 'total_minor' }).first()) as { n: string | null }
  return {
    customers: await count('users'), running: await count('kasm_workspaces', { status: 'running' }), services: await count('services', { status: 'active' }), failed: await count('services', { status: 'failed' }),
    paid: formatMoney(Number(paid.n ?? 0), tenant.currency), open: formatMoney(Number(open.n ?? 0), tenant.currency), gateway: (await count('gateway_accounts', { status: 'active' })) > 0, sandbox: tenant.sandbox,
    disputes: await Dispute.waiting(clock.now()).resultSize(), legal: tenant.brand.legalAddress.length > 0, coloured: tenant.brand.primaryColor !== '#1d4ed8',
  }
}

interface Task { label: string; text: string; href: string | null; done: boolean }

export async function homePage(tenantId: number): Promise<object> {
  const shop = await inTenantOf(tenantId, 'reseller home', shopNumbers)
  const tasks: Task[] = [
    { label: 'Choose your colours', text: 'So that the shop looks like yours.', href: '/reseller/branding', done: shop.coloured },
    { label: 'Enter your legal address', text: 'It must stand on invoices.', href: '/reseller/branding', done: shop.legal },
    { label: 'Connect a payment account', text: shop.gateway ? 'Payments go to your own account.' : 'Until then customers can pay from credit or by bank transfer only.', href: '/reseller/gateways', done: shop.gateway },
    { label: 'Get your first customer', text: 'Sign up on your own shop to see what they see.', href: null, done: shop.customers > 0 },
  ]
  return {
    stats: [
      { label: 'Customers', value: String(shop.customers), icon: 'users', href: '/reseller/customers' },
      { label: 'Workspaces running', value: String(shop.running), note: `${shop.services} active services`, icon: 'device-desktop' },
      { label: 'Paid this month', value: shop.paid, note: `${shop.open} still open`, icon: 'cash' },
      { label: 'Failed set-ups', value: String(shop.failed), icon: 'alert-triangle', ...(shop.failed ? { tone: 'bad', note: 'the platform is working on it' } : { note: 'all is well' }) },
      ...(shop.disputes ? [{ label: 'Disputes to answer', value: String(shop.disputes), note: 'before their deadlines', icon: 'alert-triangle', tone: 'bad', href: '/reseller/gateways/disputes?state=needs-answer' }] : []),
    ],
    tasks: tasks.filter((t) => !t.done), finished: tasks.filter((t) => t.done).length, total: tasks.length, invoices: await invoiceList(tenantId, 3), base: '/reseller/bills',
  }
}

export async function paletteItems(tenantId: number): Promise<object[]> {
  const invoices = (await centralDb()('wholesale_invoices').where({ tenant_id: tenantId }).orderBy('id', 'desc').limit(50).select('public_id', 'number')) as Array<{ public_id: string; number: string }>
  const pages = [['Overview', '/reseller'], ['Customers', '/reseller/customers'], ['Prices by the hour', '/reseller/workspaces/prices'], ['Branding', '/reseller/branding'], ['Gateways', '/reseller/gateways'], ['Your bills', '/reseller/bills']]
  return [...pages.map(([label, href]) => ({ label, kind: 'Page', href })), ...invoices.map((i) => ({ label: i.number, kind: 'Bill', href: `/reseller/bills/${i.public_id}` }))]
}
