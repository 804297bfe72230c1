/** What the desk shows of a shop's workspace templates. */
import type { Request, Response } from 'express'
import { templateIcons } from '../../../tenant/kasm/templates/icons.js'
import { Template } from '../../../tenant/kasm/templates/template.js'
import { useByTemplate } from '../../../tenant/kasm/templates/template-use.js'
import { sizeText } from '../../templates/workspace-template.js'
import { atDesk, deskOf, deskPage } from '../desk.js'

type State = 'offered' | 'off' | 'deprecated'
const stateOf = (t: Template): State => (t.status === 'deprecated' ? 'deprecated' : t.enabled ? 'offered' : 'off')
const states: ReadonlyArray<{ value: State; label: string }> = [{ value: 'offered', label: 'Offered' }, { value: 'off', label: 'Switched off' }, { value: 'deprecated', label: 'Deprecated' }]
const mayManage = (req: Request): boolean => deskOf(req).role !== 'support'
export const sizeOf = (t: Template): string => sizeText({ vcpu: t.vcpuDefault, ramMb: t.ramMbDefault })

export async function listPage(req: Request, res: Response): Promise<void> {
  const { base } = deskOf(req)
  const { all, use } = await atDesk(req, 'look at templates', async () => ({ all: await Template.inOrder(), use: await useByTemplate() }))
  const state = states.find((s) => s.value === req.query['state'])?.value ?? null
  const type = ['developer', 'business'].find((t) => t === req.query['type']) ?? ''
  const shown = all.filter((t) => (state ? stateOf(t) === state : t.status === 'active') && (type === '' || t.workspaceType.startsWith(type)))
  const href = (more: object): string => `${base}/workspace-templates?${new URLSearchParams({ ...(state ? { state } : {}), ...(type ? { type } : {}), ...more }).toString()}`
  const movable = all.filter((t) => t.status === 'active')
  deskPage(req, res, 'templates/list', {
    manage: mayManage(req), total: all.length, ownOrder: all.some((t) => t.ownSortOrder !== null), canMove: mayManage(req) && state === null && type === '',
    chips: [
      { href: `${base}/workspace-templates`, label: 'All that can be offered', count: movable.length, current: state === null && type === '' },
      ...states.map((s) => ({ href: href({ state: s.value }), label: s.label, count: all.filter((t) => stateOf(t) === s.value).length, current: s.value === state })),
      ...['developer', 'business'].map((t) => ({ href: href({ type: t }), label: t === 'developer' ? 'Developer' : 'Business', current: t === type })),
    ],
    rows: shown.map((t) => ({
      id: t.id, label: t.label, icon: t.symbol, centralName: t.ownName ? t.name : null, apps: t.preinstalledApps.join(', '), type: t.workspaceType, size: sizeOf(t), state: stateOf(t), enabled: t.enabled, deprecated: t.status === 'deprecated',
      workspaces: use.get(t.id)?.workspaces ?? 0, isFirst: t.id === movable[0]?.id, isLast: t.id === movable.at(-1)?.id,
    })),
  }, { title: 'Workspace templates' })
}

export async function editPage(req: Request, res: Response, template: Template, { errors, input, status = 200 }: { errors?: object; input?: object; status?: number } = {}): Promise<void> {
  const { base } = deskOf(req)
  const use = (await atDesk(req, 'count the use of a template', useByTemplate)).get(template.id)
  deskPage(req, res, 'templates/edit', {
    manage: mayManage(req), errors, id: template.id, label: template.label, deprecated: template.status === 'deprecated', enabled: template.enabled, workspaces: use?.workspaces ?? 0, icons: templateIcons,
    facts: [{ label: 'Name of the platform', value: template.name }, { label: 'Size', value: sizeOf(template) }, { label: 'Apps', value: template.preinstalledApps.join(', ') || '—' }, { label: 'Living workspaces', value: String(use?.workspaces ?? 0) }],
    input: input ?? { name: template.ownName ?? '', description: template.ownDescription ?? '', icon: template.ownIcon ?? '' }, central: { name: template.name, description: template.description },
    crumbs: [{ href: `${base}/workspace-templates`, label: 'Workspace templates' }, { label: template.label }],
  }, { title: template.label, status })
}
