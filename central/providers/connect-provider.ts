/** Connections to the services that run what we sell. Secrets are sealed; a connection with the same kind and name is changed, not doubled. */
import { centralDb } from '../../shared/database/central-database.js'
import { record } from '../../shared/events/record.js'
import { seal } from '../../shared/security/encryption.js'
import { clock } from '../../shared/time/clock.js'
import { providerPlace } from '../directory.js'

export interface NewProvider {
  kind: 'kasm'
  name: string
  baseUrl: string
  secrets: Record<string, string>
  settings: Record<string, unknown>
  /** Only for this tenant; without it for everybody. */
  tenantId?: number
}

export async function connectProvider(p: NewProvider): Promise<void> {
  const now = clock.real()
  const facts = { base_url: p.baseUrl, secrets_sealed: seal(JSON.stringify(p.secrets), providerPlace(p.kind, p.name)), settings: JSON.stringify(p.settings), status: 'active', updated_at: now }
  const known = (await centralDb()('provider_connections').where({ kind: p.kind, name: p.name }).first('id')) as { id: number } | undefined
  if (known) await centralDb()('provider_connections').where({ id: known.id }).update(facts)
  else await centralDb()('provider_connections').insert({ kind: p.kind, name: p.name, tenant_id: p.tenantId ?? null, created_at: now, ...facts })
  await record('provider.connected', { type: 'provider_connection', id: known?.id ?? 0 }, { kind: p.kind, name: p.name })
}
