/** What staff may do about a case: pause, exempt, skip a step, try the method again, forgive. Every act names its reason. */
import { Refusal, refuse } from '../../../shared/errors.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { record } from '../../../shared/events/record.js'
import { clock } from '../../../shared/time/clock.js'
import { Invoice } from '../invoices/invoice.js'
import { openAttempts } from '../invoices/void-invoice.js'
import { writeOff } from '../invoices/write-off.js'
import { collectInvoice } from '../payments/collect-invoice.js'
import type { ChargeOutcome } from '../payments/charge-invoice.js'
import { factsOf } from './advance-case.js'
import { DunningCase, DunningStep } from './dunning-case.js'
import { closeCase } from './end-case.js'
import { enqueueAdvance } from './run-dunning.js'

async function change(given: DunningCase, refusal: (dunning: DunningCase) => Refusal | null, act: (dunning: DunningCase) => Promise<void>): Promise<void> {
  await tenantTransaction(async () => {
    await Invoice.query().findById(given.invoiceId).forUpdate()
    const dunning = await DunningCase.query().findById(given.id).forUpdate().throwIfNotFound()
    refuse(refusal(dunning))
    await act(dunning)
  })
}

/** Nothing happens until then; what is suspended stays suspended. Steps that fall into the pause come afterwards, with time between them. The same again is nothing. */
export function pauseCase(given: DunningCase, until: Date, reason: string, now = clock.now()): Promise<void> {
  if (until <= now) throw new Refusal('dunning.past', 'Choose a day that lies ahead.')
  return change(given, (dunning) => dunning.refusalToPause(), async (dunning) => {
    if (dunning.status === 'paused' && dunning.pausedUntil?.getTime() === until.getTime() && dunning.reason === reason) return
    if (dunning.status === 'paused') await dunning.$query().patch({ pausedUntil: until, nextAt: until, reason })
    else await dunning.become('paused', { pausedUntil: until, nextAt: until, reason, closedAt: null })
    await record('dunning.paused', dunning, { until: until.toISOString(), reason }, { userId: dunning.userId })
  })
}

/** Nothing happens about this invoice any more; what dunning suspended comes back. The amount stays owed. */
export async function exemptCase(given: DunningCase, reason: string, now = clock.now()): Promise<void> {
  await change(given, (dunning) => dunning.refusalToExempt(), async () => closeCase(given.invoiceId, 'exempt', reason, now))
}

/** From now on again; also ends a pause. */
export function resumeCase(given: DunningCase, now = clock.now()): Promise<void> {
  return change(given, (dunning) => dunning.refusalToResume(), async (dunning) => {
    await dunning.become('open', { pausedUntil: null, reason: null, closedAt: null, nextAt: now })
    await record('dunning.resumed', dunning, {}, { userId: dunning.userId })
    await enqueueAdvance(dunning.id)
  })
}

/** Passes over one step that has not come yet. Later ones come as planned. Throws Refusal when it was done. */
export function skipStep(given: DunningCase, code: string, reason: string, now = clock.now()): Promise<void> {
  return change(given, (dunning) => dunning.refusalToPause(), async (dunning) => {
    const { situation } = await factsOf(dunning, now)
    const step = situation.plan.find((s) => s.code === code)
    if (!step || situation.done.has(code)) throw new Refusal('dunning.step', 'This step is done already, or is not planned any more.')
    await DunningStep.query().insert({ caseId: dunning.id, step: step.code, kind: step.kind, outcome: 'skipped', plannedAt: step.at, doneAt: now, detail: { note: reason.slice(0, 400) } })
    await dunning.$query().patch({ nextAt: now })
    await record('dunning.step-skipped', dunning, { step: code, reason }, { userId: dunning.userId })
  })
}

/** Charges the saved methods at once. Null: there is none worth a try. Repeated, it tries none again that was declined within half a day. Throws Refusal. */
export async function retryNow(given: DunningCase): Promise<ChargeOutcome | null> {
  const dunning = await DunningCase.findOwned<DunningCase>({ id: given.id })
  const invoice = await Invoice.findOwned<Invoice>({ id: dunning.invoiceId })
  refuse(dunning.refusalToRetry(invoice))
  return collectInvoice(invoice)
}

/** The invoice is written off and the case ends; what dunning suspended comes back. Throws Refusal while a payment is under way. */
export async function forgive(given: DunningCase, reason: string, now = clock.now()): Promise<void> {
  await tenantTransaction(async () => {
    const invoice = await Invoice.query().findById(given.invoiceId).forUpdate().throwIfNotFound()
    const dunning = await DunningCase.query().findById(given.id).forUpdate().throwIfNotFound()
    refuse(dunning.refusalToForgive(invoice, await openAttempts(invoice)))
    await writeOff(invoice, { reason, now })
    await closeCase(dunning.invoiceId, 'ended', reason, now)
  })
}
