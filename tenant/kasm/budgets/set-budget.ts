import { FormErrors } from '../../../shared/errors.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { record } from '../../../shared/events/record.js'
import { clock } from '../../../shared/time/clock.js'
import { billedCustomer } from '../../billing/invoices/parties.js'
import { Workspace } from '../workspace.js'
import { Budget } from './budget.js'

export interface BudgetWish {
  readonly userId: number
  /** Null: all workspaces of the customer. */
  readonly workspaceId: number | null
  /** For a month, before tax, in the customer's currency; null removes the budget. */
  readonly limitMinor: number | null
}

/** Sets, changes or removes a budget. A changed limit warns and stops anew. Repeatable. Throws NotFound for somebody else's workspace, FormErrors (`limit`) for an amount that is none. */
export async function setBudget(wish: BudgetWish, now = clock.now()): Promise<Budget | null> {
  const { limitMinor } = wish
  if (limitMinor !== null && (!Number.isSafeInteger(limitMinor) || limitMinor <= 0)) throw new FormErrors({ limit: 'Enter an amount above zero, or remove the budget.' })
  const subject = wish.workspaceId === null ? { type: 'users', id: wish.userId } : await Workspace.findOwned({ id: wish.workspaceId, userId: wish.userId })
  return tenantTransaction(async () => {
    const { currency } = await billedCustomer(wish.userId, true)      // one change at a time
    const known = (await Budget.of(wish.userId)).find((budget) => budget.workspaceId === wish.workspaceId)
    if (limitMinor === null ? !known : known?.limitMinor === limitMinor && known.currency === currency) return known ?? null
    if (known) await known.$query().delete()
    const budget = limitMinor === null ? null : await Budget.query().insertAndFetch({ userId: wish.userId, kasmWorkspaceId: wish.workspaceId, limitMinor, currency, createdAt: known?.createdAt ?? now, updatedAt: now })
    await record('workspace.budget-set', subject, { limit: budget && { minor: limitMinor, currency }, before: known ? { minor: Number(known.limitMinor), currency: known.currency } : null }, { userId: wish.userId })
    return budget
  })
}
