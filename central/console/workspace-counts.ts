/** What shops told of their workspaces, a few minutes ago: the console's overview reads this and visits no shop. */
import { centralDb } from '../../shared/database/central-database.js'
import { centralTransaction } from '../../shared/database/transaction.js'
import type { WorkspaceCount } from '../../shared/tenancy/directory.js'
import type { Tenant } from '../../shared/tenancy/tenant.js'
import { clock } from '../../shared/time/clock.js'

/** Stands for the platform's oldest server, which old workspaces do not name. */
const UNNAMED = 0

/** Replaces what the shop told before. */
export async function reportWorkspaces(tenant: Tenant, counts: readonly WorkspaceCount[]): Promise<void> {
  const now = clock.real()
  await centralTransaction(async (trx) => {
    for (const { server, ...numbers } of counts) {
      await trx('workspace_counts').insert({ tenant_id: tenant.id, server_id: server ?? UNNAMED, ...numbers, reported_at: now }).onConflict(['tenant_id', 'server_id']).merge([...Object.keys(numbers), 'reported_at'])
    }
    await trx('workspace_counts').where({ tenant_id: tenant.id }).whereNotIn('server_id', counts.map((c) => c.server ?? UNNAMED)).delete()
  })
}

export interface Numbers { running: number; waiting: number; stopped: number; failed: number; archived: number }
const names = ['running', 'waiting', 'stopped', 'failed', 'archived'] as const
type Row = Record<(typeof names)[number], string | number | null>
const numbersOf = (row: Row): Numbers => Object.fromEntries(names.map((name) => [name, Number(row[name] ?? 0)])) as unknown as Numbers

const told = () => centralDb()('workspace_counts as c').join('tenants as t', 't.id', 'c.tenant_id').whereNot('t.status', 'dropped')
const sums = Object.fromEntries(names.map((name) => [name, `c.${name}`]))

export async function allWorkspaces(): Promise<Numbers & { oldestReport: Date | null }> {
  const row = (await told().sum(sums).min({ oldest: 'c.reported_at' }).first()) as Row & { oldest: Date | null }
  return { ...numbersOf(row), oldestReport: row.oldest }
}

export interface ServerNumbers extends Numbers { id: number; label: string; region: string | null; owner: string | null; failing: boolean; sessions: number | null; maxSessions: number | null }

/** The fullest first. A shop's own server has its owner's name. */
export async function byServer(): Promise<ServerNumbers[]> {
  const rows = (await told().groupBy('c.server_id').select('c.server_id as id').sum(sums)) as Array<Row & { id: number }>
  const servers = (await centralDb()('provider_connections as p').leftJoin('tenants as t', 't.id', 'p.tenant_id').where('p.kind', 'kasm').orderBy('p.id')
    .select('p.id', 'p.name', 'p.label', 'p.region', 'p.tenant_id', 'p.failing_since', 'p.sessions', 'p.max_sessions', 't.name as owner')) as Array<{ id: number; name: string; label: string | null; region: string | null; tenant_id: number | null; failing_since: Date | null; sessions: number | null; max_sessions: number | null; owner: string | null }>
  const oldest = servers.find((s) => s.tenant_id === null)?.id ?? UNNAMED
  const of = (id: number): Numbers => rows.filter((r) => (r.id === UNNAMED ? oldest : r.id) === id).map(numbersOf).reduce((a, b) => Object.fromEntries(names.map((n) => [n, a[n] + b[n]])) as unknown as Numbers, { running: 0, waiting: 0, stopped: 0, failed: 0, archived: 0 })
  return servers.map((s) => ({ id: s.id, label: s.label ?? s.name, region: s.region, owner: s.owner, failing: s.failing_since !== null, sessions: s.sessions, maxSessions: s.max_sessions, ...of(s.id) })).sort((a, b) => b.running - a.running || a.id - b.id)
}

export const sorts = { running: 'running', failed: 'failed', waiting: 'waiting', name: 't.name' } as const
export interface ResellerNumbers extends Numbers { slug: string; name: string; reportedAt: Date }

/** One page of shops that have workspaces. */
export async function byReseller({ q, sort, page, size }: { q: string; sort: keyof typeof sorts; page: number; size: number }): Promise<{ rows: ResellerNumbers[]; total: number }> {
  const found = () => told().modify((query) => void (q ? query.where((any) => void any.where('t.name', 'like', `%${q.replace(/[%_\\]/g, '\\$&')}%`).orWhere('t.slug', 'like', `%${q.replace(/[%_\\]/g, '\\$&')}%`)) : query))
  const { n } = (await found().countDistinct({ n: 'c.tenant_id' }).first()) as { n: number | string }
  const rows = (await found().groupBy('t.id', 't.slug', 't.name').select('t.slug', 't.name').sum(sums).max({ reportedAt: 'c.reported_at' })
    .orderBy([{ column: sorts[sort], order: sort === 'name' ? 'asc' : 'desc' }, { column: 't.id' }]).limit(size).offset((page - 1) * size)) as Array<Row & { slug: string; name: string; reportedAt: Date }>
  return { rows: rows.map((row) => ({ slug: row.slug, name: row.name, reportedAt: row.reportedAt, ...numbersOf(row) })), total: Number(n) }
}
