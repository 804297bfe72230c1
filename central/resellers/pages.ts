/** What the reseller pages of the console show. */
import { originOf } from '../../shared/config.js'
import { centralDb } from '../../shared/database/central-database.js'
import { query } from '../../shared/http/form.js'
import type { Request } from 'express'
import { z } from 'zod'
import { formatMoney } from '../../shared/views/format.js'
import { readSteps, stepTitles, type StepState } from './opening.js'
import type { Reseller } from './reseller.js'
import { Terms } from './terms.js'

const listSchema = z.object({ q: z.string().max(100).optional(), status: z.enum(['opening', 'active', 'trial', 'suspended', 'maintenance', 'dropped']).optional(), page: z.coerce.number().int().min(1).max(10_000).optional() })
const pageSize = 25

interface ListRow { slug: string; name: string; status: string; house: number; owner_name: string; owner_email: string; created_at: Date; domain: string | null; database_name: string | null; server: string | null }

function listed(filter: z.infer<typeof listSchema>) {
  return centralDb()('tenants as t').modify((q) => {
    if (filter.status) void q.where('t.status', filter.status)
    else void q.whereNot('t.status', 'dropped')
    if (filter.q) void q.where((w) => ['t.name', 't.slug', 't.owner_email'].forEach((column) => void w.orWhere(column, 'like', `%${filter.q!.replace(/[\\%_]/g, '\\$&')}%`)))
  })
}

export async function listPage(req: Request): Promise<object> {
  const filter = query(listSchema, req)
  const at = filter.page ?? 1
  const total = Number(((await listed(filter).count({ n: '*' }).first()) as { n: number }).n)
  const rows = (await listed(filter).leftJoin('tenant_domains as d', (j) => void j.on('d.tenant_id', 't.id').andOnVal('d.type', 'primary'))
    .leftJoin('database_servers as s', 's.id', 't.server_id').orderBy('t.created_at', 'desc').limit(pageSize).offset((at - 1) * pageSize)
    .select('t.slug', 't.name', 't.status', 't.house', 't.owner_name', 't.owner_email', 't.created_at', 'd.domain', 't.database_name', 's.name as server')) as ListRow[]
  const href = (page: number) => `/resellers?${new URLSearchParams({ ...(filter.q ? { q: filter.q } : {}), ...(filter.status ? { status: filter.status } : {}), page: String(page) }).toString()}`
  return {
    resellers: rows.map((r) => ({ slug: r.slug, name: r.name, status: r.status, house: r.house === 1, owner: r.owner_name, email: r.owner_email, createdAt: r.created_at, host: r.domain, database: r.database_name, server: r.server })),
    q: filter.q ?? '', filtered: Boolean(filter.q ?? filter.status),
    chips: [undefined, 'active', 'opening', 'suspended', 'maintenance', 'dropped'].map((s) => ({ label: s ? s[0]!.toUpperCase() + s.slice(1) : 'All', href: s ? `/resellers?status=${s}` : '/resellers', current: filter.status === s })),
    summary: total === 0 ? '' : `${(at - 1) * pageSize + 1}–${Math.min(at * pageSize, total)} of ${total}`, previousHref: at > 1 ? href(at - 1) : null, nextHref: at * pageSize < total ? href(at + 1) : null,
  }
}

function stepItem(state: StepState): object {
  const states = { waiting: 'waiting', running: 'current', done: 'done', failed: 'failed' }
  const text = state.status === 'failed' ? state.error : state.detail
  return { label: stepTitles[state.step], text: state.status === 'failed' && state.attempts > 1 ? `${text} (attempt ${state.attempts})` : text, at: state.finishedAt, state: states[state.status] }
}

/** The live part: steps of the opening, polled until it has ended one way or the other. */
export async function openingPart(reseller: Reseller): Promise<object> {
  const steps = await readSteps(reseller.id)
  const failed = steps.find((s) => s.status === 'failed')
  return { slug: reseller.slug, name: reseller.name, steps: steps.map(stepItem), opening: reseller.status === 'opening', moving: reseller.status === 'opening' && !failed, failed: failed ? { step: stepTitles[failed.step], error: failed.error } : null }
}

interface DomainRow { domain: string; type: string; verified_at: Date | null }

export async function showPage(reseller: Reseller): Promise<object> {
  const domains = (await centralDb()('tenant_domains').where({ tenant_id: reseller.id }).orderBy('type', 'desc')) as DomainRow[]
  const terms = await Terms.query().findById(reseller.id)
  const invoices = (await centralDb()('wholesale_invoices').where({ tenant_id: reseller.id }).orderBy('period_start', 'desc').limit(6)
    .select('public_id as publicId', 'number', 'status', 'currency', 'total_minor as totalMinor', 'period_start as periodStart', 'due_date as dueAt')) as Array<{ currency: string; totalMinor: number }>
  const events = (await centralDb()('events').where({ tenant_id: reseller.id }).orderBy('id', 'desc').limit(20).select('type', 'actor_kind', 'occurred_at')) as Array<{ type: string; actor_kind: string; occurred_at: Date }>
  const primary = domains.find((d) => d.type === 'primary')
  return {
    ...(await openingPart(reseller)), status: reseller.status, suspendReason: reseller.suspendReason, shopHref: primary && reseller.status !== 'dropped' ? originOf(primary.domain) : null,
    crumbs: [{ href: '/resellers', label: 'Resellers' }, { label: reseller.name }],
    canSuspend: !reseller.refusalToSuspend(), canResume: !reseller.refusalToResume(), canDrop: !reseller.refusalToDrop(), house: reseller.house === 1,
    facts: [
      { label: 'Owner', value: `${reseller.ownerName}, ${reseller.ownerEmail}` }, { label: 'Short name', value: reseller.slug }, { label: 'Database', value: reseller.databaseName ?? 'not made yet' },
      { label: 'Currency and zone', value: `${reseller.currency}, ${reseller.timeZone}` }, { label: 'Kind', value: reseller.sandbox ? 'Sandbox: its clock may be moved' : reseller.house ? 'House shop' : 'Reseller' }, { label: 'Opened', at: reseller.createdAt },
    ],
    domains: domains.map((d) => ({ host: d.domain, href: originOf(d.domain), type: d.type, verified: d.verified_at !== null })),
    terms: terms ? [
      { label: 'Tier', value: begun(terms.tier) }, { label: 'Platform fee', value: `${formatMoney(Number(terms.monthlyFeeMinor), terms.currency)} a month` }, { label: 'Wholesale discount', value: `${terms.wholesaleDiscountPpm / 10_000} %` },
      { label: 'Commission', value: `${terms.commissionPpm / 10_000} %` }, { label: 'Billing day', value: String(terms.billingCycleDay) }, { label: 'Next bill from', at: terms.nextBillingAt },
    ] : [],
    invoices: invoices.map((i) => ({ ...i, total: { minor: Number(i.totalMinor), currency: i.currency } })),
    timeline: events.map((e) => ({ title: eventTitle(e.type), at: e.occurred_at, by: e.actor_kind })),
  }
}

/** `reseller.opening-failed` → `Reseller opening failed`. */
const eventTitle = (type: string): string => begun(type.replace(/[.-]/g, ' '))
const begun = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1)

export const zoneOptions = (): Array<{ value: string; label: string }> => ['UTC', ...Intl.supportedValuesOf('timeZone').filter((z) => z !== 'UTC')].map((zone) => ({ value: zone, label: zone.replaceAll('_', ' ') }))
