/**
 * The minute's look at customers who pay from credit alone: tells them when what they have used comes to 80 % of it, and again when it comes to all of it; once a
 * crossing, and anew after they have topped up. What then happens is the shop's choice (usageSettings): nothing more, or a stop, files kept.
 */
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { record } from '../../../shared/events/record.js'
import { Money } from '../../../shared/money/money.js'
import { billedCustomer } from '../../billing/invoices/parties.js'
import { usageSettings } from '../../billing/usage/usage-settings.js'
import { Workspace } from '../workspace.js'
import { stopAll } from './guard-budgets.js'
import { creditUse, type CreditLevel, type CreditUse } from './low-credit-rule.js'

export async function guardCredit(now: Date): Promise<void> {
  const { lowCredit } = await usageSettings.read()
  for (const userId of await usersToWatch()) {
    const use = await creditUse(userId, now)
    await tellCrossing(userId, use, now)
    if (use?.level === 'exhausted' && lowCredit === 'stop') await stopAll(await Workspace.query().where({ userId, status: 'running' }).orderBy('id'), now)
  }
}

/** Whoever runs something and has no method, and whoever was told. */
async function usersToWatch(): Promise<number[]> {
  const running = (await tenantDb()('kasm_workspaces as w').where('w.status', 'running')
    .whereNotExists(tenantDb()('payment_methods as m').whereRaw('m.user_id = w.user_id').where('m.status', 'active')).distinct('w.user_id').pluck('w.user_id')) as number[]
  const told = (await tenantDb()('kasm_credit_alerts').pluck('user_id')) as number[]
  return [...new Set([...running, ...told])].sort((a, b) => a - b)
}

type Known = CreditLevel | 'none'
const rank: Readonly<Record<Known, number>> = { none: 0, low: 1, exhausted: 2 }

/** Up is told, down is only remembered. */
async function tellCrossing(userId: number, use: CreditUse | null, now: Date): Promise<void> {
  await tenantTransaction(async () => {
    await billedCustomer(userId, true)                                // two workers: the second finds what the first has told
    const row = (await tenantDb()('kasm_credit_alerts').where({ user_id: userId }).first('level')) as { level: CreditLevel } | undefined
    const [before, level]: [Known, Known] = [row?.level ?? 'none', use?.level ?? 'none']
    if (before === level) return
    if (level === 'none') return void (await tenantDb()('kasm_credit_alerts').where({ user_id: userId }).delete())
    await tenantDb()('kasm_credit_alerts').insert({ user_id: userId, level, since: now }).onConflict('user_id').merge(['level', 'since'])
    if (rank[level] > rank[before]) await record('workspace.low-credit', { type: 'users', id: userId }, factsOf(use!), { userId })
  })
}

function factsOf({ credit, unbilled, level }: CreditUse): Record<string, unknown> {
  const plain = (money: Money) => ({ minor: money.minor, currency: money.currency })
  return { level, credit: plain(credit), unbilled: plain(unbilled), left: plain(Money.of(Math.max(0, credit.minor - unbilled.minor), credit.currency)) }
}
