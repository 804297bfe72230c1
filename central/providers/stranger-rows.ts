/** The report of strangers as it is kept: what is there now, each with since when. Written whole by each look, so that the page is one query. */
import { centralDb } from '../../shared/database/central-database.js'
import { centralTransaction } from '../../shared/database/transaction.js'
import { NotFound } from '../../shared/errors.js'
import type { Stranger } from './strangers.js'

export interface StrangerRow {
  id: number
  connection_id: number
  tenant_id: number | null
  kind: 'session' | 'user'
  whose: 'orphan' | 'foreign'
  outside_id: string
  user_id: string
  username: string | null
  status: string | null
  first_seen_at: Date
  last_seen_at: Date
  alerted_at: Date | null
  ended_at: Date | null
  ended_by: string | null
}

/** A server that others use much is not copied into our tables. */
const MOST = { orphan: 2000, foreign: 200 } as const
const AT_ONCE = 200

const keyOf = (one: { kind: string; outside_id: string }): string => `${one.kind}:${one.outside_id}`
/** What a look may say is gone: users only when they were listed, and nothing of a shop that could not be asked. */
export interface Scope { readonly users: boolean; readonly silentTenants: ReadonlySet<number> }

export function storeStrangers(connectionId: number, strangers: readonly Stranger[], scope: Scope, now: Date): Promise<void> {
  const rows = (['orphan', 'foreign'] as const).flatMap((whose) => strangers.filter((s) => s.whose === whose).slice(0, MOST[whose])).map((s) => ({
    connection_id: connectionId, tenant_id: s.tenantId, kind: s.kind, whose: s.whose, outside_id: s.outsideId.slice(0, 64), user_id: s.userId.slice(0, 64), username: s.username, status: s.status, first_seen_at: now, last_seen_at: now,
  }))
  const present = new Set(rows.map(keyOf))
  return centralTransaction(async () => {
    const known = (await centralDb()('provider_strangers').where({ connection_id: connectionId }).select('id', 'kind', 'outside_id', 'tenant_id')) as StrangerRow[]
    const gone = known.filter((k) => !present.has(keyOf(k)) && (k.kind === 'session' || scope.users) && !(k.tenant_id !== null && scope.silentTenants.has(k.tenant_id)))
    for (let from = 0; from < gone.length; from += AT_ONCE) await centralDb()('provider_strangers').whereIn('id', gone.slice(from, from + AT_ONCE).map((k) => k.id)).delete()
    for (let from = 0; from < rows.length; from += AT_ONCE) {
      await centralDb()('provider_strangers').insert(rows.slice(from, from + AT_ONCE)).onConflict(['connection_id', 'kind', 'outside_id']).merge(['tenant_id', 'whose', 'user_id', 'username', 'status', 'last_seen_at'])
    }
    await centralDb()('provider_connections').where({ id: connectionId }).update({ strangers_at: now })
  })
}

/** Takes, once, the orphans that nobody was told of and that have been there since `before`. */
export function takeUntold(connectionId: number, before: Date, now: Date): Promise<StrangerRow[]> {
  return centralTransaction(async () => {
    const rows = (await centralDb()('provider_strangers').where({ connection_id: connectionId, whose: 'orphan' }).whereNull('alerted_at').whereNull('ended_at')
      .where('first_seen_at', '<=', before).orderBy('first_seen_at').forUpdate()) as StrangerRow[]
    if (rows.length) await centralDb()('provider_strangers').whereIn('id', rows.map((row) => row.id)).update({ alerted_at: now })
    return rows
  })
}

/** Throws NotFound. */
export async function strangerRow(connectionId: number, id: number): Promise<StrangerRow> {
  const row = (await centralDb()('provider_strangers').where({ id, connection_id: connectionId }).first()) as StrangerRow | undefined
  if (!row) throw new NotFound('stranger')
  return row
}
