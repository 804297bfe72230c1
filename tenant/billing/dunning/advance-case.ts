/**
 * Does what is due in one case: retries the saved method, reminds, warns, suspends, ends. Each step is a row that is unique in its case, written in the
 * transaction of its letter and event: it happens once, whoever runs and however often.
 */
import type { Knex } from 'knex'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { record } from '../../../shared/events/record.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { clock } from '../../../shared/time/clock.js'
import { spendIfOpen } from '../credit/spend-credit.js'
import { Invoice } from '../invoices/invoice.js'
import { openAttemptOf } from '../payments/claim-attempt.js'
import { collectsItself } from '../payments/collect-due.js'
import { enqueueCollection, usableMethods } from '../payments/collect-invoice.js'
import { billedServices, billedServicesOf, type BilledService } from './billed-services.js'
import { decide, earliest, type Decision, type Situation } from './decide.js'
import { DunningCase, DunningStep, type Outcome, type StepDetail } from './dunning-case.js'
import { sendNotice } from './mailer.js'
import { dunningRules, planOf, type PlannedStep } from './schedule.js'
import type { LetterName } from './words.js'

const DAY = 86_400_000

/** All that a decision rests on. */
export interface CaseFacts {
  readonly invoice: Invoice
  readonly services: readonly BilledService[]
  readonly situation: Situation
}

export async function factsOf(dunning: DunningCase, now: Date): Promise<CaseFacts> {
  const invoice = await Invoice.findOwned({ id: dunning.invoiceId })
  const [rules, services, steps, open] = [await dunningRules.read(), await billedServices(invoice.id), await DunningStep.query().where({ caseId: dunning.id }), await openAttemptOf(invoice.id)]
  const plan = planOf(rules, { dueAt: dunning.dueAt, timeZone: currentTenant().timeZone, serviceTypes: [...new Set(services.map((s) => s.type))], remindersOnly: invoice.kind === 'order' })
  const paying = open !== null && open.status !== 'requires_action'
  return { invoice, services, situation: { plan, done: new Map(steps.map((s) => [s.step, s.doneAt])), now, graceDays: rules.graceDays, paying } }
}

/** What is planned and done in many cases, by their ids: four queries, however many. */
export async function plansOf(cases: readonly DunningCase[]): Promise<Map<number, Pick<Situation, 'plan' | 'done' | 'graceDays'>>> {
  const invoiceIds = cases.map((c) => c.invoiceId)
  const [rules, services] = [await dunningRules.read(), await billedServicesOf(invoiceIds)]
  const orders = new Set((await Invoice.query().whereIn('id', invoiceIds).where({ kind: 'order' }).select('id')).map((i) => i.id))
  const done = new Map(cases.map((c) => [c.id, new Map<string, Date>()]))
  for (const step of await DunningStep.query().whereIn('caseId', cases.map((c) => c.id))) done.get(step.caseId)!.set(step.step, step.doneAt)
  const { timeZone } = currentTenant()
  return new Map(cases.map((c) => {
    const serviceTypes = [...new Set(services.get(c.invoiceId)!.map((s) => s.type))]
    return [c.id, { plan: planOf(rules, { dueAt: c.dueAt, timeZone, serviceTypes, remindersOnly: orders.has(c.invoiceId) }), done: done.get(c.id)!, graceDays: rules.graceDays }]
  }))
}

/** Safe to repeat and to race: the invoice's row is the lock. */
export async function advanceCase(given: DunningCase, now = clock.now()): Promise<void> {
  await tenantTransaction(async (trx) => {
    const invoice = await Invoice.query().findById(given.invoiceId).forUpdate().throwIfNotFound()
    const dunning = await DunningCase.query().findById(given.id).forUpdate().throwIfNotFound()
    if (dunning.status === 'paused' && dunning.pausedUntil && dunning.pausedUntil <= now) await dunning.become('open', { pausedUntil: null, reason: null })
    if (dunning.status !== 'open') return
    await spendIfOpen(invoice, now) // nobody is reminded of what we hold the money for
    const facts = await factsOf(dunning, now)
    if (facts.invoice.status !== 'open' || !facts.invoice.balance.isPositive()) return // the reaction to its end closes the case
    if (facts.invoice.waitsForNext) return void (await dunning.$query().patch({ nextAt: new Date(now.getTime() + DAY) })) // a part payment has left too little for a card
    const decision = decide(facts.situation)
    for (const step of decision.pass) await note(dunning, step, 'passed', now, { note: 'Came late, or another letter says the same' })
    for (const step of decision.act) await act(trx, dunning, step, facts, decision)
    await dunning.$query().patch({ nextAt: decision.nextAt })
  })
}

async function note(dunning: DunningCase, step: PlannedStep, outcome: Outcome, now: Date, detail: StepDetail = {}): Promise<void> {
  await DunningStep.query().insert({ caseId: dunning.id, step: step.code, kind: step.kind, outcome, plannedAt: step.at, doneAt: now, detail })
}

async function act(trx: Knex.Transaction, dunning: DunningCase, step: PlannedStep, facts: CaseFacts, decision: Decision): Promise<void> {
  const { now } = facts.situation
  if (step.kind === 'retry') {
    await note(dunning, step, 'done', now, { note: 'The saved payment method is tried again' })
    return enqueueCollection(facts.invoice.id)
  }
  if (step.kind === 'remind') return remind(trx, dunning, step, facts)
  const services = facts.services.filter((s) => s.status !== 'terminated').filter((s) => (step.serviceType === null ? !facts.situation.plan.some((p) => p.serviceType === s.type) : s.type === step.serviceType))
  const serviceIds = services.map((s) => s.id)
  await note(dunning, step, 'done', now, { serviceIds })
  await record(`dunning.${step.kind === 'warn' ? 'warned' : step.kind}`, facts.invoice, { caseId: dunning.id, serviceIds, step: step.code }, { userId: dunning.userId })
  const letter: LetterName = step.kind === 'warn' ? 'warning' : step.kind === 'suspend' ? 'suspended' : 'terminated'
  if (step.kind === 'warn' || services.length) await sendNotice(trx, letter, `${dunning.id}:${step.code}`, noticeOf(dunning, step, { ...facts, services }, decision))
}

/** Whoever is charged by itself on the due day needs no reminder before. */
async function remind(trx: Knex.Transaction, dunning: DunningCase, step: PlannedStep, facts: CaseFacts): Promise<void> {
  const { now } = facts.situation
  const early = facts.invoice.dueAt !== null && facts.invoice.dueAt > now
  if (early && collectsItself(facts.invoice, (await usableMethods(dunning.userId, facts.invoice.currency)).length > 0, now)) return note(dunning, step, 'covered', now, { note: 'Charged to the saved method by itself' })
  await note(dunning, step, 'done', now)
  await sendNotice(trx, early ? 'before' : 'overdue', `${dunning.id}:${step.code}`, noticeOf(dunning, step, facts))
}

/** When the steps ahead come, with all that was done until now: what the letter promises is what will happen. */
function noticeOf(dunning: DunningCase, step: PlannedStep, { invoice, services, situation }: CaseFacts, decision?: Decision) {
  const done = new Map([...situation.done, ...(decision?.act ?? [step]).map((s) => [s.code, situation.now] as const)])
  const ahead = (kind: string): Date | null => {
    const next = situation.plan.find((s) => s.kind === kind && s.serviceType === step.serviceType)
    return next ? earliest(next, { ...situation, done }) ?? next.at : null
  }
  return { invoice, dueAt: dunning.dueAt, services, suspendAt: ahead('suspend'), terminateAt: ahead('terminate'), now: situation.now }
}
