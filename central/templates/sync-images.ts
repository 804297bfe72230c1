/** Looks which images a server offers and writes down what is new, changed and gone. Nothing is deleted; an empty list is not believed. */
import { centralDb } from '../../shared/database/central-database.js'
import { centralTransaction } from '../../shared/database/transaction.js'
import { OutsideError } from '../../shared/errors.js'
import { record } from '../../shared/events/record.js'
import { clock } from '../../shared/time/clock.js'
import { connectedApi } from '../../tenant/kasm/provider/connected-api.js'
import { allConnections, connectionOf, type ConnectionRow } from '../providers/connection.js'
import { offerTemplates } from './deliver-templates.js'
import { differenceOf, factsOf, ProviderImage, type ImageFacts } from './provider-image.js'
import { TemplateLink, WorkspaceTemplate } from './workspace-template.js'

export interface Synced { connectionId: number; added: number; changed: number; missing: number; listed: number; error: string | null }

/** One server now; what could not be asked is in `error`, and nothing is changed then. Afterwards the shops hear of it. */
export async function syncImages(row: ConnectionRow): Promise<Synced> {
  const synced = await look(row)
  if (synced.added + synced.changed + synced.missing > 0) await offerTemplates()
  return synced
}

/** Every server that takes workspaces, one after the other. */
export async function syncAllImages(): Promise<Synced[]> {
  const found: Synced[] = []
  for (const row of (await allConnections()).filter((c) => c.kind === 'kasm' && c.status === 'active')) found.push(await look(row))
  await offerTemplates()
  return found
}

async function look(row: ConnectionRow): Promise<Synced> {
  const none = { connectionId: row.id, added: 0, changed: 0, missing: 0, listed: 0 }
  try {
    const listed = (await connectedApi(connectionOf(row)).images()).map(factsOf)
    return await centralTransaction(() => settle(row.id, listed))
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    await note(row.id, { last_error: error.message.slice(0, 500) })
    return { ...none, error: error.message }
  }
}

async function settle(connectionId: number, listed: readonly ImageFacts[]): Promise<Synced> {
  const now = clock.real()
  const known = await ProviderImage.query().where({ providerConnectionId: connectionId }).forUpdate()
  if (listed.length === 0 && known.some((image) => image.missingSince === null)) {
    const error = 'The server listed no image at all. Nothing was changed: look at the permissions of its key.'
    await note(connectionId, { last_error: error })
    return { connectionId, added: 0, changed: 0, missing: 0, listed: 0, error }
  }
  const { added, changed, gone, same } = differenceOf(known, listed)
  for (const facts of added) await link(await ProviderImage.query().insertAndFetch({ ...facts, categories: [...facts.categories], providerConnectionId: connectionId, firstSeenAt: now, lastSeenAt: now }))
  for (const { row, facts, size } of changed) await row.$query().patch({ ...facts, categories: [...facts.categories], lastSeenAt: now, missingSince: null, ...(size ? { changedAt: now } : {}) })
  for (const row of gone) await row.$query().patch({ missingSince: now })
  if (same.length) await ProviderImage.query().patch({ lastSeenAt: now }).whereIn('id', same.map((row) => row.id))
  const counts = { added: added.length, changed: changed.length, missing: gone.length, listed: listed.length }
  await note(connectionId, { looked_at: now, found: listed.length, last_error: null })
  if (counts.added + counts.changed + counts.missing > 0) await record('provider.images-changed', { type: 'provider_connections', id: connectionId }, counts)
  return { connectionId, ...counts, error: null }
}

/** An image that a seeded template was made for links itself, once: what staff takes away later stays away. */
async function link(image: ProviderImage): Promise<void> {
  const template = await WorkspaceTemplate.query().findOne({ seedImageId: image.imageId, vcpu: image.vcpu, ramMb: image.ramMb })
  if (!template) return
  const taken = await TemplateLink.query().findOne({ templateId: template.id, providerConnectionId: image.providerConnectionId })
  if (!taken) await TemplateLink.query().insert({ templateId: template.id, providerConnectionId: image.providerConnectionId, providerImageId: image.id })
}

async function note(connectionId: number, facts: object): Promise<void> {
  const now = clock.real()
  const row = { ...facts, tried_at: now, updated_at: now }
  await centralDb()('image_looks').insert({ provider_connection_id: connectionId, ...row }).onConflict('provider_connection_id').merge(row)
}
