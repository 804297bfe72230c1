/** Connections to the services that run what we sell. Secrets are sealed; a connection of the platform with the same kind and name is changed, not doubled. */
import { centralDb } from '../../shared/database/central-database.js'
import { record } from '../../shared/events/record.js'
import { seal } from '../../shared/security/encryption.js'
import { clock } from '../../shared/time/clock.js'
import { providerPlace, settingsOf, type ConnectionRow } from './connection.js'

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

/** What is not said stays as it is in a known one. */
export async function connectProvider(p: NewProvider): Promise<void> {
  const now = clock.real()
  const table = () => centralDb()('provider_connections')
  const facts = { base_url: p.baseUrl, secrets_sealed: seal(JSON.stringify(p.secrets), providerPlace(p.kind, p.name)), status: 'active', updated_at: now }
  const told = Object.fromEntries(Object.entries({ label: p.label, region: p.region, max_sessions: p.maxSessions }).filter(([, value]) => value !== undefined))
  const known = (await table().where({ kind: p.kind, name: p.name }).whereNull('tenant_id').first()) as ConnectionRow | undefined
  const settings = JSON.stringify({ ...(known ? settingsOf(known) : {}), ...p.settings })
  if (known) await table().where({ id: known.id }).update({ ...facts, ...told, settings })
  const id = known?.id ?? (await table().insert({ kind: p.kind, name: p.name, label: p.name, created_at: now, ...facts, ...told, settings }))[0]!
  await record('provider.connected', { type: 'provider_connections', id }, { kind: p.kind, name: p.name })
}
