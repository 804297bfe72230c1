/**
 * Takes lines off an issued invoice, whole or but for what was used, however far its payment has come: unpaid, it is voided and made anew; paid in part, credit notes
 * take back first what is left to pay, then what was paid, which becomes credit. So a customer can always leave. While a payment is under way it waits for the result.
 */
import type { Knex } from 'knex'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { createCreditNote } from '../invoices/credit-notes/create-credit-note.js'
import { moneyLeft } from '../invoices/credit-notes/money-left.js'
import { restsOf } from '../invoices/credit-notes/quote-credit-note.js'
import type { NewLine } from '../invoices/draft-invoice.js'
import { Invoice } from '../invoices/invoice.js'
import type { InvoiceLine } from '../invoices/invoice-line.js'
import { drawNumber } from '../invoices/number-series/number-series.js'
import { openAttempts, spentCredit } from '../invoices/void-invoice.js'
import { restOf } from './proration.js'
import { rebillOpen } from './rebill-open.js'

export interface TakenLine {
  readonly line: InvoiceLine
  /** Of an unpaid invoice: what stands there instead. Empty: the line goes as a whole, and what it bills may be billed again. */
  readonly by: readonly NewLine[]
  /** Its time before this instant was used and stays owed. Null: none of it was. */
  readonly usedUntil: Date | null
}

/** Inside the caller's transaction. False: a payment is under way, nothing was done; ask again when it has ended. */
export async function takeOff(given: Invoice, lines: readonly TakenLine[], reason: string, now: Date): Promise<boolean> {
  return tenantTransaction(async (trx) => {
    const invoice = await Invoice.query().findById(given.id).forUpdate().throwIfNotFound()
    if (await openAttempts(invoice)) return false
    const unpaid = invoice.refusalToVoid(0, await spentCredit(invoice)) === null
    if (unpaid) await rebillOpen(invoice, new Map(lines.map(({ line, by }) => [line.id, by])), reason, now)
    else await noteOff(trx, invoice, lines, reason, now)
    return true
  })
}

interface Part { readonly lineId: number; readonly amountMinor: number }

async function noteOff(trx: Knex.Transaction, invoice: Invoice, lines: readonly TakenLine[], reason: string, now: Date): Promise<void> {
  // A proforma of which something was paid is an invoice: there is money to account for.
  if (invoice.isProforma) await invoice.$query().patch({ number: await drawNumber(trx, 'invoice'), issuedAt: now })
  const left = new Map((await restsOf(invoice)).map(({ line, rest }) => [line.id, rest.totalMinor]))
  const wanted = lines.map(({ line, usedUntil }) => ({ line, minor: Math.max(0, Math.min(left.get(line.id)!, notUsed(line, usedUntil))) }))
  await releaseLines(trx, invoice, wanted.filter(({ line, minor }, i) => minor === left.get(line.id) && !lines[i]!.by.length).map(({ line }) => line), now)
  const unpaid = upTo(invoice.balance.minor, wanted.map(({ line, minor }) => ({ lineId: line.id, amountMinor: minor })))
  const key = `taken-off:${invoice.id}:${lines[0]!.line.id}`
  if (unpaid.length) await createCreditNote({ invoice, lines: unpaid, reason, to: 'invoice', key: `${key}:unpaid` }, now)
  const noted = new Map(unpaid.map((part) => [part.lineId, part.amountMinor]))
  const after = await Invoice.findOwned<Invoice>({ id: invoice.id })
  const paid = upTo(await moneyLeft(after), wanted.map(({ line, minor }) => ({ lineId: line.id, amountMinor: minor - (noted.get(line.id) ?? 0) })))
  if (paid.length) await createCreditNote({ invoice: after, lines: paid, reason, to: 'balance', key: `${key}:paid` }, now)
}

const notUsed = ({ totalMinor, periodStart, periodEnd }: InvoiceLine, usedUntil: Date | null): number =>
  usedUntil && periodStart && periodEnd ? restOf(totalMinor, { start: periodStart, end: periodEnd }, usedUntil) : totalMinor

/** The parts in order, as far as the amount reaches. */
function upTo(amountMinor: number, parts: readonly Part[]): Part[] {
  let left = amountMinor
  return parts.flatMap((part) => {
    const taken = Math.min(left, part.amountMinor)
    left -= taken
    return taken > 0 ? [{ ...part, amountMinor: taken }] : []
  })
}

/** What they bill may be billed again, with the coupons that they used. */
async function releaseLines(trx: Knex.Transaction, invoice: Invoice, lines: readonly InvoiceLine[], now: Date): Promise<void> {
  if (!lines.length) return
  await trx('invoice_lines').whereIn('id', lines.map((line) => line.id)).update({ released_at: now, business_key: trx.raw(`concat(business_key, '~', id)`) })
  for (const { subscriptionId, periodStart } of lines) {
    if (subscriptionId && periodStart) await trx('coupon_applications').where({ invoice_id: invoice.id, subscription_id: subscriptionId, period_start: periodStart }).whereNull('released_at').update({ released_at: now })
  }
}
