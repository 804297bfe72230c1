/**
 * The slow half of ordering and starting: makes sure that the workspace's Kasm user exists and may enter, that it has exactly one session, and that
 * it runs.
 * Safe to repeat at any point and after any lost answer: Kasm is looked at before anything is made.
 * Throws OutsideError; pursue.ts decides what that means.
 */
import { OutsideError } from '../../shared/errors.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { currentTenant } from '../../shared/tenancy/context.js'
import { clock } from '../../shared/time/clock.js'
import { Service } from '../services/service.js'
import { kasmOf } from './provider/connection.js'
import { sealPassword } from './credentials.js'
import { ensureUser } from './ensure-user.js'
import { alive, endSession } from './own-sessions.js'
import { kasmCodes, type KasmApi, type KasmSession } from './provider/kasm-api.js'
import { hasCode } from './provider/outside-words.js'
import { DELETING_LIMIT_MS, startLimit } from './retry-plan.js'
import { settleRunning } from './settle-running.js'
import { Template } from './templates/template.js'
import { changeAccess } from './user-access.js'
import { beginStopping } from './wishes.js'
import type { Workspace } from './workspace.js'

/** One look, one step. True: it runs. False: look again soon. */
export async function bringUp(workspace: Workspace): Promise<boolean> {
  const service = await Service.findOwned<Service>({ id: workspace.serviceId })
  if (service.refusalToUse() || currentTenant().status === 'suspended') {   // suspended since: what may have been made is ended
    await tenantTransaction(() => beginStopping(workspace, 'suspended', clock.now()))
    return false
  }
  const api = await kasmOf(workspace)
  const userId = workspace.kasmUserId ?? (await ensureUser(api, workspace, service))
  if (workspace.userDisabledAt) await changeAccess(workspace, true, api)
  const session = await ensureSession(api, workspace, service, userId)
  if (session?.status === 'running') {
    await settleRunning(workspace, service, session)
    return true
  }
  if (session && workspace.status === 'provisioning') await workspace.become('starting')
  refuseToWaitForEver(workspace)
  return false
}

/** The one session of this user: found, resumed, or asked for. Null: nothing to see yet. */
async function ensureSession(api: KasmApi, workspace: Workspace, service: Service, userId: string): Promise<KasmSession | null> {
  const template = await Template.findOwned<Template>({ id: workspace.templateId })
  const imageId = template.imageOn(workspace.providerConnectionId)
  const seen = await api.sessions()
  const [first, ...rest] = alive(seen, { kasmUserId: userId, kasmWorkspaceId: workspace.kasmWorkspaceId })
  for (const extra of rest) await endSession(api, extra)            // a request whose answer was lost did come true after all
  if (!first) return isSaving(seen, workspace, userId) ? null : requestSession(api, workspace, service, { userId, imageId })
  if (api.kind === 'developer' && first.imageId && imageId && first.imageId !== imageId.replaceAll('-', '')) {
    await endSession(api, first)                                    // of the size or template before a change
    return null
  }
  if (first.kasmId !== workspace.kasmWorkspaceId) await workspace.$query().patch({ kasmWorkspaceId: first.kasmId })
  if (first.status === 'stopped' || first.status === 'paused') await wake(api, first)
  return first
}

/**
 * A desktop that is being deleted still saves the profile: a new one would begin without the last changes. One that hangs there (#909) is not
 * waited for for ever.
 */
function isSaving(seen: readonly KasmSession[], workspace: Workspace, userId: string): boolean {
  if (!seen.some((s) => s.userId === userId && s.status === 'deleting')) return false
  return clock.now().getTime() - (workspace.startRequestedAt ?? workspace.createdAt).getTime() < DELETING_LIMIT_MS
}

interface Wanted { userId: string; imageId: string | null }

async function requestSession(api: KasmApi, workspace: Workspace, service: Service, { userId, imageId }: Wanted): Promise<KasmSession | null> {
  const { imageNotAuthorized: code } = kasmCodes
  if (!imageId) throw new OutsideError('The template has no image on this workspace server.', { door: 'kasm', retryable: false, code })
  const wish = { userId, imageId, workspaceType: workspace.workspaceType, username: workspace.username }
  const made = await api.requestSession(wish).catch((error: unknown) => mendUser(api, workspace, error))
  const { credentials: own } = made                                 // a gateway's own choice
  const login = own ? { loginName: own.username.slice(0, 120), passwordEncrypted: sealPassword(service.publicId, own.password) } : {}
  await workspace.$query().patch({ kasmWorkspaceId: made.kasmId, desktopAskedAt: clock.now(), ...login })
  return made.status === 'running' ? null : made                    // only the list is believed about running
}

/** Somebody removed or disabled our user at Kasm: the next try makes it anew, or finds it enabled. */
async function mendUser(api: KasmApi, workspace: Workspace, error: unknown): Promise<never> {
  if (hasCode(error, kasmCodes.notFound)) {
    await workspace.$query().patch({ kasmUserId: null, userDisabledAt: null, groupJoinedAt: null })
    throw new OutsideError('The workspace user is gone.', { door: 'kasm', retryable: true, code: 'user-gone', cause: error })
  }
  if (hasCode(error, kasmCodes.userDisabled)) {
    await api.setUserEnabled(workspace.kasmUserId!, true)
    throw new OutsideError('The workspace user was disabled.', { door: 'kasm', retryable: true, code: kasmCodes.userDisabled, cause: error })
  }
  throw error
}

/** Resumes; where the server cannot, the session is ended and the next look asks for a new one with the same profile. */
async function wake(api: KasmApi, session: KasmSession): Promise<void> {
  await api.resume(session).catch(async (error: unknown) => {
    if (hasCode(error, kasmCodes.notSupported)) await endSession(api, session)
    else if (!hasCode(error, kasmCodes.notFound)) throw error
  })
}

function refuseToWaitForEver(workspace: Workspace): void {
  const since = workspace.startRequestedAt ?? workspace.createdAt
  if (clock.now().getTime() - since.getTime() < startLimit(workspace.startAttempts)) return
  throw new OutsideError('The desktop has been starting for more than ten minutes.', { door: 'kasm', retryable: false, code: 'start-timeout' })
}
