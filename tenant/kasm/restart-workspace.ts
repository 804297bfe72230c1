import { refuse } from '../../shared/errors.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { clock } from '../../shared/time/clock.js'
import { paymentState, refusalToStart } from '../services/payment-readiness.js'
import type { Service } from '../services/service.js'
import { budgetRefusal } from './budgets/budget-state.js'
import { refusalToRun } from './limits/ask-limits.js'
import { beginStopping } from './wishes.js'
import type { Workspace } from './workspace.js'

/** Accepts the wish to stop and start again. It ends the run at `now`; the next one begins when Kasm says that it runs again, and counts its quarter hours anew. */
export async function restartWorkspace(workspace: Workspace, service: Service, now = clock.now()): Promise<void> {
  refuse(workspace.refusalToRestart(now, service))
  refuse(refusalToStart(await paymentState(workspace.userId, service.currency)))
  refuse(await budgetRefusal(workspace, now))
  await tenantTransaction(async () => {
    refuse(await refusalToRun(workspace, now))
    await beginStopping(workspace, 'restart', now, { nextWish: 'start' })
  })
}
