/** Tells the platform how many workspaces there are in which state and on which server, so that its overview visits no shop. */
import { tenantDb } from '../../shared/database/tenant-database.js'
import { currentTenant } from '../../shared/tenancy/context.js'
import { directory, type WorkspaceCount } from '../../shared/tenancy/directory.js'
import type { WorkspaceStatus } from './workspace.js'

const columns: Partial<Record<WorkspaceStatus, 'running' | 'waiting' | 'stopped' | 'failed' | 'archived'>> = {
  running: 'running', provisioning: 'waiting', starting: 'waiting', pausing: 'waiting', stopping: 'waiting', stopped: 'stopped', paused: 'stopped', failed: 'failed', archived: 'archived',
}
interface Row { status: WorkspaceStatus; server: number | null; n: number | string }

/** From the timetable. One statement here, one there; also when nothing is left, so that old numbers go. */
export async function reportCounts(): Promise<void> {
  const rows = (await tenantDb()('kasm_workspaces').whereNotIn('status', ['terminating', 'terminated']).groupBy('status', 'provider_connection_id').select('status', 'provider_connection_id as server').count({ n: '*' })) as Row[]
  const counts = new Map<number | null, WorkspaceCount>()
  for (const { status, server, n } of rows) {
    const column = columns[status]
    const known = counts.get(server) ?? { server, running: 0, waiting: 0, stopped: 0, failed: 0, archived: 0 }
    if (column) counts.set(server, { ...known, [column]: known[column] + Number(n) })
  }
  await directory().reportWorkspaces(currentTenant(), [...counts.values()])
}
