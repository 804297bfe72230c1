/** The slow halves of stopping and removing. Safe to repeat; a session or user that is gone already is as good as ended. Throws OutsideError. */
import { OutsideError } from '../../shared/errors.js'
import { record } from '../../shared/events/record.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { clock } from '../../shared/time/clock.js'
import { Service } from '../services/service.js'
import { kasm } from './provider/connection.js'
import { kasmCodes, type SessionRef } from './provider/kasm-api.js'
import type { Workspace } from './workspace.js'

const refOf = (workspace: Workspace): SessionRef | null =>
  workspace.kasmWorkspaceId && workspace.kasmUserId ? { kasmId: workspace.kasmWorkspaceId, userId: workspace.kasmUserId } : null

export async function finishStopping(workspace: Workspace): Promise<void> {
  const ref = refOf(workspace)
  const kept = ref !== null && (await stopOrEnd(ref))
  await tenantTransaction(async () => {
    await workspace.become('stopped', {
      lastStoppedAt: workspace.stopRequestedAt ?? clock.now(), statusMessage: null, failureCode: null, startAttempts: 0, nextAttemptAt: null, ...(kept ? {} : { kasmWorkspaceId: null }),
    })
    await record('workspace.stopped', workspace, { by: 'customer' }, { userId: workspace.userId })
  })
}

/** True when the session stays and can be resumed; false when it is ended (the profile is kept either way). */
async function stopOrEnd(ref: SessionRef): Promise<boolean> {
  const api = await kasm()
  try {
    await api.stop(ref)
    return true
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    if (error.code === kasmCodes.notFound) return false
    if (error.code === kasmCodes.wrongState) return (await api.sessions()).some((s) => s.kasmId === ref.kasmId && (s.status === 'stopped' || s.status === 'paused'))
    if (error.code !== kasmCodes.notSupported) throw error
  }
  await api.destroy(ref)
  return false
}

/** Removes the Kasm user with all that is left of its sessions, also one whose making was never answered. */
export async function finishTerminating(workspace: Workspace): Promise<void> {
  const api = await kasm()
  const ref = refOf(workspace)
  if (ref) await api.destroy(ref).catch(ignoreWrongState)
  const userId = workspace.kasmUserId ?? (workspace.username ? (await api.findUser(workspace.username))?.userId : undefined)
  if (userId) await api.deleteUser(userId)
  const now = clock.now()
  await tenantTransaction(async () => {
    await workspace.become('terminated', { terminatedAt: now, kasmWorkspaceId: null, kasmUserId: null, passwordEncrypted: null, statusMessage: null, nextAttemptAt: null })
    const service = await Service.findOwned({ id: workspace.serviceId })
    if (!service.isOver) await service.become('terminated', { terminatedAt: now, nextAttemptAt: null })
    await record('workspace.terminated', workspace, { service: service.publicId }, { userId: workspace.userId })
  })
}

function ignoreWrongState(error: unknown): void {
  if (!(error instanceof OutsideError) || error.code !== kasmCodes.wrongState) throw error
}
