/** How a connection is: three calls in a row without a usable answer make it `failing`, one answer makes it well again. */
import { alert } from '../../shared/alerts/alert.js'
import { centralDb } from '../../shared/database/central-database.js'
import { centralTransaction } from '../../shared/database/transaction.js'
import { record } from '../../shared/events/record.js'
import type { ProviderHealth, ProviderOutcome } from '../../shared/tenancy/directory.js'
import { clock } from '../../shared/time/clock.js'
import { formatDuration } from '../../shared/views/format.js'

export const FAILURES_TO_FAIL = 3

export interface HealthFacts {
  failures: number
  failing_since: Date | null
  last_ok_at: Date | null
  last_error_at: Date | null
}

export function healthOf(row: HealthFacts): ProviderHealth {
  if (row.failing_since) return 'failing'
  return row.last_ok_at || row.last_error_at ? 'ok' : 'unknown'
}

/** Pure: what a call's end makes of it, and whether an outage begins or is over with it. */
export function afterCall(row: HealthFacts, ok: boolean, now: Date): Pick<HealthFacts, 'failures' | 'failing_since'> & { turn: 'fails' | 'recovers' | null } {
  if (ok) return { failures: 0, failing_since: null, turn: row.failing_since ? 'recovers' : null }
  const failures = Math.min(row.failures + 1, 1_000_000)
  const begins = !row.failing_since && failures >= FAILURES_TO_FAIL
  return { failures, failing_since: row.failing_since ?? (begins ? now : null), turn: begins ? 'fails' : null }
}

interface Noted extends HealthFacts { id: number; kind: string; name: string; label: string | null; tenant_id: number | null }

/** The row is locked, so of all processes exactly one sees the turn and tells staff. Unknown ids are ignored: the connection may be gone. */
export function noteProvider(connectionId: number, outcome: ProviderOutcome): Promise<void> {
  const now = clock.real()
  return centralTransaction(async () => {
    const row = (await centralDb()('provider_connections').where({ id: connectionId }).forUpdate().first()) as Noted | undefined
    if (!row) return
    const { turn, ...health } = afterCall(row, outcome.ok, now)
    const facts = outcome.ok ? { last_ok_at: now } : { last_error_at: now, last_error: outcome.error?.slice(0, 500) ?? null, last_error_code: outcome.code?.slice(0, 40) ?? null }
    await centralDb()('provider_connections').where({ id: connectionId }).update({ ...health, ...facts, ...(outcome.sessions === undefined ? {} : { sessions: outcome.sessions, sessions_at: now }) })
    if (turn) await tellOf(turn, row, outcome, now)
  })
}

async function tellOf(turn: 'fails' | 'recovers', row: Noted, outcome: ProviderOutcome, now: Date): Promise<void> {
  const label = row.label ?? row.name
  await record(turn === 'fails' ? 'provider.failing' : 'provider.recovered', { type: 'provider_connections', id: row.id }, { code: outcome.code ?? null }, { tenantId: row.tenant_id })
  if (turn === 'fails') {
    await alert({ level: 'error', title: `The workspace server "${label}" does not answer`, message: `${outcome.error ?? 'Three calls in a row failed.'} New orders go elsewhere where they can; starting waits and is tried again.`, fields: { connection: row.id, code: outcome.code ?? '–' } })
  } else {
    const lasted = Math.max(0, Math.round((now.getTime() - (row.failing_since ?? now).getTime()) / 1000))
    await alert({ level: 'info', title: `The workspace server "${label}" answers again`, message: `It failed for ${formatDuration(lasted)}.`, fields: { connection: row.id } })
  }
}
