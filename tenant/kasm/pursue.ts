/**
 * Takes the next step of a workspace that waits for Kasm. One trier at a time: a try begins by moving `nextAttemptAt` ahead (compare and set),
 * so two workers, a repeated job and the sweeper never ask Kasm for the same thing twice.
 */
import { z } from 'zod'
import { OutsideError, Refusal } from '../../shared/errors.js'
import { record } from '../../shared/events/record.js'
import { defineJob } from '../../shared/jobs/job.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { clock } from '../../shared/time/clock.js'
import { Service } from '../services/service.js'
import { bringUp } from './bring-up.js'
import { ALERT_AT_ATTEMPT, failedSentence, isHopeless, LEASE_MS, LOOK_AGAIN_MS, waitAfter, waitingSentence } from './retry-plan.js'
import { finishStopping, finishTerminating } from './wind-down.js'
import { waitingStatuses, Workspace } from './workspace.js'

/** The nudge; the row is the truth. */
export const pursuit = defineJob({ name: 'kasm.pursue', scope: 'tenant', payload: z.object({ id: z.number().int() }), handler: async ({ id }) => pursue(id) })

/** Needs no key: only the trier who holds the row queues the next try, and a nudge that comes too often finds nothing due. */
export const nudge = (id: number, at?: Date): Promise<void> => pursuit.enqueue({ id }, at ? { at } : {})

export async function pursue(id: number): Promise<void> {
  const workspace = await claim(id)
  if (!workspace) return
  try {
    const again = await step(workspace)
    if (again) await waitUntil(workspace, new Date(clock.now().getTime() + LOOK_AGAIN_MS))
  } catch (error) {
    if (error instanceof Refusal) return                            // the customer was faster: another wish stands now, with its own nudge
    if (!(error instanceof OutsideError)) throw error
    await setBack(workspace, error)
  }
}

async function claim(id: number): Promise<Workspace | null> {
  const now = clock.now()
  const claimed = await Workspace.query().patch({ nextAttemptAt: new Date(now.getTime() + LEASE_MS) }).where({ id }).whereIn('status', waitingStatuses).where('next_attempt_at', '<=', now)
  return claimed ? ((await Workspace.query().findById(id)) ?? null) : null
}

/** True: look again soon. */
async function step(workspace: Workspace): Promise<boolean> {
  if (workspace.status === 'stopping') await finishStopping(workspace)
  else if (workspace.status === 'terminating') await finishTerminating(workspace)
  else return !(await bringUp(workspace))
  return false
}

/** Only while the same wish stands: a later one has its own time. */
async function waitUntil(workspace: Workspace, at: Date, patch: Partial<Workspace> = {}): Promise<void> {
  const changed = await Workspace.query().patch({ ...patch, nextAttemptAt: at }).where({ id: workspace.id, status: workspace.status })
  if (changed) await nudge(workspace.id, at)
}

async function setBack(workspace: Workspace, error: OutsideError): Promise<void> {
  const attempts = workspace.startAttempts + 1
  if (isHopeless(workspace.status, attempts, error)) return giveUp(workspace, error, attempts)
  const at = new Date(clock.now().getTime() + waitAfter(attempts))
  await tenantTransaction(async () => {
    await waitUntil(workspace, at, { startAttempts: attempts, failureCode: error.code ?? null, statusMessage: waitingSentence(workspace, error.code) })
    await noteOnService(workspace, error, attempts, at)
    if (attempts === ALERT_AT_ATTEMPT) await record('workspace.stuck', workspace, { status: workspace.status, code: error.code ?? null, reason: error.message, attempts }, { userId: workspace.userId })
  })
}

/** Staff see the provider's words on the service while it is being set up. */
async function noteOnService(workspace: Workspace, error: OutsideError, attempts: number, at: Date | null): Promise<void> {
  const facts = { provisionAttempts: attempts, nextAttemptAt: at, failureCode: error.code ?? null, failureReason: error.message.slice(0, 500) }
  await Service.query().patch(facts).where({ id: workspace.serviceId, status: 'provisioning' })
}

async function giveUp(workspace: Workspace, error: OutsideError, attempts: number): Promise<void> {
  await tenantTransaction(async () => {
    const service = await Service.findOwned({ id: workspace.serviceId })
    const firstTime = service.status === 'provisioning'
    await noteOnService(workspace, error, attempts, null)
    await workspace.become('failed', { startAttempts: attempts, nextAttemptAt: null, failureCode: error.code ?? null, statusMessage: failedSentence(!firstTime) })
    if (firstTime) await service.become('failed')
    const facts = { service: service.publicId, code: error.code ?? null, reason: error.message, attempts }
    await record(firstTime ? 'service.provisioning-failed' : 'workspace.start-failed', workspace, facts, { userId: workspace.userId })
  })
}
