/** Finds invoices that need a case and cases that need a step, and asks for a job each. May run a thousand times or once. */
import { z } from 'zod'
import { defineJob } from '../../../shared/jobs/job.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { newPublicId } from '../../../shared/security/token.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { clock } from '../../../shared/time/clock.js'
import { spendIfOpen } from '../credit/spend-credit.js'
import { Invoice } from '../invoices/invoice.js'
import { advanceCase } from './advance-case.js'
import { DunningCase } from './dunning-case.js'
import { stopHourlyAtLimit } from './hourly-limit.js'
import { dayAfter, dunningRules } from './schedule.js'

const MOST = 500

const advancing = defineJob({
  name: 'dunning.advance', scope: 'tenant', payload: z.object({ caseId: z.number().int() }), attempts: 5, backoffSeconds: 60,
  handler: async ({ caseId }) => {
    const dunning = await DunningCase.query().findById(caseId)
    if (dunning) await advanceCase(dunning)
  },
})
export const enqueueAdvance = (caseId: number): Promise<void> => advancing.enqueue({ caseId }, { key: `dunning.advance:${caseId}` })

/** The timetable runs it: opens cases, then asks for a look at each whose time has come. */
export async function runDunning(now: Date): Promise<void> {
  await openCases(now)
  const due = await DunningCase.query().whereIn('status', ['open', 'paused']).where('nextAt', '<=', now).orderBy('nextAt').limit(MOST).select('id')
  for (const { id } of due) await enqueueAdvance(id)
  await stopHourlyAtLimit(now)
}

/** Open invoices of which the first reminder's day has come. Sums too small for a card wait for the next invoice instead. */
export async function openCases(now: Date): Promise<void> {
  const { reminders } = await dunningRules.read()
  const lead = Math.max(1, 1 - Math.min(0, ...reminders))
  const caseless = (after: number) => Invoice.query().where({ status: 'open' }).where('invoices.id', '>', after).where('dueAt', '<', new Date(now.getTime() + lead * 86_400_000))
    .whereNotExists(DunningCase.query().whereColumn('dunning_cases.invoice_id', 'invoices.id')).orderBy('invoices.id').limit(MOST)
  for (let found = await caseless(0); found.length; found = await caseless(found.at(-1)!.id)) {
    for (const invoice of found) if (isDunned(invoice) && dayAfter(invoice.dueAt!, Math.min(0, ...reminders), currentTenant().timeZone) <= now) await openCase(invoice, now)
  }
}

const isDunned = (invoice: Invoice): boolean => invoice.balance.isPositive() && !invoice.waitsForNext

/** One case an invoice, however many find it. */
export async function openCase(invoice: Pick<Invoice, 'id'>, now = clock.now()): Promise<void> {
  await tenantTransaction(async () => {
    const locked = await Invoice.query().findById(invoice.id).forUpdate().throwIfNotFound()
    const fresh = await spendIfOpen(locked, now)
    if (fresh.status !== 'open' || fresh.dueAt === null || (await DunningCase.query().findOne({ invoiceId: fresh.id }))) return
    await DunningCase.query().insert({ publicId: newPublicId(), invoiceId: fresh.id, userId: fresh.userId, status: 'open', dueAt: fresh.dueAt, nextAt: now })
  })
}
