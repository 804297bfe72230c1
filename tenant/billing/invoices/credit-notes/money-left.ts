/**
 * How much of an invoice's money is still there to be given back. Money leaves an invoice by credit notes, by refunds without a note, by disputes that took it,
 * and by changes of subscriptions that credited a line of it. Whoever gives credit asks here, so that no cent comes back twice, in whatever order people do things.
 */
import { tenantDb } from '../../../../shared/database/tenant-database.js'
import { disputedOf } from '../../payments/disputes/disputed.js'
import { Dispute } from '../../payments/disputes/dispute.js'
import type { Payment } from '../../payments/payment.js'
import { partsOf, paymentsOfInvoice } from '../../payments/payment-allocation.js'
import { Refund } from '../../payments/refunds/refund.js'
import { carriedOnto } from '../carry-over.js'
import { Invoice } from '../invoice.js'
import { CreditNote } from './credit-note.js'

/** Minor units, zero or more. What was paid from credit counts as paid; what nobody has paid yet does not. */
export const moneyLeft = async (invoice: Invoice): Promise<number> => Math.max(0, await moneyBalance(invoice))

/** Below zero: so much of the money left after credit had been given for it. */
export async function moneyBalance(invoice: Invoice): Promise<number> {
  const covered = (await paidOn(invoice)) + (await broughtByChanges(invoice))
  return covered - (await notedOn(invoice)) - (await creditedByChanges(invoice)) - (await givenBackApart(invoice))
}

/** By money, credit and notes. What it took over from others is owed on top of its own total, and is not its own. */
async function paidOn(invoice: Invoice): Promise<number> {
  const [paid, carried] = [invoice.paidMinor + invoice.creditedMinor, await carriedOnto(invoice)]
  return carried > 0 ? Math.min(invoice.totalMinor, paid + carried) : paid
}

/** Minor units that more credit notes may take back, paid or not. A credit from a change that helped to pay it makes its total smaller, not what it sold. */
export async function leftToNote(invoice: Invoice): Promise<number> {
  return invoice.totalMinor + (await broughtByChanges(invoice)) - (await notedOn(invoice))
}

const notedOn = async (invoice: Invoice): Promise<number> => (await CreditNote.query().where({ invoiceId: invoice.id })).reduce((sum, note) => sum + note.totalMinor, 0)

/** Minor units of its payments that were refunded without a credit note, or are held or lost in a dispute. What was taken out of the customer's credit for that is not the invoice's. */
export async function givenBackApart(invoice: Invoice): Promise<number> {
  let sum = 0
  for (const { payment, appliedMinor } of await paymentsOfInvoice(invoice.id)) sum += Math.min(appliedMinor, (await refundedApart(payment)) + (await lostToDispute(payment)))
  return sum
}

/** How much of an amount that leaves a payment its invoices cannot bear: it was paid too much, or was given as credit before. */
export async function beyondInvoices(payment: Payment, amountMinor: number): Promise<number> {
  const invoices = new Map((await Invoice.query().whereIn('id', (await partsOf(payment.id)).map((part) => part.invoiceId))).map((invoice) => [invoice.id, invoice]))
  let borne = 0
  for (const { invoiceId, appliedMinor } of await partsOf(payment.id)) borne += Math.min(appliedMinor, await moneyLeft(invoices.get(invoiceId)!))
  return Math.max(0, amountMinor - borne)
}

async function refundedApart(payment: Payment): Promise<number> {
  const refunds = (await Refund.query().where({ paymentId: payment.id }).whereNot({ status: 'failed' })).filter((refund) => !refund.ofCreditNote)
  return refunds.reduce((sum, refund) => sum + refund.amountMinor - refund.fromCreditMinor, 0)
}

async function lostToDispute(payment: Payment): Promise<number> {
  const { minor } = await disputedOf(payment)
  if (minor === 0) return 0
  const fromCredit = (await Dispute.query().where({ paymentId: payment.id })).reduce((sum, dispute) => sum + dispute.creditTakenMinor, 0)
  return Math.max(0, minor - fromCredit)
}

const changeCredits = () => tenantDb()('invoice_lines as c').join('invoices as i', 'i.id', 'c.invoice_id').where('c.kind', 'change-credit').whereNull('c.released_at').whereNotIn('i.status', ['draft', 'void'])
  .sum({ sum: tenantDb().raw('-(c.net_minor + c.tax_minor)') }).first<{ sum: string | null }>()

/** Credited by changes for its lines, with tax, on whatever invoice that stands. */
async function creditedByChanges(invoice: Invoice): Promise<number> {
  const row = await changeCredits().join('invoice_lines as l', 'c.business_key', tenantDb().raw(`concat('sub:', l.subscription_id, ':change-credit:', l.id)`)).where('l.invoice_id', invoice.id)
  return Number(row.sum ?? 0)
}

/** Credits from changes that stand on it and so helped to pay it, from when it is paid. With tax. */
async function broughtByChanges(invoice: Invoice): Promise<number> {
  return invoice.status === 'paid' ? Number((await changeCredits().where('c.invoice_id', invoice.id)).sum ?? 0) : 0
}
