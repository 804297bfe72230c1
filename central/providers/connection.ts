/** Connections to the servers that run what we sell, as rows and as tenants see them. */
import { centralDb } from '../../shared/database/central-database.js'
import { NotFound } from '../../shared/errors.js'
import { unseal } from '../../shared/security/encryption.js'
import type { ProviderConnection } from '../../shared/tenancy/directory.js'
import { healthOf } from './health.js'

export interface ConnectionRow {
  id: number
  tenant_id: number | null
  kind: string
  name: string
  label: string | null
  region: string | null
  base_url: string
  secrets_sealed: string
  settings: object | string
  status: 'active' | 'disabled'
  max_sessions: number | null
  sessions: number | null
  sessions_at: Date | null
  failures: number
  failing_since: Date | null
  last_ok_at: Date | null
  last_error_at: Date | null
  last_error: string | null
  last_error_code: string | null
  strangers_at: Date | null
  created_at: Date
  updated_at: Date
}

/** What a row's secrets are sealed with: a sealed value that is moved to another row does not open. */
export const providerPlace = (kind: string, name: string): string => `central:provider_connections:secrets:${kind}:${name}`

export const settingsOf = (row: Pick<ConnectionRow, 'settings'>): Record<string, unknown> =>
  (typeof row.settings === 'string' ? JSON.parse(row.settings) : row.settings) as Record<string, unknown>

const usualPaths = {
  developer: { stop: '/api/stop_kasm', pause: '/api/pause_kasm', resume: '/api/resume_kasm' },
  gateway: { stop: '/api/public/stop_workspace', pause: null, resume: '/api/public/start_workspace' },
} as const
/** The paths in use, as the door takes the settings: what is not set is as usual; null: not offered. A gateway's stop and resume are always the usual ones. */
export function powerPaths(settings: Readonly<Record<string, unknown>>): Record<'stop' | 'pause' | 'resume', string | null> {
  const gateway = settings['api'] === 'gateway'
  const usual = usualPaths[gateway ? 'gateway' : 'developer']
  const set = (power: 'stop' | 'pause' | 'resume') => (settings[`${power}Path`] === undefined ? usual[power] : settings[`${power}Path`] as string | null)
  return gateway ? { ...usual, pause: set('pause') } : { stop: set('stop'), pause: set('pause'), resume: set('resume') }
}

/** Opens the secrets. */
export function connectionOf(row: ConnectionRow): ProviderConnection {
  return {
    id: row.id, kind: row.kind, name: row.name, label: row.label ?? row.name, region: row.region, baseUrl: row.base_url,
    secrets: JSON.parse(unseal(row.secrets_sealed, providerPlace(row.kind, row.name))) as Record<string, string>, settings: settingsOf(row),
    own: row.tenant_id !== null, active: row.status === 'active', health: healthOf(row), failingSince: row.failing_since, maxSessions: row.max_sessions, sessions: row.sessions,
  }
}

/** Those a tenant may use: its own, then the platform's. */
export async function providersOf(tenantId: number, kind: string): Promise<ProviderConnection[]> {
  const rows = (await centralDb()('provider_connections').where({ kind }).where((q) => void q.where('tenant_id', tenantId).orWhereNull('tenant_id')).orderByRaw('tenant_id is null, id')) as ConnectionRow[]
  return rows.map(connectionOf)
}

/** Every one, the platform's first. */
export async function allConnections(): Promise<ConnectionRow[]> {
  return (await centralDb()('provider_connections').orderByRaw('tenant_id is not null, id')) as ConnectionRow[]
}

/** Throws NotFound. `where`: its id, or its name together with whose it is. */
export async function connectionRow(where: { id: number } | { name: string; tenant_id: number }): Promise<ConnectionRow> {
  const row = (await centralDb()('provider_connections').where(where).first()) as ConnectionRow | undefined
  if (!row) throw new NotFound('server')
  return row
}

/** By row id, for central's own work on any connection. Throws NotFound. */
export const connectionById = async (id: number): Promise<ProviderConnection> => connectionOf(await connectionRow({ id }))
