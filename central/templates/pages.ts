/** What the console shows of the catalogue. */
import type { Request } from 'express'
import { formatCount } from '../../shared/views/format.js'
import { templateIcons } from '../../tenant/kasm/templates/icons.js'
import { shopsBehind } from './deliver-templates.js'
import { looks } from './image-pages.js'
import { ProviderImage } from './provider-image.js'
import type { TemplateUse } from './template-use.js'
import { sizeText, TemplateLink, WorkspaceTemplate } from './workspace-template.js'

const types = [{ value: 'developer', label: 'Developer', text: 'Editors, tools, terminals', icon: 'code' }, { value: 'business', label: 'Business', text: 'Office work in a browser', icon: 'device-desktop' }]

export async function listPage(req: Request): Promise<object> {
  const all = await WorkspaceTemplate.inOrder()
  const type = ['developer', 'business'].find((t) => t === req.query['type']) ?? ''
  const status = ['active', 'deprecated'].find((s) => s === req.query['status']) ?? 'active'
  const [links, images, servers, behind] = await Promise.all([TemplateLink.query(), ProviderImage.query(), looks(), shopsBehind()])
  const shown = all.filter((t) => t.status === status && (type === '' || t.workspaceType === type))
  const href = (more: object): string => `/templates?${new URLSearchParams({ status, type, ...more }).toString()}`
  const fresh = images.filter((i) => !i.missingSince && !i.setAsideAt && !links.some((l) => l.providerImageId === i.id)).length
  return {
    chips: [
      ...['active', 'deprecated'].map((s) => ({ href: href({ status: s }), label: s === 'active' ? 'On offer' : 'Deprecated', count: all.filter((t) => t.status === s).length, current: s === status })),
      ...types.map((t) => ({ href: href({ type: type === t.value ? '' : t.value }), label: t.label, current: type === t.value })),
    ],
    rows: shown.map((t, n) => ({
      key: t.centralKey, name: t.name, icon: t.icon, type: t.workspaceType, size: t.sizeText, status: t.status, isFirst: n === 0, isLast: n === shown.length - 1, apps: t.preinstalledApps.join(', '),
      ...where(t, links, images, servers),
    })),
    // Moving is about the whole order: with a filter the neighbours would be others than those shown.
    canMove: type === '', total: all.length, imagesLabel: fresh ? `Images found (${fresh} new)` : 'Images found', imagesTone: fresh ? 'primary' : 'secondary', behind: behind.slice(0, 20), behindText: formatCount(behind.length, 'shop'), behindCount: behind.length,
  }
}

/** `eu: Main server, us: Second server`, and what is wrong with its images. */
function where(t: WorkspaceTemplate, links: readonly TemplateLink[], images: readonly ProviderImage[], servers: Awaited<ReturnType<typeof looks>>): { servers: string; trouble: string } {
  const own = links.filter((l) => l.templateId === t.id)
  const nameOf = (id: number): string => { const s = servers.find((x) => x.id === id); return s ? (s.region ? `${s.region}: ${s.name}` : s.name) : 'a server that is gone' }
  const bad = own.filter((l) => !images.find((i) => i.id === l.providerImageId)?.isGoodFor(t)).map((l) => nameOf(l.providerConnectionId))
  return { servers: own.length ? own.map((l) => nameOf(l.providerConnectionId)).join(', ') : t.seedImageId ? 'every server, by its first id' : 'no server', trouble: bad.length ? `Not orderable on ${bad.join(', ')}` : '' }
}

export interface Shown { input?: Readonly<Record<string, unknown>> | undefined; errors?: Readonly<Record<string, string>> | undefined }

export function newPage(image: ProviderImage, { input, errors }: Shown = {}): object {
  return {
    title: 'Make a template', action: '/templates', verb: 'post', types, icons: templateIcons, errors, size: sizeText(image), image: { id: image.id, name: image.name, imageId: image.imageId },
    input: input ?? { name: image.name.replace(/\s*\([^)]*\)$/, ''), description: image.description, workspaceType: image.categories.some((c) => /business|office|desktop|browser/i.test(c)) ? 'business' : 'developer', icon: 'code', preinstalledApps: '' },
    crumbs: [{ href: '/templates', label: 'Templates' }, { href: '/templates/images', label: 'Images found' }, { label: 'Make a template' }],
  }
}

export async function editPage(template: WorkspaceTemplate, { input, errors }: Shown = {}): Promise<object> {
  const [servers, links, images] = await Promise.all([looks(), TemplateLink.query().where({ templateId: template.id }), ProviderImage.query().where({ vcpu: template.vcpu, ramMb: template.ramMb }).orderBy('name')])
  const linked = await ProviderImage.query().whereIn('id', links.map((l) => l.providerImageId))
  const choices = servers.map((s) => {
    const now = linked.find((i) => i.providerConnectionId === s.id)
    const fitting = images.filter((i) => i.providerConnectionId === s.id && (i.missingSince === null || i.id === now?.id))
    const options = [...fitting, ...(now && !fitting.some((i) => i.id === now.id) ? [now] : [])].map((i) => ({ value: String(i.id), label: i.isGoodFor(template) ? i.name : `${i.name} (${i.missingSince ? 'missing' : i.available ? `now ${sizeText(i)}` : 'switched off'})` }))
    return { name: `image_${s.id}`, label: s.region ? `${s.name}, region ${s.region}` : s.name, options, value: input ? input[`image_${s.id}`] : now ? String(now.id) : '', error: errors?.[`image_${s.id}`], hint: now && !now.isGoodFor(template) ? 'Not orderable here: the image is gone, switched off or has another size. Workspaces that run go on.' : '' }
  })
  const { name, description, workspaceType, icon, preinstalledApps, centralKey, status } = template
  return {
    title: name, action: `/templates/${centralKey}`, verb: 'put', types, icons: templateIcons, errors, size: template.sizeText, choices, key: centralKey, status,
    input: input ?? { name, description, workspaceType, icon, preinstalledApps: preinstalledApps.join('\n') }, crumbs: [{ href: '/templates', label: 'Templates' }, { label: name }],
  }
}

/** The question before a template is sold no more. */
export function deprecationPage(template: WorkspaceTemplate, use: TemplateUse): object {
  const unsure = use.asked < use.of ? ` (${use.asked} of ${formatCount(use.of, 'shop')} could be asked in time)` : ''
  return {
    title: `Deprecate ${template.name}?`, text: `${template.sizeText}. Nobody can order it from then on.`, label: 'Deprecate it', action: `/templates/${template.centralKey}/deprecation`, backHref: `/templates/${template.centralKey}`, backLabel: 'Keep it on offer',
    points: [
      `${formatCount(use.offering, 'shop')} offer it now${unsure}. It disappears from their order pages within minutes.`,
      use.workspaces ? `${formatCount(use.workspaces, 'workspace')} in ${formatCount(use.using, 'shop')} use it, ${use.running} running now. They go on, and can be stopped and started as before.` : 'No workspace uses it.',
      ...use.shops.map((s) => `${s.name}: ${formatCount(s.workspaces, 'workspace')}`), 'You can put it on offer again at any time.',
    ],
  }
}
