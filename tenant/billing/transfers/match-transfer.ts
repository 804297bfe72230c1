/** Says whose money a transfer is: one or several invoices, of one or several customers, the rest as credit. What was matched by mistake is taken back by reversing entries. */
import type { Knex } from 'knex'
import { refuse, Refusal } from '../../../shared/errors.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { record } from '../../../shared/events/record.js'
import { Money } from '../../../shared/money/money.js'
import { newPublicId } from '../../../shared/security/token.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { clock } from '../../../shared/time/clock.js'
import { Invoice } from '../invoices/invoice.js'
import { applyPayment } from '../payments/apply-payment.js'
import { allocate } from '../payments/claim-attempt.js'
import { sendReceipt } from '../payments/mailer.js'
import { openAttemptsOn } from '../payments/payment-allocation.js'
import { Payment } from '../payments/payment.js'
import { BankTransfer, paymentsFrom, unmatchedOf } from './bank-transfer.js'

/** For an invoice, or (without one) credit of this customer. An invoice names its customer by itself; named as well, it must be the same. */
export type TransferPart = { readonly invoiceId: number; readonly userId?: number; readonly amount: Money } | { readonly invoiceId?: null; readonly userId: number; readonly amount: Money }
interface OwnedPart { readonly userId: number; readonly invoiceId: number | null; readonly amount: Money }

/** One payment a customer. Throws Refusal when the parts are more than the transfer holds, or an invoice cannot be paid. */
export async function matchTransfer(given: BankTransfer, parts: readonly TransferPart[], now = clock.now()): Promise<Payment[]> {
  return tenantTransaction(async (trx) => {
    const transfer = await BankTransfer.query().findById(given.id).forUpdate().throwIfNotFound()
    refuse(await refusalToMatch(transfer, parts))
    const invoices = await lockInvoices(trx, parts)
    const owned = parts.map((p): OwnedPart => ({ invoiceId: p.invoiceId ?? null, userId: p.invoiceId ? invoices.get(p.invoiceId)!.userId : p.userId!, amount: p.amount }))
    const payments: Payment[] = []
    for (const userId of [...new Set(owned.map((p) => p.userId))].sort((a, b) => a - b)) payments.push(await bookFor(trx, transfer, userId, owned.filter((p) => p.userId === userId), invoices, now))
    await updateStatus(transfer)
    return payments
  })
}

async function refusalToMatch(transfer: BankTransfer, parts: readonly TransferPart[]): Promise<Refusal | null> {
  if (transfer.status === 'ignored') return new Refusal('transfer.ignored', 'This transfer is set aside. Take it back first.')
  if (!parts.length || parts.some((p) => !p.amount.isPositive() || p.amount.currency !== transfer.currency)) return new Refusal('transfer.parts', `Enter amounts above zero in ${transfer.currency}.`)
  const left = await unmatchedOf(transfer)
  return Money.sum(parts.map((p) => p.amount), transfer.currency).compare(left) > 0 ? new Refusal('transfer.too-much', `Only ${left.toString()} ${left.currency} of this transfer is left.`) : null
}

async function lockInvoices(trx: Knex.Transaction, parts: readonly TransferPart[]): Promise<Map<number, Invoice>> {
  const ids = [...new Set(parts.flatMap((p) => p.invoiceId ?? []))].sort((a, b) => a - b)
  const invoices = new Map<number, Invoice>()
  for (const id of ids) invoices.set(id, await Invoice.query().findById(id).forUpdate().throwIfNotFound())
  const busy = await openAttemptsOn(trx, ids)
  for (const part of parts) {
    const invoice = part.invoiceId ? invoices.get(part.invoiceId) : undefined
    if (!invoice) continue
    refuse(invoice.refusalToPay())
    if ((part.userId !== undefined && invoice.userId !== part.userId) || invoice.currency !== part.amount.currency) throw new Refusal('transfer.foreign', `Invoice ${invoice.label} is another customer’s, or in another currency.`)
    if (busy.has(invoice.id)) throw new Refusal('transfer.being-paid', `A payment for invoice ${invoice.label} is under way. Wait for its result.`)
  }
  return invoices
}

async function bookFor(trx: Knex.Transaction, transfer: BankTransfer, userId: number, parts: readonly OwnedPart[], invoices: ReadonlyMap<number, Invoice>, now: Date): Promise<Payment> {
  const amount = Money.sum(parts.map((p) => p.amount), transfer.currency)
  const [paid, no] = [parts.filter((p) => p.invoiceId !== null), (await paymentsFrom(transfer.id)).length + 1]
  const payment = await Payment.query().insertAndFetch({
    publicId: newPublicId(), userId, invoiceId: paid.length === 1 ? paid[0]!.invoiceId : null, purpose: paid.length ? 'invoice' : 'top-up', gatewayAccountId: null, paymentMethodId: null, bankTransferId: transfer.id, attemptNo: 1,
    idempotencyKey: `${currentTenant().uuid}:transfer:${transfer.id}:${no}`, amountMinor: amount.minor, currency: amount.currency, status: 'succeeded', offSession: false, checks: 0, settledAt: now, createdAt: now,
  })
  await allocate(payment, paid.map((p) => ({ invoice: invoices.get(p.invoiceId!)!, amountMinor: p.amount.minor })), now)
  await applyPayment(trx, payment, now)
  await record('payment.succeeded', payment, { invoiceId: payment.invoiceId, purpose: payment.purpose, amountMinor: amount.minor, currency: amount.currency, transferId: transfer.id }, { userId })
  await sendReceipt(payment)
  return payment
}

export async function updateStatus(transfer: BankTransfer): Promise<void> {
  const left = await unmatchedOf(transfer)
  await transfer.$query().patch({ status: left.isZero() ? 'matched' : left.equals(transfer.amount) ? 'unmatched' : 'partly' })
}

/** Not a customer's payment, or looked at again. Throws Refusal when something of it is matched, or nothing is to be taken back. */
export async function setAside(given: BankTransfer, ignored: boolean, note: string | null): Promise<void> {
  await tenantTransaction(async () => {
    const transfer = await BankTransfer.query().findById(given.id).forUpdate().throwIfNotFound()
    refuse(ignored ? transfer.refusalToSetAside() : transfer.refusalToTakeBack())
    await transfer.$query().patch({ status: ignored ? 'ignored' : 'unmatched', note })
    await record(ignored ? 'transfer.set-aside' : 'transfer.taken-back', transfer, { note })
  })
}
