/**
 * Makes a run shorter that turned out to have ended earlier. What no invoice has billed yet is simply counted anew. What stands on an invoice stays there for
 * ever: a credit note gives back exactly the seconds too much, at the frozen rate, with their part of the tax; the platform gets a record below zero.
 */
import { refuse } from '../../../shared/errors.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { record } from '../../../shared/events/record.js'
import { Money } from '../../../shared/money/money.js'
import { amountOf, costOf } from '../../../shared/money/rate.js'
import { clock } from '../../../shared/time/clock.js'
import { createCreditNote } from '../../billing/invoices/credit-notes/create-credit-note.js'
import type { CreditDestination, CreditNote } from '../../billing/invoices/credit-notes/credit-note.js'
import type { Invoice } from '../../billing/invoices/invoice.js'
import { billedCustomer } from '../../billing/invoices/parties.js'
import { Workspace } from '../workspace.js'
import { Correction, CorrectionPart } from './correction.js'
import { elapsedSeconds } from './meter.js'
import { planCorrection, refusalToCorrect, type CorrectionPlan, type InvoiceBack, type LineBack } from './plan-correction.js'
import { noteUse } from './usage-event.js'
import { UsageSession } from './usage-session.js'

export interface RunCorrection {
  readonly stoppedAt: Date
  /** The customer reads it on the credit note. */
  readonly reason: string
  /** Who corrects: a name for staff; `repair` for what found itself necessary. */
  readonly by: string
}
export interface Figures { readonly stoppedAt: Date; readonly billedSeconds: number; readonly cost: Money }
export interface CorrectionPreview {
  readonly before: Figures
  readonly after: Figures
  readonly creditedSeconds: number
  /** What credit notes would give back, tax included. */
  readonly credit: Money
  readonly notes: ReadonlyArray<{ readonly invoiceNumber: string; readonly amount: Money }>
}

/** Throws NotFound, and Refusal where it may not be. */
export async function previewCorrection(sessionId: number, stoppedAt: Date): Promise<CorrectionPreview> {
  const session = await UsageSession.findOwned({ id: sessionId })
  refuse(refusalToCorrect(session, stoppedAt))
  const plan = await planCorrection(session, stoppedAt)
  const figures = (at: Date, seconds: number): Figures => ({ stoppedAt: at, billedSeconds: seconds, cost: amountOf(session.rate, seconds) })
  const notes = plan.invoices.map(({ invoice, lines }) => ({ invoiceNumber: invoice.label, amount: Money.of(sumOf(lines), invoice.currency) })).filter((note) => note.amount.isPositive())
  return {
    before: figures(session.stoppedAt!, plan.billableBefore), after: figures(stoppedAt, plan.billableAfter), creditedSeconds: plan.creditedSeconds,
    credit: Money.sum(notes.map((note) => note.amount), session.currency), notes,
  }
}

/** Throws NotFound; Refusal where it may not be, also while a payment of the invoice is under way. Nothing is left half done. */
export async function correctRun(sessionId: number, wish: RunCorrection, now = clock.now()): Promise<{ correctionId: number; creditedSeconds: number; creditNotes: CreditNote[] }> {
  const workspace = await Workspace.findOwned({ id: (await UsageSession.findOwned({ id: sessionId })).kasmWorkspaceId })
  return tenantTransaction(async () => {
    await billedCustomer(workspace.userId, true)                      // the bill of a month or an interim bill is made before or after, not meanwhile
    const session = await UsageSession.query().findById(sessionId).forUpdate().throwIfNotFound()
    refuse(refusalToCorrect(session, wish.stoppedAt))
    const plan = await planCorrection(session, wish.stoppedAt)
    const correction = await keep(session, plan, wish)
    const creditNotes: CreditNote[] = []
    for (const back of plan.invoices) creditNotes.push(...await giveBack(back, correction, wish.reason, now))
    await shorten(session, plan, wish.stoppedAt, now)
    const facts = { correction: correction.id, from: correction.stoppedBefore.toISOString(), to: wish.stoppedAt.toISOString(), reason: wish.reason, by: wish.by, creditedSeconds: plan.creditedSeconds }
    await noteUse({ workspaceId: workspace.id, sessionId, kind: 'corrected', source: wish.by === 'repair' ? 'repair' : 'staff', at: now, detail: facts })
    await record('workspace.run-corrected', session, facts, { userId: workspace.userId })
    return { correctionId: correction.id, creditedSeconds: plan.creditedSeconds, creditNotes }
  })
}

async function keep(session: UsageSession, plan: CorrectionPlan, wish: RunCorrection): Promise<Correction> {
  const position = (await Correction.query().where('kasmUsageSessionId', session.id).resultSize()) + 1
  const correction = await Correction.query().insertAndFetch({
    kasmUsageSessionId: session.id, position, stoppedBefore: session.stoppedAt!, stoppedAfter: wish.stoppedAt, billableBefore: plan.billableBefore, billableAfter: plan.billableAfter,
    creditedSeconds: plan.creditedSeconds, reason: wish.reason.slice(0, 255), correctedBy: wish.by.slice(0, 120),
  })
  const amounts = new Map(plan.invoices.flatMap(({ lines }) => lines.map((line): [number, number] => [line.lineId, line.amountMinor])))
  for (const slice of plan.slices) {
    const amountMinor = amounts.get(slice.lineId) ?? 0
    amounts.delete(slice.lineId)                                      // one run stands on a line once
    await CorrectionPart.query().insert({ kasmUsageCorrectionId: correction.id, kasmBilledSliceId: slice.sliceId, invoiceLineId: slice.lineId, seconds: slice.seconds, amountMinor })
  }
  return correction
}

/** What is not paid yet is taken off the invoice, what was paid becomes the customer's credit. */
async function giveBack({ invoice, lines }: InvoiceBack, correction: Correction, reason: string, now: Date): Promise<CreditNote[]> {
  const [unpaid, paid] = divided(lines, invoice.balance.minor)
  const notes: CreditNote[] = []
  for (const [to, parts] of [['invoice', unpaid], ['balance', paid]] as const) if (parts.length) notes.push(await noteOf(invoice, to, parts, correction, reason, now))
  return notes
}

const noteOf = (invoice: Invoice, to: CreditDestination, lines: readonly LineBack[], correction: Correction, reason: string, now: Date): Promise<CreditNote> =>
  createCreditNote({ invoice, lines, reason, to, key: `usage-correction:${correction.id}:${invoice.id}:${to}` }, now)

/** Pure. The first `most` minor units of what goes back, and the rest. */
function divided(lines: readonly LineBack[], most: number): [LineBack[], LineBack[]] {
  let left = most
  const [first, second]: [LineBack[], LineBack[]] = [[], []]
  for (const line of lines) {
    const here = Math.min(left, line.amountMinor)
    left -= here
    if (here > 0) first.push({ ...line, amountMinor: here })
    if (line.amountMinor > here) second.push({ ...line, amountMinor: line.amountMinor - here })
  }
  return [first, second]
}

async function shorten(session: UsageSession, plan: CorrectionPlan, stoppedAt: Date, now: Date): Promise<void> {
  await UsageSession.query().where({ id: session.id }).patch({
    stoppedAt, durationSeconds: elapsedSeconds({ startedAt: session.startedAt, stoppedAt }, now), durationBillableSeconds: plan.billableAfter,
    totalCostMicros: Number(costOf(session.rate, plan.billableAfter)), billedSeconds: Number(session.billedSeconds) - plan.creditedSeconds, updatedAt: now,
  })
}

const sumOf = (lines: readonly LineBack[]): number => lines.reduce((sum, line) => sum + line.amountMinor, 0)
