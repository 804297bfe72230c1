/** A connection as pages show it, to staff and to the reseller whose own it is. Nothing of its secrets is among it. */
import { centralDb } from '../../shared/database/central-database.js'
import { powerPaths, settingsOf, type ConnectionRow } from './connection.js'
import { healthOf } from './health.js'
import type { TestResult } from './test-connection.js'

const healthWords = {
  ok: { tone: 'good', icon: 'circle-check', label: 'Answers' },
  failing: { tone: 'bad', icon: 'alert-triangle', label: 'Does not answer' },
  unknown: { tone: 'calm', icon: 'help-circle', label: 'Not called yet' },
} as const
const apiWords: Readonly<Record<string, string>> = { developer: 'Kasm developer API', gateway: 'Gateway' }

export function presentConnection(row: ConnectionRow) {
  const settings = settingsOf(row)
  const health = healthOf(row)
  const full = row.max_sessions !== null && (row.sessions ?? 0) >= row.max_sessions
  return {
    id: row.id, label: row.label ?? row.name, kind: 'Kasm', region: row.region, origin: row.base_url, api: apiWords[String(settings['api'] ?? 'developer')] ?? String(settings['api']),
    on: row.status === 'active', health: healthWords[health], failing: health === 'failing', failingSince: row.failing_since, full,
    sessions: row.sessions, sessionsAt: row.sessions_at, maxSessions: row.max_sessions, lastOkAt: row.last_ok_at, lastErrorAt: row.last_error_at, lastError: row.last_error, lastErrorCode: row.last_error_code,
    callsPerMinute: typeof settings['callsPerMinute'] === 'number' ? settings['callsPerMinute'] : null, powers: powersOf(settings),
  }
}

/** Which of stop, pause and resume are in use, in words. */
function powersOf(settings: Record<string, unknown>): string {
  const paths = powerPaths(settings)
  const offered = (['stop', 'pause', 'resume'] as const).filter((power) => paths[power] !== null)
  return offered.length ? offered.join(', ') : 'none: a desktop is ended and made anew with the same files'
}

/** What the form shows again: everything but the secrets. */
export function inputOf(row: ConnectionRow): Record<string, string> {
  const settings = settingsOf(row)
  const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '')
  return { label: row.label ?? row.name, baseUrl: row.base_url, api: text(settings['api']) || 'developer', region: row.region ?? '', maxSessions: text(row.max_sessions), callsPerMinute: text(settings['callsPerMinute']) }
}

export const apiOptions = [
  { value: 'developer', label: 'Kasm developer API', text: 'A Kasm Workspaces server itself, by its developer API key.', icon: 'server' },
  { value: 'gateway', label: 'Gateway', text: 'A gateway in front of Kasm with create_workspace, workspace_status and the like.', icon: 'api' },
] as const

const marks = { yes: { tone: 'good', icon: 'check', label: 'Yes' }, no: { tone: 'bad', icon: 'x', label: 'Missing' }, unsure: { tone: 'warn', icon: 'help-circle', label: 'Could not be told' } } as const

/** A test's result as the page shows it. */
export function presentTest(result: TestResult) {
  const powers = (['stop', 'pause', 'resume'] as const).map((power) => ({ label: `${power[0]!.toUpperCase()}${power.slice(1)}`, path: result.power[power] }))
  const missing = result.permissions.filter((line) => line.needed && line.ok === false).map((line) => line.permission)
  return {
    reachable: result.reachable, problem: result.problem?.message ?? null, latencyMs: result.latencyMs, images: result.images, sessions: result.sessions, missing: [...new Set(missing)],
    lines: result.permissions.map((line) => ({ ...line, mark: line.ok === null ? marks.unsure : line.ok ? marks.yes : marks.no })), powers, usable: result.reachable && (result.problem === null || result.problem.code === 'missing-permissions'),
    adopt: result.adopted ? null : Object.fromEntries(powers.map(({ label, path }) => [`${label.toLowerCase()}Path`, path ?? ''])),
  }
}

/** Names of the shops whose own servers these are, by tenant id. */
export async function ownersOf(rows: readonly ConnectionRow[]): Promise<Map<number, { name: string; slug: string }>> {
  const ids = [...new Set(rows.flatMap((row) => row.tenant_id ?? []))]
  const tenants = ids.length ? ((await centralDb()('tenants').whereIn('id', ids).select('id', 'name', 'slug')) as Array<{ id: number; name: string; slug: string }>) : []
  return new Map(tenants.map((tenant) => [tenant.id, tenant]))
}
