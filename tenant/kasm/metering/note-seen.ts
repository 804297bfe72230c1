/** Notes in bulk who was seen running, and the gaps that a late sighting leaves. */
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { keepGap } from './gaps.js'
import { gapBefore } from './meter.js'
import { clockOffset, vouchedFrom } from './moved-clock.js'

export interface Seen {
  readonly workspaceId: number
  readonly kasmSessionId: string
  /** When the server says that the desktop began; null where it does not tell. */
  readonly providerStartedAt: Date | null
}
interface Row { id: number; kasm_workspace_id: number; last_seen_at: Date; seen_offset_ms: number; provider_started_at: Date | null }

/** In one statement: in the first minute after an outage, or of a release, nobody's beginning may be known yet. */
async function keepBeginnings(runs: ReadonlyArray<{ id: number; told: Date }>): Promise<void> {
  if (!runs.length) return
  const each = tenantDb().raw(`case id ${'when ? then ? '.repeat(runs.length)}end`, runs.flatMap(({ id, told }) => [id, told]))
  await tenantDb()('kasm_usage_sessions').whereIn('id', runs.map((run) => run.id)).update({ provider_started_at: each })
}

/** Repeatable, and safe beside a poll of another process: the rows are locked, and an earlier look changes nothing that a later one has noted. */
export async function noteSeen(seen: readonly Seen[], at: Date): Promise<void> {
  if (!seen.length) return
  const byWorkspace = new Map(seen.map((s) => [s.workspaceId, s]))
  await tenantTransaction(async () => {
    const db = tenantDb()
    const rows = (await db('kasm_usage_sessions').whereIn('open_workspace_id', [...byWorkspace.keys()]).where('last_seen_at', '<', at).where('started_at', '<', at).orderBy('id').forUpdate()
      .select('id', 'kasm_workspace_id', 'last_seen_at', 'seen_offset_ms', 'provider_started_at')) as Row[]
    for (const row of rows) {
      const gap = gapBefore(vouchedFrom(row.last_seen_at, Number(row.seen_offset_ms)), at, true)
      if (gap) await keepGap({ id: row.id, kasmWorkspaceId: row.kasm_workspace_id }, gap)
    }
    await keepBeginnings(rows.filter((row) => !row.provider_started_at).flatMap(({ id, kasm_workspace_id: of }) => {
      const told = byWorkspace.get(of)?.providerStartedAt
      return told ? [{ id, told }] : []
    }))
    if (rows.length) await db('kasm_usage_sessions').whereIn('id', rows.map((row) => row.id)).update({ last_seen_at: at, seen_offset_ms: clockOffset() })
    await db('kasm_workspaces').whereIn('id', [...byWorkspace.keys()]).where('status', 'running').where('last_seen_at', '<', at).update({ last_seen_at: at })
  })
}
