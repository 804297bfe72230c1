/** Servers of the shop's workspaces that do not answer, as the platform sees them. */
import { currentTenant } from '../../../shared/tenancy/context.js'
import { directory } from '../../../shared/tenancy/directory.js'
import { AlertChannel } from './alert-channel.js'
import { raiseAlert } from './raise-alert.js'

/** From the timetable. A server that stays away is told again each hour. */
export async function watchServers(now: Date): Promise<void> {
  if (!(await AlertChannel.current())?.wants('server-down')) return
  const down = (await directory().providers(currentTenant(), 'kasm')).filter((p) => p.health === 'failing')
  for (const server of down) await raiseAlert({
    kind: 'server-down', subject: `server:${server.id}`, level: 'error', title: `The workspace server ${server.label} does not answer`,
    message: server.own ? 'It is your own server: look at it. Workspaces that run go on; starting and stopping wait until it answers.' : 'Workspaces that run go on; starting and stopping wait until it answers. The platform’s staff has been told.',
    fields: { server: server.label, ...(server.region ? { region: server.region } : {}) },
  }, now)
}
