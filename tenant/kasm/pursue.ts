/**
 * Takes the next step of a workspace that waits for Kasm. One trier at a time: a try begins by moving `nextAttemptAt` ahead (compare and set),
 * so two workers, a repeated job and the sweeper never ask Kasm for the same thing twice.
 */
import { OutsideError, Refusal } from '../../shared/errors.js'
import { record } from '../../shared/events/record.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { clock } from '../../shared/time/clock.js'
import { Service } from '../services/service.js'
import { bringUp } from './bring-up.js'
import { nudge, pursueWith } from './nudge.js'
import { lookAt, refOf } from './own-sessions.js'
import { kasmOf } from './provider/connection.js'
import { ALERT_AT_ATTEMPT, failedSentence, isHopeless, LEASE_MS, LOOK_AGAIN_MS, waitAfter, waitingSentence } from './retry-plan.js'
import { settleRunning } from './settle-running.js'
import { finishPausing, finishStopping, finishTerminating } from './wind-down.js'
import { waitingStatuses, Workspace } from './workspace.js'

export { nudge, pursuit } from './nudge.js'

pursueWith((id) => pursue(id))

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
  if (workspace.status === 'stopping') return finishStopping(workspace)
  if (workspace.status === 'pausing') {
    const became = await finishPausing(workspace)
    return became === 'pausing' || (became === 'running' && !(await goOn(workspace)))
  }
  if (workspace.status !== 'terminating') return !(await bringUp(workspace))
  await finishTerminating(workspace)
  return false
}

/** The server cannot pause after all: the desktop runs on, on a new run from now. The time between was free. */
async function goOn(workspace: Workspace): Promise<boolean> {
  const ref = refOf(workspace)
  const session = ref && await lookAt(await kasmOf(workspace), ref)
  if (session?.status !== 'running') return false
  const service = await Service.findOwned<Service>({ id: workspace.serviceId })
  workspace.$set({ startedBy: 'resume' })
  await settleRunning(workspace, service, session, 'This workspace cannot be paused, so it runs on. Stop it instead: your files are kept.')
  return true
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
