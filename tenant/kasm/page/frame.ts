/** What all pages of one workspace have in common: its name, its state, and the way between them. */
import type { Service } from '../../services/service.js'
import type { Workspace } from '../workspace.js'

export type Tab = 'overview' | 'usage' | 'activity' | 'settings'
export interface WorkspaceFrame {
  href: string
  name: string
  state: string
  tabs: Array<{ href: string; label: string; icon: string; current: boolean }>
}
const tabs: ReadonlyArray<readonly [Tab, string, string, string]> = [
  ['overview', '', 'Overview', 'device-desktop'], ['usage', '/usage', 'Usage', 'chart-bar'], ['activity', '/activity', 'Activity', 'history'], ['settings', '/settings', 'Settings', 'settings'],
]

/** What has become of the service outweighs what the desktop does. */
export const shownState = (service: Service, workspace: Workspace): string =>
  (service.status === 'suspended' || service.status === 'terminated' ? service.status : workspace.nextWish === 'start' && workspace.status === 'stopping' ? 'restarting' : workspace.status)

export function frameOf(service: Service, workspace: Workspace, tab: Tab): WorkspaceFrame {
  const href = `/services/${service.publicId}`
  return { href, name: service.name, state: shownState(service, workspace), tabs: tabs.map(([key, path, label, icon]) => ({ href: href + path, label, icon, current: key === tab })) }
}
