/** Which workspaces a list is about. Runs inside the tenant. */
import { UsageSession } from '../../../tenant/kasm/metering/usage-session.js'
import { Workspace, type WorkspaceStatus } from '../../../tenant/kasm/workspace.js'
import type { ListWish, Show } from './forms.js'

const states: Readonly<Record<Exclude<Show, 'all' | 'current'>, readonly WorkspaceStatus[]>> = {
  running: ['running'], waiting: ['provisioning', 'starting', 'pausing', 'stopping'], stopped: ['stopped', 'paused'], failed: ['failed'], archived: ['archived'], ended: ['terminating', 'terminated'],
}
const gone: readonly WorkspaceStatus[] = ['archived', 'terminating', 'terminated']

export const sorts = {
  sortable: { since: 'kasm_workspaces.created_at', name: 'services.name', started: 'kasm_workspaces.last_started_at', type: 'kasm_workspaces.workspace_type' }, default: '-since',
} as const

const likeOf = (text: string): string => `%${text.replace(/[%_\\]/g, '\\$&')}%`

/** Joined with its service and customer, so that both can be searched and sorted by. */
export function workspacesLike({ show, q, type, server, region, longer }: ListWish, now: Date) {
  const found = Workspace.query().join('services', 'services.id', 'kasm_workspaces.serviceId').join('users', 'users.id', 'kasm_workspaces.userId').select('kasm_workspaces.*')
  if (show === 'current') void found.whereNotIn('kasm_workspaces.status', [...gone])
  else if (show !== 'all') void found.whereIn('kasm_workspaces.status', [...states[show]])
  if (q) void found.where((any) => void any.where('services.name', 'like', likeOf(q)).orWhere('users.email', 'like', likeOf(q)).orWhere('users.name', 'like', likeOf(q)))
  if (type) void found.where('kasm_workspaces.workspaceType', type)
  if (server) void found.where('kasm_workspaces.providerConnectionId', Number(server))
  if (region) void found.where('kasm_workspaces.region', region)
  if (longer) void found.whereIn('kasm_workspaces.id', UsageSession.query().whereNull('stoppedAt').where('startedAt', '<=', new Date(now.getTime() - Number(longer) * 3_600_000)).select('kasmWorkspaceId'))
  return found
}

export type ChosenWorkspace = Workspace & { readonly servicePublicId: string }

/** Of these services, oldest first. */
export const chosenWorkspaces = (serviceIds: readonly string[]): Promise<ChosenWorkspace[]> => Workspace.query().join('services', 'services.id', 'kasm_workspaces.serviceId').whereIn('services.publicId', [...serviceIds])
  .orderBy('kasm_workspaces.id').select('kasm_workspaces.*', 'services.publicId as servicePublicId').then((found) => found as ChosenWorkspace[])
