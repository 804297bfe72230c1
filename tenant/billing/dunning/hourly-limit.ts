/** Services billed by the hour stop at once when an overdue customer owes the limit: open invoices that are due, and the month so far. */
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { record } from '../../../shared/events/record.js'
import { Money } from '../../../shared/money/money.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { Invoice } from '../invoices/invoice.js'
import { monthSoFar } from '../usage/month-so-far.js'
import { hourlyServices } from './billed-services.js'
import { DunningCase, DunningStep } from './dunning-case.js'
import { sendNotice } from './mailer.js'
import { dunningRules } from './schedule.js'

/** Code of the step; once a case, like every other. */
export const LIMIT_STEP = 'limit'

/** Pure: does it stop now? Amounts in the shop's currency only. */
export const isAtLimit = (owedMinor: number, limitMinor: number | null): boolean => limitMinor !== null && owedMinor >= limitMinor

export async function stopHourlyAtLimit(now: Date): Promise<void> {
  const { hourlyLimitMinor } = await dunningRules.read()
  if (hourlyLimitMinor === null) return
  const open = await DunningCase.query().where({ status: 'open' }).where('dueAt', '<=', now).orderBy('dueAt')
  const first = new Map<number, DunningCase>()
  for (const dunning of open) if (!first.has(dunning.userId)) first.set(dunning.userId, dunning)
  for (const dunning of first.values()) await stopOne(dunning, hourlyLimitMinor, now)
}

async function stopOne(dunning: DunningCase, limitMinor: number, now: Date): Promise<void> {
  if (await DunningStep.query().findOne({ caseId: dunning.id, step: LIMIT_STEP })) return
  const services = (await hourlyServices(dunning.userId)).filter((s) => s.status === 'active')
  if (!services.length || !isAtLimit(await owed(dunning.userId, now), limitMinor)) return
  await tenantTransaction(async (trx) => {
    const invoice = await Invoice.query().findById(dunning.invoiceId).forUpdate().throwIfNotFound()
    const fresh = await DunningCase.query().findById(dunning.id).forUpdate().throwIfNotFound()
    if (fresh.status !== 'open' || invoice.status !== 'open' || (await DunningStep.query().findOne({ caseId: fresh.id, step: LIMIT_STEP }))) return
    const serviceIds = services.map((s) => s.id)
    await DunningStep.query().insert({ caseId: fresh.id, step: LIMIT_STEP, kind: 'suspend', outcome: 'done', plannedAt: now, doneAt: now, detail: { serviceIds, note: 'Owes the limit for services by the hour' } })
    await record('dunning.suspend', invoice, { caseId: fresh.id, serviceIds, step: LIMIT_STEP }, { userId: fresh.userId })
    await sendNotice(trx, 'suspended', `${fresh.id}:${LIMIT_STEP}`, { invoice, dueAt: fresh.dueAt, services, suspendAt: now, terminateAt: null, now })
  })
}

/** Overdue invoices and use so far, in minor units of the shop's currency. */
async function owed(userId: number, now: Date): Promise<number> {
  const { currency } = currentTenant()
  const invoices = await Invoice.query().where({ userId, currency, status: 'open' }).where('dueAt', '<=', now)
  const soFar = (await monthSoFar(userId, now)).unbilled
  const debts = Money.sum(invoices.map((i) => i.balance), currency)
  return soFar.currency === currency ? debts.add(soFar).minor : debts.minor
}
