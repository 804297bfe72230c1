/** Takes back what was billed: the note, its part of revenue and tax, and where the money goes, in one transaction. */
import type { Knex } from 'knex'
import { refuse, Refusal } from '../../../shared/errors.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { record } from '../../../shared/events/record.js'
import { Money } from '../../../shared/money/money.js'
import { newPublicId } from '../../../shared/security/token.js'
import { clock } from '../../../shared/time/clock.js'
import { bookCredit } from '../credit/add-credit.js'
import { accounts } from '../ledger-accounts.js'
import { lockBalances, post } from '../ledger.js'
import { refundablePaymentsOf } from '../payments/refund-payment.js'
import { merged, taxEntries, type Entry } from './book-invoice.js'
import { CreditNote, CreditNoteLine, type CreditDestination } from './credit-note.js'
import { InvoiceLine } from './invoice-line.js'
import { Invoice } from './invoice.js'
import { drawNumber } from './number-series.js'
import { reduceBalance } from './settle-invoice-payment.js'
import { restOf, takeBack, type Amounts } from './take-back.js'
import { openAttempts } from './void-invoice.js'

export interface NewCreditNote {
  readonly invoice: Invoice
  /** Parts of lines, tax included; or all that is left of the invoice. */
  readonly lines: ReadonlyArray<{ readonly lineId: number; readonly amountMinor: number }> | 'rest'
  /** The customer reads it. */
  readonly reason: string
  readonly to: CreditDestination
  /** The same key is the same note. */
  readonly key: string
  /** To the source: which payment; by default the newest that holds enough. */
  readonly paymentId?: number | null
}

interface Part { readonly line: InvoiceLine; readonly amounts: Amounts }

/** Throws Refusal when more is taken back than there is, or than was paid where money is to go back. Repeating it with the same key gives the same note. */
export async function createCreditNote(wish: NewCreditNote, now = clock.now()): Promise<CreditNote> {
  return tenantTransaction(async (trx) => {
    const invoice = await Invoice.query().findById(wish.invoice.id).forUpdate().throwIfNotFound()
    const known = await CreditNote.query().findOne({ businessKey: wish.key })
    if (known) return known
    refuse(invoice.refusalToCredit())
    const parts = await partsOf(invoice, wish)
    const total = parts.reduce((sum, p) => sum + p.amounts.totalMinor, 0)
    const paymentId = await assertPossible(invoice, wish, total)
    const note = await CreditNote.query().insertAndFetch({
      publicId: newPublicId(), businessKey: wish.key, invoiceId: invoice.id, userId: invoice.userId, currency: invoice.currency, destination: wish.to, paymentId, reason: wish.reason.slice(0, 255),
      netMinor: parts.reduce((sum, p) => sum + p.amounts.netMinor, 0), taxMinor: parts.reduce((sum, p) => sum + p.amounts.taxMinor, 0), totalMinor: total, seller: invoice.seller!, buyer: invoice.buyer!, issuedAt: now,
    })
    for (const [sortOrder, { line, amounts }] of parts.entries()) await CreditNoteLine.query().insert({ ...amounts, taxes: [...amounts.taxes], creditNoteId: note.id, invoiceLineId: line.id, description: line.description, sortOrder })
    await record('credit-note.issued', note, { invoiceId: invoice.id, totalMinor: total, currency: note.currency, to: note.destination, reason: note.reason }, { userId: note.userId })
    await book(trx, note, invoice, parts, now)
    return CreditNote.query().patchAndFetchById(note.id, { number: await drawNumber(trx, 'credit-note') })
  })
}

/** Lines of the invoice with all that earlier notes took of each. */
export async function restsOf(invoice: Invoice): Promise<Array<{ line: InvoiceLine; whole: Amounts; earlier: CreditNoteLine[]; rest: Amounts }>> {
  const lines = await InvoiceLine.query().where({ invoiceId: invoice.id }).orderBy('sortOrder').orderBy('id')
  const earlier = await CreditNoteLine.query().whereIn('invoiceLineId', lines.map((l) => l.id)).orderBy('id')
  return lines.map((line) => {
    const whole = { netMinor: line.netMinor, taxMinor: line.taxMinor, totalMinor: line.totalMinor, taxes: line.detail.taxes ?? [] }
    const taken = earlier.filter((e) => e.invoiceLineId === line.id)
    return { line, whole, earlier: taken, rest: restOf(whole, taken) }
  })
}

async function partsOf(invoice: Invoice, wish: NewCreditNote): Promise<Part[]> {
  const rests = await restsOf(invoice)
  if (wish.lines === 'rest') return rests.filter((r) => r.rest.totalMinor !== 0).map(({ line, rest }) => ({ line, amounts: rest }))
  return wish.lines.map(({ lineId, amountMinor }) => {
    const found = rests.find((r) => r.line.id === lineId)
    if (!found) throw new Refusal('credit-note.line', 'This line does not stand on this invoice.')
    const most = Money.of(Math.max(0, found.rest.totalMinor), invoice.currency)
    if (!Number.isSafeInteger(amountMinor) || amountMinor <= 0 || amountMinor > most.minor) throw new Refusal('credit-note.too-much', `At most ${most.toString()} ${most.currency} can be taken back for “${found.line.description}”.`)
    return { line: found.line, amounts: takeBack(found.whole, found.earlier, amountMinor, invoice.currency) }
  })
}

/** The payment to refund, for a note to the source. Throws Refusal. */
async function assertPossible(invoice: Invoice, wish: NewCreditNote, total: number): Promise<number | null> {
  if (total <= 0 || new Set(wish.lines === 'rest' ? [] : wish.lines.map((l) => l.lineId)).size !== (wish.lines === 'rest' ? 0 : wish.lines.length)) throw new Refusal('credit-note.nothing', 'Nothing is left to take back on this invoice.')
  const before = await CreditNote.query().where({ invoiceId: invoice.id })
  const taken = before.reduce((sum, note) => sum + note.totalMinor, 0)
  const text = (minor: number): string => `${Money.of(Math.max(0, minor), invoice.currency).toString()} ${invoice.currency}`
  if (taken + total > invoice.totalMinor) throw new Refusal('credit-note.too-much', `Only ${text(invoice.totalMinor - taken)} of this invoice can still be taken back.`)
  if (wish.to === 'invoice') {
    if (await openAttempts(invoice)) throw new Refusal('invoice.being-paid', 'A payment for this invoice is under way. Wait for its result.')
    if (total > invoice.balance.minor) throw new Refusal('credit-note.paid', `Only ${text(invoice.balance.minor)} is left to pay. Give what was paid back as credit or to where it came from.`)
    return null
  }
  const covered = invoice.totalMinor - invoice.balance.minor - taken
  if (total > covered) throw new Refusal('credit-note.unpaid', `Only ${text(covered)} of this invoice is paid. Take the rest off what is left to pay.`)
  return wish.to === 'source' ? paymentFor(invoice, wish, total) : null
}

async function paymentFor(invoice: Invoice, wish: NewCreditNote, total: number): Promise<number> {
  const able = (await refundablePaymentsOf(invoice.id)).filter((p) => p.refundable.minor >= total && (!wish.paymentId || p.payment.id === wish.paymentId))
  if (!able[0]) throw new Refusal('credit-note.no-payment', 'No payment of this invoice holds that much. Take back less at a time, or give it as credit.')
  return able[0].payment.id
}

async function book(trx: Knex.Transaction, note: CreditNote, invoice: Invoice, parts: readonly Part[], now: Date): Promise<void> {
  const back = merged(parts.flatMap(({ line, amounts }) => [
    { account: accounts.revenue(line.detail.serviceType ?? 'other'), amountMinor: amounts.netMinor }, ...taxEntries(amounts.taxMinor, amounts.taxes),
  ]), invoice.id)
  const key = `credit-note:${note.id}:issued`
  if (note.destination === 'balance') {
    await bookCredit(trx, { userId: note.userId, amount: note.total, key, description: 'Credit note', from: back, now })
    return
  }
  const account = note.destination === 'invoice' ? accounts.receivable(note.userId) : accounts.refunds()
  const entries: Entry[] = [...back, { account, amountMinor: -note.totalMinor, invoiceId: invoice.id }]
  await lockBalances(trx, entries.map((e) => e.account), note.currency)
  await post(trx, { key, description: 'Credit note', occurredAt: now, currency: note.currency, entries })
  if (note.destination === 'invoice') await coverBy(trx, note, invoice, now)
}

/** An invoice that notes alone have brought to nothing was taken back, not paid: nothing starts to run for it. */
async function coverBy(trx: Knex.Transaction, note: CreditNote, invoice: Invoice, now: Date): Promise<void> {
  const notes = await CreditNote.query().where({ invoiceId: invoice.id, destination: 'invoice' })
  const onlyNotes = invoice.paidMinor === 0 && notes.reduce((sum, n) => sum + n.totalMinor, 0) === invoice.totalMinor
  await reduceBalance(trx, invoice, { creditedMinor: invoice.creditedMinor + note.totalMinor }, now, onlyNotes ? 'invoice.credited' : 'invoice.paid')
}
