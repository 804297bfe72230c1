/**
 * The slow half of ordering and starting: makes sure that the workspace's Kasm user exists, that it has exactly one session, and that it runs.
 * Safe to repeat at any point and after any lost answer: Kasm is looked at before anything is made.
 * Throws OutsideError; pursue.ts decides what that means.
 */
import { OutsideError } from '../../shared/errors.js'
import { record } from '../../shared/events/record.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { clock } from '../../shared/time/clock.js'
import { Service } from '../services/service.js'
import { kasm } from './provider/connection.js'
import { openPassword } from './credentials.js'
import { kasmCodes, type KasmApi, type KasmSession } from './provider/kasm-api.js'
import { START_LIMIT_MS } from './retry-plan.js'
import { Template } from './templates/template.js'
import { UsageSession } from './metering/usage-session.js'
import type { Workspace } from './workspace.js'

/** One look, one step. True: it runs. False: look again soon. */
export async function bringUp(workspace: Workspace): Promise<boolean> {
  const api = await kasm()
  const service = await Service.findOwned({ id: workspace.serviceId })
  const userId = workspace.kasmUserId ?? (await ensureUser(api, workspace, service))
  const session = await ensureSession(api, workspace, userId)
  if (!session) return false
  if (session.status === 'running') {
    await settleRunning(workspace, service, session)
    return true
  }
  if (workspace.status === 'provisioning') await workspace.become('starting')
  refuseToWaitForEver(workspace)
  return false
}

/** A name is taken once: a user that already exists is ours, made by a call whose answer was lost. */
async function ensureUser(api: KasmApi, workspace: Workspace, service: Service): Promise<string> {
  const username = workspace.username!
  const wish = { username, password: openPassword(service.publicId, workspace.passwordEncrypted!), firstName: 'Workspace', lastName: service.publicId }
  const user = await api.createUser(wish).catch(async (error: unknown) => {
    if (!isCode(error, kasmCodes.userExists)) throw error
    return api.findUser(username)
  })
  if (!user) throw new OutsideError('The workspace user exists and cannot be found.', { door: 'kasm', retryable: true, code: kasmCodes.notFound })
  await workspace.$query().patch({ kasmUserId: user.userId })
  return user.userId
}

/** The one session of this user: found, resumed, or asked for. Null: nothing to see yet. */
async function ensureSession(api: KasmApi, workspace: Workspace, userId: string): Promise<KasmSession | null> {
  const [first, ...rest] = await ownSessions(api, workspace, userId)
  for (const extra of rest) await api.destroy(extra)                // a request whose answer was lost did come true after all
  if (!first) return requestSession(api, workspace, userId)
  if (first.kasmId !== workspace.kasmWorkspaceId) await workspace.$query().patch({ kasmWorkspaceId: first.kasmId })
  if (first.status === 'stopped' || first.status === 'paused') await wake(api, first)
  return first
}

/** Alive sessions of our user, the one we know first. */
async function ownSessions(api: KasmApi, workspace: Workspace, userId: string): Promise<KasmSession[]> {
  const own = (await api.sessions()).filter((s) => s.userId === userId && s.status !== 'deleting')
  const rank = (s: KasmSession) => (s.kasmId === workspace.kasmWorkspaceId ? 0 : s.status === 'running' ? 1 : 2)
  return own.sort((a, b) => rank(a) - rank(b))
}

async function requestSession(api: KasmApi, workspace: Workspace, userId: string): Promise<KasmSession | null> {
  const template = await Template.findOwned({ id: workspace.templateId })
  const made = await api.requestSession({ userId, imageId: template.kasmTemplateId }).catch(async (error: unknown) => {
    if (!isCode(error, kasmCodes.notFound)) throw error
    await workspace.$query().patch({ kasmUserId: null })            // somebody removed our user at Kasm: the next try makes it anew
    throw new OutsideError('The workspace user is gone.', { door: 'kasm', retryable: true, code: 'user-gone', cause: error })
  })
  await workspace.$query().patch({ kasmWorkspaceId: made.kasmId })
  return made.status === 'running' ? null : made                    // only the list is believed about running
}

/** Resumes; where the server cannot, the session is ended and the next look asks for a new one with the same profile. */
async function wake(api: KasmApi, session: KasmSession): Promise<void> {
  await api.resume(session).catch(async (error: unknown) => {
    if (isCode(error, kasmCodes.notSupported)) await api.destroy(session)
    else if (!isCode(error, kasmCodes.notFound)) throw error
  })
}

const isCode = (error: unknown, code: string): boolean => error instanceof OutsideError && error.code === code

/** The meter starts here: at the moment when we see it run. */
async function settleRunning(workspace: Workspace, service: Service, session: KasmSession): Promise<void> {
  const now = clock.now()
  const first = workspace.provisionedAt === null
  await tenantTransaction(async () => {
    await workspace.become('running', {
      kasmWorkspaceId: session.kasmId, statusMessage: null, failureCode: null, startAttempts: 0, nextAttemptAt: null, lastStartedAt: now, lastSeenAt: now, provisionedAt: workspace.provisionedAt ?? now,
    })
    await UsageSession.open(workspace, service, session.kasmId, first ? 'order' : 'customer', now)
    if (service.status === 'provisioning') await service.become('active', { provisionedAt: now, nextAttemptAt: null, failureCode: null, failureReason: null })
    if (first) await record('workspace.ready', workspace, { service: service.publicId }, { userId: workspace.userId })
    await record('workspace.started', workspace, { service: service.publicId }, { userId: workspace.userId })
  })
}

function refuseToWaitForEver(workspace: Workspace): void {
  const since = workspace.startRequestedAt ?? workspace.createdAt
  if (clock.now().getTime() - since.getTime() < START_LIMIT_MS) return
  throw new OutsideError('The desktop has been starting for more than ten minutes.', { door: 'kasm', retryable: false, code: 'start-timeout' })
}
