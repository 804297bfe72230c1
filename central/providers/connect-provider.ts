/** Connections to the services that run what we sell. Secrets are sealed; a connection of the platform with the same kind and name is changed, not doubled. */
import { centralDb } from '../../shared/database/central-database.js'
import { record } from '../../shared/events/record.js'
import { seal } from '../../shared/security/encryption.js'
import { clock } from '../../shared/time/clock.js'
import { providerPlace } from './connection.js'

export interface NewProvider {
  kind: 'kasm'
  name: string
  baseUrl: string
  secrets: Record<string, string>
  settings: Record<string, unknown>
  label?: string
  region?: string | null
  maxSessions?: number | null
}

export async function connectProvider(p: NewProvider): Promise<void> {
  const now = clock.real()
  const facts = { base_url: p.baseUrl, secrets_sealed: seal(JSON.stringify(p.secrets), providerPlace(p.kind, p.name)), settings: JSON.stringify(p.settings), status: 'active', label: p.label ?? p.name, region: p.region ?? null, max_sessions: p.maxSessions ?? null, updated_at: now }
  const known = (await centralDb()('provider_connections').where({ kind: p.kind, name: p.name }).whereNull('tenant_id').first('id')) as { id: number } | undefined
  if (known) await centralDb()('provider_connections').where({ id: known.id }).update(facts)
  else await centralDb()('provider_connections').insert({ kind: p.kind, name: p.name, created_at: now, ...facts })
  await record('provider.connected', { type: 'provider_connection', id: known?.id ?? 0 }, { kind: p.kind, name: p.name })
}
