/**
 * The slow halves of stopping, pausing and removing. Safe to repeat; a session or user that is gone already is as good as ended. Throw
 * OutsideError; answer true when there is more to do.
 */
import { record } from '../../shared/events/record.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { clock } from '../../shared/time/clock.js'
import type { Refusal } from '../../shared/errors.js'
import { Service } from '../services/service.js'
import { settleArchived } from './archive-workspace.js'
import { refusalToRun } from './limits/ask-limits.js'
import { endAll, endSession, lookAt, refOf } from './own-sessions.js'
import { kasmOf } from './provider/connection.js'
import { kasmCodes, type KasmApi, type SessionRef } from './provider/kasm-api.js'
import { hasCode } from './provider/outside-words.js'
import { refusalToSpend } from './refusal-to-spend.js'
import { STOP_LIMIT_MS } from './retry-plan.js'
import { beginStarting } from './wishes.js'
import { Workspace } from './workspace.js'

/** Ends the desktop, then does what was wished to follow. Another wish meanwhile: looked at again. */
export async function finishStopping(workspace: Workspace): Promise<boolean> {
  const { nextWish: wish } = workspace
  const kept = await wind(await kasmOf(workspace), workspace)
  if (kept === null) return true
  const service = await Service.findOwned<Service>({ id: workspace.serviceId })
  return tenantTransaction(async () => {
    const refusal = wish === 'start' ? await refusalToGoOn(workspace, service) : null   // locks the customer before the row, as starting does
    const current = await Workspace.query().findById(workspace.id).forUpdate().throwIfNotFound()
    if (current.status !== 'stopping' || current.nextWish !== wish) return true
    await settleStopped(current, kept, refusal)
    if (wish === 'start' && !refusal) await beginStarting(current, 'restart', clock.now())
    if (wish === 'archive') await settleArchived(current, current.keepUntil ?? clock.now(), clock.now())
    return false
  })
}

/** True when a session stays that can be resumed; null while it still runs. One of another size or template, or one that is not wanted any more, is ended. */
async function wind(api: KasmApi, workspace: Workspace): Promise<boolean | null> {
  const ref = refOf(workspace)
  if (ref && workspace.nextWish !== 'archive' && workspace.stopReason !== 'change') return stopOrEnd(api, ref, isPatient(workspace))
  await endAll(api, workspace)
  return false
}

/** A server may accept a stop or a pause and take its time: may it still? */
const isPatient = (workspace: Workspace): boolean => clock.now().getTime() - (workspace.stopRequestedAt ?? workspace.createdAt).getTime() < STOP_LIMIT_MS

async function settleStopped(workspace: Workspace, kept: boolean, refusal: Refusal | null): Promise<void> {
  await workspace.become('stopped', {
    lastStoppedAt: workspace.stopRequestedAt ?? clock.now(),
    statusMessage: refusal ? `It was stopped, and could not be started again: ${refusal.message}` : null,
    failureCode: null, startAttempts: 0, nextAttemptAt: null, nextWish: null, ...(kept ? {} : { kasmWorkspaceId: null }),
  })
  await record('workspace.stopped', workspace, { by: workspace.stopReason ?? 'customer' }, { userId: workspace.userId })
}

/** Much may have happened since the restart was asked for. */
async function refusalToGoOn(workspace: Workspace, service: Service): Promise<Refusal | null> {
  const now = clock.now()
  return service.refusalToUse() ?? (await refusalToSpend(workspace, service, now)) ?? (await refusalToRun(workspace, now))
}

/**
 * True when the session stays and can be resumed; false when it is ended (the profile is kept either way); null while it still runs: one that is
 * seen running after its stop must not be taken for one that was started again.
 */
async function stopOrEnd(api: KasmApi, ref: SessionRef, patient: boolean): Promise<boolean | null> {
  const refused = await refusalOf(api.stop(ref), kasmCodes.notFound, kasmCodes.wrongState, kasmCodes.notSupported)
  if (hasCode(refused, kasmCodes.notFound)) return false
  if (!hasCode(refused, kasmCodes.notSupported)) {
    const now = await lookAt(api, ref)
    if (!now || now.status === 'deleting') return false
    if (now.status === 'stopped' || now.status === 'paused') return true
    if (patient && now.status !== 'starting') return null
  }
  await endSession(api, ref)
  return false
}

/** The error where it is one of these answers of the server, null when it did as it was told. */
const refusalOf = (call: Promise<void>, ...codes: string[]): Promise<unknown> => call.then(() => null, (error: unknown) => {
  if (hasCode(error, ...codes)) return error
  throw error
})

type Became = 'paused' | 'stopped' | 'running' | 'pausing'

/** Answers what became of it: paused, gone, not there yet, or running on because the server cannot pause after all. */
export async function finishPausing(workspace: Workspace): Promise<Became> {
  const api = await kasmOf(workspace)
  const ref = refOf(workspace)
  const became = ref ? await pause(api, ref, isPatient(workspace)) : 'stopped'
  if (became === 'running' || became === 'pausing') return became
  await tenantTransaction(async () => {
    const gone = became === 'stopped'
    await workspace.become(became, {
      lastStoppedAt: workspace.stopRequestedAt ?? clock.now(), failureCode: null, startAttempts: 0, nextAttemptAt: null,
      statusMessage: gone ? 'The desktop ended before it could be paused. Your files are kept.' : null,
    })
    await record(gone ? 'workspace.stopped' : 'workspace.paused', workspace, gone ? { by: 'provider' } : {}, { userId: workspace.userId })
  })
  return became
}

async function pause(api: KasmApi, ref: SessionRef, patient: boolean): Promise<Became> {
  const refused = await refusalOf(api.pause(ref), kasmCodes.notFound, kasmCodes.wrongState, kasmCodes.notSupported, kasmCodes.unauthorized)
  const now = await lookAt(api, ref)
  if (!now || now.status === 'deleting' || now.status === 'stopped') return 'stopped'
  if (now.status === 'paused') return 'paused'
  if (!refused) return patient ? 'pausing' : 'running'
  if (hasCode(refused, kasmCodes.notSupported, kasmCodes.unauthorized) && now.status === 'running') return 'running'
  throw refused
}

/** Removes the Kasm user with all that is left of its sessions, also one whose making was never answered. */
export async function finishTerminating(workspace: Workspace): Promise<void> {
  const api = await kasmOf(workspace)
  const ref = refOf(workspace)
  if (ref) await api.destroy(ref).catch(ignoreWrongState)
  const userId = workspace.kasmUserId ?? (workspace.username ? (await api.findUser(workspace.username))?.userId : undefined)
  if (userId) await api.deleteUser(userId)
  const now = clock.now()
  await tenantTransaction(async () => {
    await workspace.become('terminated', {
      terminatedAt: now, kasmWorkspaceId: null, kasmUserId: null, passwordEncrypted: null, statusMessage: null, nextAttemptAt: null, keepUntil: null,
    })
    const service = await Service.findOwned<Service>({ id: workspace.serviceId })
    if (!service.isOver) await service.become('terminated', { terminatedAt: now, nextAttemptAt: null })
    await record('workspace.terminated', workspace, { service: service.publicId }, { userId: workspace.userId })
  })
}

function ignoreWrongState(error: unknown): void {
  if (!hasCode(error, kasmCodes.wrongState)) throw error
}
