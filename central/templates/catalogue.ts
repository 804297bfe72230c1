/** The catalogue as one shop sees it: templates with their images on the connections that this shop may use. */
import { createHash } from 'node:crypto'
import { centralDb } from '../../shared/database/central-database.js'
import type { OfferedTemplate } from '../../tenant/kasm/templates/receive-templates.js'
import { WorkspaceTemplate } from './workspace-template.js'

interface LinkRow { templateId: number; connectionId: number; tenantId: number | null; imageId: string; missing: Date | null; available: number; vcpu: number; ramMb: number }

export interface Catalogue {
  /** Empty: nothing is curated yet, shops keep what they have. */
  readonly size: number
  of(tenantId: number): OfferedTemplate[]
  /** Changes exactly when `of` does. */
  digestOf(tenantId: number): string
}

/** Three queries, whatever the number of shops. */
export async function readCatalogue(): Promise<Catalogue> {
  const templates = await WorkspaceTemplate.inOrder()
  const links = (await centralDb()('workspace_template_images as l').join('provider_images as i', 'i.id', 'l.provider_image_id').join('provider_connections as c', 'c.id', 'l.provider_connection_id')
    .orderBy(['l.template_id', 'c.id']).select('l.template_id as templateId', 'c.id as connectionId', 'c.tenant_id as tenantId', 'i.image_id as imageId', 'i.missing_since as missing', 'i.available', 'i.vcpu', 'i.ram_mb as ramMb')) as LinkRow[]
  const synced = (await centralDb()('provider_images').first('id')) !== undefined
  const owners = new Set(links.map((l) => l.tenantId))
  const digests = new Map<number | null, string>()
  const of = (tenantId: number): OfferedTemplate[] => templates.flatMap((t) => offerOf(t, { links: links.filter((l) => l.templateId === t.id), synced }, tenantId))
  const digestOf = (tenantId: number): string => {
    const whose = owners.has(tenantId) ? tenantId : null
    if (!digests.has(whose)) digests.set(whose, createHash('sha1').update(JSON.stringify(of(tenantId))).digest('hex'))
    return digests.get(whose)!
  }
  return { size: templates.length, of, digestOf }
}

/** Nothing for a template whose images are all on servers of other shops, or that has none on any. Until a first server has been asked for its images, the seed's. */
function offerOf(t: WorkspaceTemplate, { links, synced }: { links: readonly LinkRow[]; synced: boolean }, tenantId: number): OfferedTemplate[] {
  const usable = links.filter((l) => l.tenantId === null || l.tenantId === tenantId)
  const imageId = usable[0]?.imageId ?? (synced ? null : t.seedImageId)
  if (imageId === null) return []
  const images = usable.map((l) => ({ connectionId: l.connectionId, imageId: l.imageId, offered: l.missing === null && l.available === 1 && l.vcpu === t.vcpu && l.ramMb === t.ramMb }))
  const { centralKey: key, name, description, workspaceType, vcpu, ramMb, preinstalledApps, icon, sortOrder, status } = t
  return [{ key, name, description, workspaceType, vcpu, ramMb, preinstalledApps, icon, sortOrder, status, imageId, images }]
}
