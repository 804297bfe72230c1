import { refuse } from '../../shared/errors.js'
import { record } from '../../shared/events/record.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { clock } from '../../shared/time/clock.js'
import { paymentState, refusalToStart } from '../services/payment-readiness.js'
import type { Service } from '../services/service.js'
import { nudge } from './pursue.js'
import type { Workspace } from './workspace.js'

/** Accepts the customer's wish to start. Nothing is charged until Kasm says that it runs. */
export async function startWorkspace(workspace: Workspace, service: Service, now = clock.now()): Promise<void> {
  refuse(workspace.refusalToStart(now, service))
  refuse(refusalToStart(await paymentState(workspace.userId, service.currency)))
  await tenantTransaction(async () => {
    await workspace.become('starting', { startRequestedAt: now, startAttempts: 0, nextAttemptAt: now, statusMessage: null, failureCode: null })
    await record('workspace.start-requested', workspace, {}, { userId: workspace.userId })
    await nudge(workspace.id)
  })
}
