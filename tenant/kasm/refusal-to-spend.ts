import type { Refusal } from '../../shared/errors.js'
import { paymentState, refusalToStart } from '../services/payment-readiness.js'
import type { Service } from '../services/service.js'
import { budgetRefusal } from './budgets/budget-state.js'
import type { Workspace } from './workspace.js'

/**
 * May it cost money now? A way to pay, and a budget that is not spent. Asked by everything that begins a run; how many may run at once is asked by
 * it in its transaction.
 */
export async function refusalToSpend(workspace: Workspace, service: Service, now: Date): Promise<Refusal | null> {
  return refusalToStart(await paymentState(workspace.userId, service.currency)) ?? (await budgetRefusal(workspace, now))
}
