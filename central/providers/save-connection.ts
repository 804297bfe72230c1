/** Adding and changing connections, by staff (the platform's) and by a reseller (its own). Secrets are sealed; each change is an event that names what changed, never a value of it. */
import { centralDb } from '../../shared/database/central-database.js'
import { centralTransaction } from '../../shared/database/transaction.js'
import { FormErrors } from '../../shared/errors.js'
import { record } from '../../shared/events/record.js'
import { seal, unseal } from '../../shared/security/encryption.js'
import { newPublicId } from '../../shared/security/token.js'
import type { ProbeReport } from '../../tenant/kasm/provider/probe-report.js'
import { clock } from '../../shared/time/clock.js'
import { connectionRow, providerPlace, settingsOf, type ConnectionRow } from './connection.js'
import { useOf } from './connection-use.js'
import { mustBePublic, originIn, type ConnectionInput } from './connection-input.js'

const kind = 'kasm'
const subject = (row: { id: number }) => ({ type: 'provider_connections', id: row.id })

/** Only what was given; null takes a setting back. */
function settingsWith(known: Record<string, unknown>, changes: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries({ ...known, ...changes }).filter(([, value]) => value !== undefined))
}
const plainFacts = (input: ConnectionInput, origin: string, settings: Record<string, unknown>) => ({
  label: input.label, region: input.region ?? null, base_url: origin, max_sessions: input.maxSessions ?? null,
  settings: JSON.stringify(settingsWith(settings, { api: input.api, callsPerMinute: input.callsPerMinute })), updated_at: clock.real(),
})

async function checkedOrigin(input: ConnectionInput, tenantId: number | null): Promise<string> {
  const origin = originIn(input.baseUrl)
  if (tenantId !== null) await mustBePublic(origin)
  return origin
}

/** `tenantId`: whose own server it is; null: the platform's. Throws FormErrors. */
export async function addConnection(input: ConnectionInput, tenantId: number | null): Promise<ConnectionRow> {
  const missing = Object.entries({ secretApiKey: input.secretApiKey, secretApiKeySecret: input.secretApiKeySecret }).filter(([, value]) => !value)
  if (missing.length) throw new FormErrors(Object.fromEntries(missing.map(([field]) => [field, 'Please fill this in.'])))
  const origin = await checkedOrigin(input, tenantId)
  const name = newPublicId()
  const sealed = seal(JSON.stringify({ apiKey: input.secretApiKey, apiKeySecret: input.secretApiKeySecret }), providerPlace(kind, name))
  const id = await centralTransaction(async () => {
    const [made] = await centralDb()('provider_connections').insert({ kind, name, tenant_id: tenantId, status: 'active', secrets_sealed: sealed, created_at: clock.real(), ...plainFacts(input, origin, {}) })
    await record('provider.connected', { type: 'provider_connections', id: made! }, { label: input.label, origin }, { tenantId })
    return made!
  })
  return connectionRow({ id })
}

/** Empty secrets keep what is there; another address asks for them anew, so that nobody can send kept keys to a place of their own. Throws FormErrors. */
export async function changeConnection(row: ConnectionRow, input: ConnectionInput): Promise<void> {
  const origin = await checkedOrigin(input, row.tenant_id)
  if (!input.sameServer && (origin !== row.base_url || input.api !== (settingsOf(row)['api'] ?? 'developer'))) await mustBeEmpty(row)
  const both = Boolean(input.secretApiKey && input.secretApiKeySecret)
  if (!both && (input.secretApiKey || input.secretApiKeySecret)) throw new FormErrors({ [input.secretApiKey ? 'secretApiKeySecret' : 'secretApiKey']: 'Give both parts of the key, or none.' })
  if (!both && origin !== row.base_url) throw new FormErrors({ secretApiKey: 'Another address needs its key again.', secretApiKeySecret: 'Another address needs its secret again.' })
  const facts = plainFacts(input, origin, settingsOf(row))
  const secrets = both ? { apiKey: input.secretApiKey, apiKeySecret: input.secretApiKeySecret } : (JSON.parse(unseal(row.secrets_sealed, providerPlace(row.kind, row.name))) as object)
  await centralTransaction(async () => {
    await centralDb()('provider_connections').where({ id: row.id }).update({ ...facts, secrets_sealed: seal(JSON.stringify(secrets), providerPlace(row.kind, row.name)) })
    await record('provider.changed', subject(row), { changed: changedOf(row, facts, both) }, { tenantId: row.tenant_id })
  })
}

/** At another server nobody would find the workspaces of this one: their runs would be closed, and their desktops run on unseen. Throws FormErrors. */
async function mustBeEmpty(row: ConnectionRow): Promise<void> {
  const { workspaces, unknown } = await useOf(row)
  if (!workspaces && !unknown.length) return
  const who = workspaces ? `${workspaces} ${workspaces === 1 ? 'workspace lives' : 'workspaces live'} on this server` : `${unknown.length} ${unknown.length === 1 ? 'shop' : 'shops'} could not be asked whether workspaces live on this server`
  throw new FormErrors({ sameServer: `${who}. Connect another server as one of its own; change this one only if it is the same under a new address.` })
}

function changedOf(row: ConnectionRow, facts: ReturnType<typeof plainFacts>, secrets: boolean): string[] {
  const before = { label: row.label ?? row.name, region: row.region, base_url: row.base_url, max_sessions: row.max_sessions } as const
  const names = (Object.keys(before) as Array<keyof typeof before>).filter((name) => before[name] !== facts[name])
  const [was, is] = [settingsOf(row), JSON.parse(facts.settings) as Record<string, unknown>]
  return [...names, ...Object.keys({ ...was, ...is }).filter((name) => was[name] !== is[name]), ...(secrets ? ['secrets'] : [])]
}

/** Off: no new workspaces; those that live there are served as ever. Repeatable. */
export async function switchConnection(row: ConnectionRow, on: boolean): Promise<void> {
  await centralTransaction(async () => {
    const [before, after] = on ? ['disabled', 'active'] : ['active', 'disabled']
    const changed = await centralDb()('provider_connections').where({ id: row.id, status: before }).update({ status: after, updated_at: clock.real() })
    if (changed) await record(on ? 'provider.enabled' : 'provider.disabled', subject(row), {}, { tenantId: row.tenant_id })
  })
}

/** Keeps the paths that a test found; null: not offered. */
export async function adoptPower(row: ConnectionRow, power: ProbeReport['power']): Promise<void> {
  await centralTransaction(async () => {
    const fresh = (await centralDb()('provider_connections').where({ id: row.id }).forUpdate().first()) as ConnectionRow
    const settings = { ...settingsOf(fresh), stopPath: power.stop, pausePath: power.pause, resumePath: power.resume }
    await centralDb()('provider_connections').where({ id: row.id }).update({ settings: JSON.stringify(settings), updated_at: clock.real() })
    await record('provider.power-adopted', subject(row), { ...power }, { tenantId: row.tenant_id })
  })
}
