/** Takes back what was billed: the note, its part of revenue and tax, and where the money goes, in one transaction. */
import type { Knex } from 'knex'
import { tenantTransaction } from '../../../../shared/database/transaction.js'
import { record } from '../../../../shared/events/record.js'
import { newPublicId } from '../../../../shared/security/token.js'
import { clock } from '../../../../shared/time/clock.js'
import { bookCredit } from '../../credit/add-credit.js'
import { accounts } from '../../ledger-accounts.js'
import { lockBalances, post } from '../../ledger.js'
import { merged, taxEntries, type Entry } from '../book-invoice.js'
import { CreditNote, CreditNoteLine } from './credit-note.js'
import { Invoice } from '../invoice.js'
import { drawNumber } from '../number-series/number-series.js'
import { quoteCreditNote, type NewCreditNote, type QuotedPart } from './quote-credit-note.js'
import { reduceBalance } from '../settle-invoice-payment.js'

export type { NewCreditNote } from './quote-credit-note.js'

/** Throws Refusal when more is taken back than there is, or than was paid where money is to go back. Repeating it with the same key gives the same note. */
export async function createCreditNote(wish: NewCreditNote, now = clock.now()): Promise<CreditNote> {
  return tenantTransaction(async (trx) => {
    const invoice = await Invoice.query().findById(wish.invoice.id).forUpdate().throwIfNotFound()
    const known = await CreditNote.query().findOne({ businessKey: wish.key })
    if (known) return known
    const { parts, net, tax, total, paymentId } = await quoteCreditNote({ ...wish, invoice })
    const note = await CreditNote.query().insertAndFetch({
      publicId: newPublicId(), businessKey: wish.key, invoiceId: invoice.id, userId: invoice.userId, currency: invoice.currency, destination: wish.to,
      paymentId, reason: wish.reason.slice(0, 255),
      netMinor: net.minor, taxMinor: tax.minor, totalMinor: total.minor, seller: invoice.seller!, buyer: invoice.buyer!, issuedAt: now,
    })
    for (const [sortOrder, { line, amounts }] of parts.entries()) await CreditNoteLine.query().insert({
      ...amounts, taxes: [...amounts.taxes], creditNoteId: note.id, invoiceLineId: line.id, description: line.description, sortOrder,
    })
    await record('credit-note.issued', note, {
      invoiceId: invoice.id, totalMinor: total.minor, currency: note.currency, to: note.destination, reason: note.reason,
    }, { userId: note.userId })
    await book(trx, note, invoice, parts, now)
    return CreditNote.query().patchAndFetchById(note.id, { number: await drawNumber(trx, 'credit-note') })
  })
}

async function book(trx: Knex.Transaction, note: CreditNote, invoice: Invoice, parts: readonly QuotedPart[], now: Date): Promise<void> {
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
