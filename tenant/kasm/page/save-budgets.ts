import { FormErrors, refuse } from '../../../shared/errors.js'
import { Money } from '../../../shared/money/money.js'
import type { Service } from '../../services/service.js'
import { setBudget } from '../budgets/set-budget.js'
import type { Workspace } from '../workspace.js'

/** Both limits of the form, in minor units; an empty one is taken away. Throws FormErrors by field. */
function limitsIn(wish: { limit?: string | undefined; limitAll?: string | undefined }, currency: string): Record<'limit' | 'limitAll', number | null> {
  const faults: Record<string, string> = {}
  const read = (name: 'limit' | 'limitAll'): number | null => {
    const text = wish[name]
    if (text === undefined) return null
    const money = Money.parse(text.replace(',', '.'), currency)
    if (!money?.isPositive()) faults[name] = 'Enter an amount such as 20.00, or leave it empty.'
    return money ? Number(money.minor) : null
  }
  const limits = { limit: read('limit'), limitAll: read('limitAll') }
  if (Object.keys(faults).length) throw new FormErrors(faults, { ...wish })
  return limits
}

/** The customer's own limits: of this workspace, and of all together. */
export async function saveBudgets(service: Service, workspace: Workspace, wish: { limit?: string | undefined; limitAll?: string | undefined }, now: Date): Promise<void> {
  refuse(workspace.refusalToPlan(now))
  const { limit, limitAll } = limitsIn(wish, service.currency)
  await setBudget({ userId: workspace.userId, workspaceId: workspace.id, limitMinor: limit }, now)
  await setBudget({ userId: workspace.userId, workspaceId: null, limitMinor: limitAll }, now)
}
