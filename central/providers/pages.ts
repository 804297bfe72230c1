/** What the console shows of all connections together, and of strangers. */
import type { Request } from 'express'
import { z } from 'zod'
import { centralDb } from '../../shared/database/central-database.js'
import { query } from '../../shared/http/form.js'
import { allConnections, type ConnectionRow } from './connection.js'
import { ownersOf, presentConnection } from './present-connection.js'
import type { StrangerRow } from './stranger-rows.js'

const shows = { all: 'All', platform: 'The platform’s', own: 'Resellers’ own', failing: 'Do not answer', off: 'Switched off' } as const
type Show = keyof typeof shows
const fits: Readonly<Record<Show, (row: ConnectionRow) => boolean>> = {
  all: () => true, platform: (row) => row.tenant_id === null, own: (row) => row.tenant_id !== null, failing: (row) => row.failing_since !== null, off: (row) => row.status !== 'active',
}
const sorts = ['name', 'region', 'sessions'] as const
const listQuery = z.object({ show: z.enum(Object.keys(shows) as [Show, ...Show[]]).optional(), sort: z.enum(sorts).optional(), page: z.coerce.number().int().min(1).max(10_000).optional() })
const pageSize = 50

const byName = (a: ConnectionRow, b: ConnectionRow) => (a.label ?? a.name).localeCompare(b.label ?? b.name) || a.id - b.id
const orders: Readonly<Record<(typeof sorts)[number], (a: ConnectionRow, b: ConnectionRow) => number>> = {
  name: byName, region: (a, b) => (a.region ?? '~').localeCompare(b.region ?? '~') || byName(a, b), sessions: (a, b) => (b.sessions ?? -1) - (a.sessions ?? -1) || byName(a, b),
}

async function orphanCounts(): Promise<Map<number, number>> {
  const rows = (await centralDb()('provider_strangers').where({ whose: 'orphan' }).groupBy('connection_id').select('connection_id').count({ n: '*' })) as Array<{ connection_id: number; n: number }>
  return new Map(rows.map((row) => [row.connection_id, Number(row.n)]))
}

const hrefOf = (path: string, given: Record<string, string | number | undefined>): string => {
  const text = new URLSearchParams(Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)] as [string, string]]))).toString()
  return text ? `${path}?${text}` : path
}
const paged = (path: string, given: Record<string, string | undefined>, at: number, total: number) => ({
  summary: total ? `${(at - 1) * pageSize + 1}–${Math.min(at * pageSize, total)} of ${total}` : '',
  previousHref: at > 1 ? hrefOf(path, { ...given, page: at - 1 }) : null, nextHref: at * pageSize < total ? hrefOf(path, { ...given, page: at + 1 }) : null,
})

export async function listPage(req: Request): Promise<object> {
  const { show = 'all', sort = 'name', page = 1 } = query(listQuery, req)
  const [all, orphans] = [await allConnections(), await orphanCounts()]
  const rows = all.filter(fits[show]).sort((a, b) => Number(b.failing_since !== null) - Number(a.failing_since !== null) || orders[sort](a, b))
  const owners = await ownersOf(rows)
  return {
    servers: rows.slice((page - 1) * pageSize, page * pageSize).map((row) => ({ ...presentConnection(row), href: `/servers/${row.id}`, owner: owners.get(row.tenant_id ?? 0) ?? null, orphans: orphans.get(row.id) ?? 0 })),
    any: all.length > 0, regions: [...new Set(all.flatMap((row) => row.region ?? []))].sort().join(', '),
    chips: (Object.keys(shows) as Show[]).map((one) => ({ label: shows[one], count: all.filter(fits[one]).length, href: hrefOf('/servers', { show: one === 'all' ? undefined : one, sort: sort === 'name' ? undefined : sort }), current: one === show })),
    sorting: sorts.map((one) => ({ label: `By ${one}`, href: hrefOf('/servers', { show: show === 'all' ? undefined : show, sort: one }), current: one === sort })),
    ...paged('/servers', { ...(show === 'all' ? {} : { show }), sort }, page, rows.length),
  }
}

const strangerQuery = z.object({ show: z.enum(['orphan', 'foreign']).optional(), page: z.coerce.number().int().min(1).max(10_000).optional() })

/** Of one connection: one query, oldest first. */
export async function strangersPage(req: Request, row: ConnectionRow): Promise<object> {
  const { show = 'orphan', page = 1 } = query(strangerQuery, req)
  const [path, of] = [`/servers/${row.id}/strangers`, centralDb()('provider_strangers').where({ connection_id: row.id })]
  const counts = new Map(((await of.clone().groupBy('whose').select('whose').count({ n: '*' })) as Array<{ whose: string; n: number }>).map((c) => [c.whose, Number(c.n)]))
  const rows = (await of.clone().where({ whose: show }).orderBy('first_seen_at').orderBy('id').limit(pageSize).offset((page - 1) * pageSize)) as StrangerRow[]
  const shops = new Map(((await centralDb()('tenants').whereIn('id', rows.flatMap((r) => r.tenant_id ?? [])).select('id', 'name', 'slug')) as Array<{ id: number; name: string; slug: string }>).map((t) => [t.id, t]))
  return {
    server: presentConnection(row), strangersAt: row.strangers_at, orphansShown: show === 'orphan',
    strangers: rows.map((r) => ({ ...presentStranger(r), shop: shops.get(r.tenant_id ?? 0) ?? null, endHref: r.whose === 'orphan' && !r.ended_at ? `${path}/${r.id}/end` : null })),
    chips: [{ label: 'Ours, unknown', value: 'orphan' }, { label: 'Foreign', value: 'foreign' }].map(({ label, value }) => ({ label, count: counts.get(value) ?? 0, href: hrefOf(path, { show: value }), current: value === show })),
    crumbs: [{ href: '/servers', label: 'Workspace servers' }, { href: `/servers/${row.id}`, label: row.label ?? row.name }, { label: 'Strangers' }], ...paged(path, { show }, page, counts.get(show) ?? 0),
  }
}

export const presentStranger = (row: StrangerRow) => ({
  what: row.kind === 'session' ? 'Desktop' : 'User', username: row.username ?? `user ${row.user_id}`, outsideId: row.outside_id, status: row.ended_at ? 'Being ended' : row.status ?? '—', since: row.first_seen_at, endedBy: row.ended_by,
})
