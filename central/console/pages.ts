/** What the console's own pages show: the glance, failures, jobs, and what the command palette finds. */
import { originOf } from '../../shared/config.js'
import { centralDb } from '../../shared/database/central-database.js'
import { listJobs } from '../../shared/jobs/console.js'
import { parkedJobs } from '../../shared/jobs/park.js'
import { lateSchedules } from '../../shared/jobs/timetable.js'
import { fleetView } from '../../shared/tenancy/ledger.js'
import { formatCount, formatMoney } from '../../shared/views/format.js'
import { invoiceList } from '../wholesale/present-invoice.js'
import { countTroubles } from './troubles.js'

async function counts(): Promise<Record<string, number>> {
  const rows = (await centralDb()('tenants').whereNot('status', 'dropped').groupBy('status').select('status').count({ n: '*' })) as Array<{ status: string; n: number }>
  return Object.fromEntries(rows.map((row) => [row.status, Number(row.n)]))
}

async function unpaid(): Promise<string> {
  const rows = (await centralDb()('wholesale_invoices').where({ status: 'open' }).groupBy('currency').select('currency').sum({ total: 'total_minor' })) as Array<{ currency: string; total: string }>
  return rows.length ? rows.map((row) => formatMoney(Number(row.total), row.currency)).join(' + ') : formatMoney(0, 'USD')
}

export async function overviewPage(): Promise<object> {
  const [by, owed, troubles, parked, late, fleet, invoices] = await Promise.all([counts(), unpaid(), countTroubles(), parkedJobs({ limit: 200 }), lateSchedules(), fleetView({}, undefined, true), invoiceList(undefined, 6)])
  const stopped = (by['suspended'] ?? 0) + (by['maintenance'] ?? 0)
  const broken = fleet.members.filter((member) => member.failed).length
  const recent = (await centralDb()('tenants').whereNot('status', 'dropped').orderBy('id', 'desc').limit(6).select('slug', 'name', 'status', 'created_at as createdAt')) as object[]
  return {
    stats: [
      { label: 'Active resellers', value: String((by['active'] ?? 0) + (by['trial'] ?? 0)), note: stopped ? `${stopped} suspended or in maintenance` : 'none suspended', icon: 'building-store', href: '/resellers?status=active' },
      { label: 'Being opened', value: String(by['opening'] ?? 0), note: by['opening'] ? 'look whether one is stuck' : 'nothing waits', icon: 'rocket', href: '/resellers?status=opening', ...(by['opening'] ? { tone: 'warn' } : {}) },
      { label: 'Wholesale unpaid', value: owed, note: 'open invoices', icon: 'receipt-2', href: '/wholesale' },
      { label: 'Failures', value: String(troubles), note: troubles ? 'services that need a person' : 'all services are fine', icon: 'alert-triangle', href: '/failures', ...(troubles ? { tone: 'bad' } : {}) },
      { label: 'Parked jobs', value: String(parked.length), note: late.length ? `late: ${late.join(', ')}` : 'the timetable is on time', icon: 'list-check', href: '/jobs', ...(parked.length || late.length ? { tone: 'bad' } : {}) },
      { label: 'Schemas behind', value: String(fleet.members.length), note: broken ? formatCount(broken, 'failed migration') : `of ${formatCount(fleet.matched, 'tenant')}`, icon: 'database', ...(broken ? { tone: 'bad' } : {}) },
    ],
    invoices, recent, base: '/wholesale',
  }
}

async function tenantNames(): Promise<Map<string, string>> {
  const rows = (await centralDb()('tenants').select('uuid', 'slug')) as Array<{ uuid: string; slug: string }>
  return new Map(rows.map((row) => [row.uuid, row.slug]))
}

export async function jobsPage(): Promise<object> {
  const [parked, running, names] = await Promise.all([parkedJobs(), listJobs({ limit: 200 }), tenantNames()])
  const who = (uuid: string | null): string => (uuid ? names.get(uuid) ?? 'gone' : 'central')
  return {
    parked: parked.map((job) => ({ id: job.id, name: job.name, tenant: who(job.tenant), reason: job.reason.replace(/-/g, ' '), error: job.error, at: job.parkedAt })),
    jobs: running.jobs.filter((job) => !job.every).map((job) => ({ id: job.id, name: job.name, tenant: who(job.tenant), status: job.state, next: job.nextRunAt, failures: job.failures, error: job.lastError })),
    schedules: running.jobs.filter((job) => job.every).map((job) => ({ name: job.name.replace(/^every:/, ''), every: job.every, next: job.nextRunAt })),
  }
}

/** Everything the palette can jump to: pages, resellers, hosts, the newest invoices. */
export async function paletteItems(): Promise<object[]> {
  const rows = (await centralDb()('tenants as t').leftJoin('tenant_domains as d', 'd.tenant_id', 't.id').whereNot('t.status', 'dropped').limit(2000).select('t.slug', 't.name', 'd.domain')) as Array<{ slug: string; name: string; domain: string | null }>
  const invoices = (await centralDb()('wholesale_invoices').orderBy('id', 'desc').limit(200).select('public_id', 'number')) as Array<{ public_id: string; number: string }>
  const pages = [['Overview', '/'], ['Resellers', '/resellers'], ['Open a reseller', '/resellers/new'], ['Wholesale invoices', '/wholesale'], ['Workspaces', '/workspaces'], ['Failures', '/failures'], ['Jobs', '/jobs']]
  const shops = new Map(rows.map((row) => [row.slug, { label: row.name, kind: 'Reseller', href: `/resellers/${row.slug}` }]))
  return [
    ...pages.map(([label, href]) => ({ label, kind: 'Page', href })), ...shops.values(),
    ...rows.filter((row) => row.domain).map((row) => ({ label: row.domain, kind: 'Host', href: originOf(row.domain!) })),
    ...invoices.map((invoice) => ({ label: invoice.number, kind: 'Invoice', href: `/wholesale/${invoice.public_id}` })),
  ]
}
