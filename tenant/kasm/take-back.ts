/** A desktop that a server's list left out, so that its run was closed, and that runs after all: it goes on, with a run of its own, instead of being ended. */
import { refusalIn } from '../../shared/errors.js'
import { Service } from '../services/service.js'
import { UsageSession } from './metering/usage-session.js'
import type { KasmSession } from './provider/kasm-api.js'
import { startWorkspace } from './start-workspace.js'
import { Workspace } from './workspace.js'

/** Is the desktop that the row last knew running, although nobody has asked for its end? Only the server can have said that it was gone. */
async function wronglyClosed(row: Workspace, sessions: readonly KasmSession[]): Promise<boolean> {
  if (row.status !== 'stopped' || !sessions.some((s) => s.kasmId === row.kasmWorkspaceId && s.userId === row.kasmUserId && s.status === 'running')) return false
  const last = await UsageSession.query().where({ kasmWorkspaceId: row.id }).orderBy('startedAt', 'desc').first()
  return last?.endReason === 'provider' && last.kasmSessionId === row.kasmWorkspaceId
}

/** True: it is being taken up again, and the next look opens its run. False: nothing to take back, or it may not run (money, limits, suspension) and is ended like any other. */
export async function takeBack(row: Workspace, sessions: readonly KasmSession[], now: Date): Promise<boolean> {
  if (!(await wronglyClosed(row, sessions))) return false
  const workspace = await Workspace.findOwned({ id: row.id })
  const service = await Service.findOwned({ id: workspace.serviceId })
  return !(await refusalIn(() => startWorkspace(workspace, service, now, 'resume')))
}
