/** What a credit note would take back, and whether it may: asked by the preview and by the note itself. Writes nothing. */
import { Refusal, refuse } from '../../../../shared/errors.js'
import { Money } from '../../../../shared/money/money.js'
import { refundablePaymentsOf } from '../../payments/refunds/refund-payment.js'
import { CreditNoteLine, type CreditDestination } from './credit-note.js'
import { InvoiceLine } from '../invoice-line.js'
import type { Invoice } from '../invoice.js'
import { leftToNote, moneyLeft } from './money-left.js'
import { restOf, takeBack, type Amounts } from './take-back.js'
import { openAttempts } from '../void-invoice.js'

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

export interface QuotedPart { readonly line: InvoiceLine; readonly amounts: Amounts }
export interface QuotedNote {
  readonly parts: readonly QuotedPart[]
  readonly net: Money
  readonly tax: Money
  readonly total: Money
  /** The payment to refund, for a note to the source. */
  readonly paymentId: number | null
}

/** Throws Refusal when more is taken back than there is, or than was paid where money is to go back. */
export async function quoteCreditNote(wish: NewCreditNote): Promise<QuotedNote> {
  const { invoice } = wish
  refuse(invoice.refusalToCredit())
  const parts = await partsOf(invoice, wish)
  const sum = (pick: (a: Amounts) => number): Money => Money.of(parts.reduce((all, p) => all + pick(p.amounts), 0), invoice.currency)
  const total = sum((a) => a.totalMinor)
  return { parts, net: sum((a) => a.netMinor), tax: sum((a) => a.taxMinor), total, paymentId: await assertPossible(invoice, wish, total.minor) }
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

async function partsOf(invoice: Invoice, wish: NewCreditNote): Promise<QuotedPart[]> {
  const rests = await restsOf(invoice)
  if (wish.lines === 'rest') return rests.filter((r) => r.rest.totalMinor !== 0).map(({ line, rest }) => ({ line, amounts: rest }))
  if (new Set(wish.lines.map((l) => l.lineId)).size < wish.lines.length) throw new Refusal('credit-note.line', 'A line is named twice.')
  return wish.lines.map(({ lineId, amountMinor }) => {
    const found = rests.find((r) => r.line.id === lineId)
    if (!found) throw new Refusal('credit-note.line', 'This line does not stand on this invoice.')
    const most = Money.of(Math.max(0, found.rest.totalMinor), invoice.currency)
    if (!Number.isSafeInteger(amountMinor) || amountMinor <= 0 || amountMinor > most.minor) throw new Refusal('credit-note.too-much', `At most ${most.toString()} ${most.currency} can be taken back for “${found.line.description}”.`)
    return { line: found.line, amounts: takeBack(found.whole, found.earlier, amountMinor, invoice.currency) }
  })
}

async function assertPossible(invoice: Invoice, wish: NewCreditNote, total: number): Promise<number | null> {
  if (total <= 0) throw new Refusal('credit-note.nothing', 'Nothing is left to take back on this invoice.')
  const most = await leftToNote(invoice)
  const text = (minor: number): string => `${Money.of(Math.max(0, minor), invoice.currency).toString()} ${invoice.currency}`
  if (total > most) throw new Refusal('credit-note.too-much', `Only ${text(most)} of this invoice can still be taken back.`)
  if (wish.to === 'invoice') {
    if (await openAttempts(invoice)) throw new Refusal('invoice.being-paid', 'A payment for this invoice is under way. Wait for its result.')
    if (total > invoice.balance.minor) throw new Refusal('credit-note.paid', `Only ${text(invoice.balance.minor)} is left to pay. Give what was paid back as credit or to where it came from.`)
    return null
  }
  const left = await moneyLeft(invoice)
  if (total > left) throw new Refusal('credit-note.unpaid', `Only ${text(left)} of this invoice is paid and was not given back yet.`)
  return wish.to === 'source' ? paymentFor(invoice, wish, total) : null
}

async function paymentFor(invoice: Invoice, wish: NewCreditNote, total: number): Promise<number> {
  const able = (await refundablePaymentsOf(invoice.id)).filter((p) => p.refundable.minor >= total && (!wish.paymentId || p.payment.id === wish.paymentId))
  if (!able[0]) throw new Refusal('credit-note.no-payment', 'No payment of this invoice holds that much. Take back less at a time, or give it as credit.')
  return able[0].payment.id
}
