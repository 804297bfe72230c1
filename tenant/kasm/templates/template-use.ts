/** How much a template is used in this shop. */
import { Workspace } from '../workspace.js'
import { Template } from './template.js'

export interface Use { offered: boolean; workspaces: number; running: number }

/** Living workspaces of a curated template; all zero where the shop does not know it. */
export async function countUse(centralKey: string): Promise<Use> {
  const template = await Template.query().findOne({ centralKey })
  if (!template) return { offered: false, workspaces: 0, running: 0 }
  const use = (await useByTemplate()).get(template.id)
  return { offered: template.isOffered, workspaces: use?.workspaces ?? 0, running: use?.running ?? 0 }
}

/** Template → living workspaces, and those that run now. */
export async function useByTemplate(): Promise<Map<number, { workspaces: number; running: number }>> {
  const rows = (await Workspace.query().whereNotNull('templateId').whereNotIn('status', ['terminating', 'terminated']).groupBy('templateId', 'status').select('templateId', 'status').count({ n: '*' })) as unknown as Array<{ templateId: number; status: string; n: number }>
  const use = new Map<number, { workspaces: number; running: number }>()
  for (const { templateId, status, n } of rows) {
    const sum = use.get(templateId) ?? { workspaces: 0, running: 0 }
    use.set(templateId, { workspaces: sum.workspaces + Number(n), running: sum.running + (status === 'running' ? Number(n) : 0) })
  }
  return use
}
