/** What staff does with the catalogue. Each change is recorded and then offered to the shops. */
import { centralTransaction } from '../../shared/database/transaction.js'
import { FormErrors, refuse } from '../../shared/errors.js'
import { record } from '../../shared/events/record.js'
import { clock } from '../../shared/time/clock.js'
import { offerTemplates } from './deliver-templates.js'
import { ProviderImage } from './provider-image.js'
import { sizeText, TemplateLink, WorkspaceTemplate, type TemplateType } from './workspace-template.js'

export interface TemplateFacts { readonly name: string; readonly description: string; readonly workspaceType: TemplateType; readonly preinstalledApps: string[]; readonly icon: string }

/** A new one from an image, in the image's size, last in the order. Throws Refusal-like FormErrors (`image`) for an image that is gone. */
export async function makeTemplate(facts: TemplateFacts, image: ProviderImage): Promise<WorkspaceTemplate> {
  if (image.missingSince) throw new FormErrors({ form: 'The server does not offer this image any more.' })
  const made = await centralTransaction(async () => {
    const last = await WorkspaceTemplate.query().orderBy('sortOrder', 'desc').first()
    const template = await WorkspaceTemplate.query().insertAndFetch({
      ...facts, centralKey: await freeKey(facts.name, image), vcpu: image.vcpu, ramMb: image.ramMb, sortOrder: (last?.sortOrder ?? 0) + 10, status: 'active', seedImageId: null,
    })
    await TemplateLink.query().insert({ templateId: template.id, providerConnectionId: image.providerConnectionId, providerImageId: image.id })
    await image.$query().patch({ setAsideAt: null })
    await record('template.made', template, { key: template.centralKey, image: image.imageId })
    return template
  })
  await offerTemplates()
  return made
}

/** `ubuntu-with-vs-code-2x4`, with a number when that is taken. */
async function freeKey(name: string, { vcpu, ramMb }: ProviderImage): Promise<string> {
  const base = `${name.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 44) || 'template'}-${vcpu}x${Math.round(ramMb / 1024)}`
  const taken = new Set((await WorkspaceTemplate.query().where('centralKey', 'like', `${base}%`)).map((t) => t.centralKey))
  for (let n = 1; ; n++) if (!taken.has(n === 1 ? base : `${base}-${n}`)) return n === 1 ? base : `${base}-${n}`
}

/** `images`: connection → image, or null for none there. Throws FormErrors (`image_<connection>`) for an image of another server, of another size, or gone. */
export async function changeTemplate(template: WorkspaceTemplate, facts: TemplateFacts, images: ReadonlyMap<number, number | null>): Promise<void> {
  await centralTransaction(async () => {
    await template.$query().patch(facts)
    const links = await TemplateLink.query().where({ templateId: template.id })
    for (const [connectionId, imageId] of images) await relink(template, links.find((l) => l.providerConnectionId === connectionId), connectionId, imageId)
    await record('template.changed', template, { key: template.centralKey })
  })
  await offerTemplates()
}

async function relink(template: WorkspaceTemplate, link: TemplateLink | undefined, connectionId: number, imageId: number | null): Promise<void> {
  if ((link?.providerImageId ?? null) === imageId) return
  if (imageId === null) return void (await link?.$query().delete())
  const image = await ProviderImage.query().findOne({ id: imageId, providerConnectionId: connectionId })
  const fault = !image ? 'Choose an image of this server.' : image.missingSince ? 'The server does not offer this image any more.'
    : image.vcpu !== template.vcpu || image.ramMb !== template.ramMb ? `This image has ${sizeText(image)}; the template has ${template.sizeText}.` : null
  if (fault) throw new FormErrors({ [`image_${connectionId}`]: fault })
  if (link) await link.$query().patch({ providerImageId: imageId })
  else await TemplateLink.query().insert({ templateId: template.id, providerConnectionId: connectionId, providerImageId: imageId })
}

/** Sold no more from now on; workspaces that have it run and start as before. */
export const deprecateTemplate = (template: WorkspaceTemplate): Promise<void> => setStatus(template, 'deprecated')
export const renewTemplate = (template: WorkspaceTemplate): Promise<void> => setStatus(template, 'active')

async function setStatus(template: WorkspaceTemplate, status: WorkspaceTemplate['status']): Promise<void> {
  refuse(status === 'deprecated' ? template.refusalToDeprecate() : template.refusalToRenew())
  await centralTransaction(async () => {
    await template.$query().patch({ status })
    await record(status === 'deprecated' ? 'template.deprecated' : 'template.renewed', template, { key: template.centralKey })
  })
  await offerTemplates()
}

/** One place up or down among those of the same status; at the end nothing happens. */
export async function moveTemplate(template: WorkspaceTemplate, way: 'up' | 'down'): Promise<void> {
  await centralTransaction(async () => {
    const all = await WorkspaceTemplate.query().orderBy(['sortOrder', 'id']).forUpdate()
    const order = swapped(all, template.id, way, (t) => t.status === template.status)
    for (const [n, row] of order.entries()) if (row.sortOrder !== n * 10) await row.$query().patch({ sortOrder: n * 10 })
  })
  await offerTemplates()
}

/** The list with one row changed with its next neighbour that `counts`. Pure. */
export function swapped<T extends { id: number }>(rows: readonly T[], id: number, way: 'up' | 'down', counts: (row: T) => boolean): T[] {
  const order = [...rows]
  const from = order.findIndex((row) => row.id === id)
  const step = way === 'up' ? -1 : 1
  let to = from + step
  while (order[to] && !counts(order[to]!)) to += step
  if (from >= 0 && order[to]) [order[from], order[to]] = [order[to]!, order[from]!]
  return order
}

/** Staff wants no template of it, or does after all. */
export async function setAside(image: ProviderImage, aside: boolean): Promise<void> {
  await image.$query().patch({ setAsideAt: aside ? clock.real() : null })
}
