/** What the console shows of images found. */
import type { Request } from 'express'
import { centralDb } from '../../shared/database/central-database.js'
import { applyPaging, parsePaging } from '../../shared/database/paging.js'
import { ProviderImage } from './provider-image.js'
import { sizeText, TemplateLink } from './workspace-template.js'

export const imageStates = ['new', 'used', 'changed', 'missing', 'aside', 'all'] as const
type ImageState = (typeof imageStates)[number]
const labels: Record<ImageState, string> = { new: 'New', used: 'In use', changed: 'Size changed', missing: 'Missing', aside: 'Set aside', all: 'All' }
const linked = () => centralDb()('workspace_template_images as l').whereRaw('l.provider_image_id = provider_images.id').select(centralDb().raw('1'))

/** Images in one of the states; `new`: there, of no template, and not set aside. */
function imagesIn(state: ImageState) {
  const query = ProviderImage.query()
  if (state === 'missing') return query.whereNotNull('missingSince')
  if (state === 'changed') return query.whereNotNull('changedAt').whereNull('missingSince')
  if (state === 'aside') return query.whereNotNull('setAsideAt')
  if (state === 'used') return query.whereExists(linked())
  return state === 'new' ? query.whereNull('missingSince').whereNull('setAsideAt').whereNotExists(linked()) : query
}

interface Look { id: number; name: string; region: string | null; own: boolean; lookedAt: Date | null; found: number; error: string | null }

/** Every server with its last look. */
export async function looks(): Promise<Look[]> {
  const rows = (await centralDb()('provider_connections as c').leftJoin('image_looks as l', 'l.provider_connection_id', 'c.id').leftJoin('tenants as t', 't.id', 'c.tenant_id').where('c.kind', 'kasm').orderBy('c.id')
    .select('c.id', 'c.name', 'c.label', 'c.region', 't.name as owner', 'l.looked_at as lookedAt', 'l.found', 'l.last_error as error')) as Array<Look & { label: string | null; owner: string | null }>
  return rows.map((r) => ({ id: r.id, name: `${r.label ?? r.name}${r.owner ? ` (${r.owner})` : ''}`, region: r.region, own: r.owner !== null, lookedAt: r.lookedAt, found: Number(r.found ?? 0), error: r.error }))
}

export async function imagesPage(req: Request): Promise<object> {
  const servers = await looks()
  const state = imageStates.find((s) => s === req.query['state']) ?? 'new'
  const server = servers.find((s) => String(s.id) === req.query['server']) ?? null
  const counts = Object.fromEntries(await Promise.all(imageStates.map(async (s) => [s, await imagesIn(s).resultSize()] as const)))
  const wanted = imagesIn(state)
  if (server) void wanted.where({ providerConnectionId: server.id })
  const list = await applyPaging(wanted, parsePaging(req.query, { sortable: { found: 'first_seen_at', name: 'name' }, default: '-found', size: 50 }))
  const link = (more: Record<string, string | number>): string => `/templates/images?${new URLSearchParams(Object.entries({ state, ...(server ? { server: String(server.id) } : {}), sort: list.descending ? `-${list.sort}` : list.sort, ...more }).map(([k, v]): [string, string] => [k, String(v)])).toString()}`
  const names = new Map(servers.map((s) => [s.id, s]))
  const templates = await templatesOf(list.rows.map((row) => row.id))
  return {
    servers, chips: imageStates.map((s) => ({ href: link({ state: s, page: 1 }), label: labels[s], count: counts[s], current: s === state })), state, server: server?.id ?? '',
    serverOptions: servers.map((s) => ({ value: String(s.id), label: s.name })), filtered: state !== 'all' || server !== null,
    heads: [['found', 'Found'], ['name', 'Image']].map(([sort, label]) => ({ label, href: link({ sort: list.sort === sort && !list.descending ? `-${sort}` : sort!, page: 1 }) })),
    rows: list.rows.map((row) => ({
      id: row.id, name: row.name, description: row.description, categories: row.categories.join(', '), size: sizeText(row), server: names.get(row.providerConnectionId)?.name ?? '', firstSeenAt: row.firstSeenAt, imageId: row.imageId,
      missingSince: row.missingSince, changedAt: row.changedAt, aside: row.setAsideAt !== null, off: !row.available, templates: templates.get(row.id) ?? [], canMake: row.missingSince === null,
    })),
    summary: list.total > list.rows.length ? `${list.from}–${list.to} of ${list.total}` : '', previousHref: list.page > 1 ? link({ page: list.page - 1 }) : null, nextHref: list.page < list.pages ? link({ page: list.page + 1 }) : null,
  }
}

async function templatesOf(imageIds: readonly number[]): Promise<Map<number, Array<{ key: string; name: string }>>> {
  const rows = (await TemplateLink.query().join('workspace_templates as t', 't.id', 'template_id').whereIn('provider_image_id', [...imageIds]).select('provider_image_id as imageId', 't.central_key as key', 't.name')) as unknown as Array<{ imageId: number; key: string; name: string }>
  const found = new Map<number, Array<{ key: string; name: string }>>()
  for (const { imageId, key, name } of rows) found.set(imageId, [...(found.get(imageId) ?? []), { key, name }])
  return found
}
