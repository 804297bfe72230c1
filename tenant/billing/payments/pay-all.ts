/** Several invoices paid by one charge. Declined: none of them is paid. Sent twice from one form: one payment. */
import { isDuplicate } from '../../../shared/database/database-busy.js'
import { Refusal } from '../../../shared/errors.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { Money } from '../../../shared/money/money.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { clock } from '../../../shared/time/clock.js'
import type { Customer } from '../../customers/customer.js'
import { spendIfOpen } from '../credit/spend-credit.js'
import { Invoice } from '../invoices/invoice.js'
import { chargeable } from './chargeable.js'
import { outcomeOf, type ChargeOutcome, type PaymentSource } from './charge-invoice.js'
import { allocate, attempt, chargedFor } from './claim-attempt.js'
import { Payment } from './payment.js'
import { openAttemptsOn } from './payment-allocation.js'
import { sendAttempt } from './send-attempt.js'

/** The customer's invoices that can be paid together: open, in this currency, with nothing under way. The oldest first. */
export async function payableTogether(userId: number, currency: string): Promise<Invoice[]> {
  const open = await Invoice.query().where({ userId, currency, status: 'open' }).orderBy('dueAt').orderBy('id')
  const busy = await tenantTransaction((trx) => openAttemptsOn(trx, open.map((i) => i.id)))
  return open.filter((invoice) => !busy.has(invoice.id) && invoice.balance.isPositive())
}

/** `invoiceIds`: the rows chosen on the form. Throws Refusal when one of them cannot be paid any more; then nothing is charged. */
export async function payAll(customer: Customer, invoiceIds: readonly number[], source: PaymentSource, formKey: string, now = clock.now()): Promise<ChargeOutcome> {
  const payment = await claimAll(customer, invoiceIds, source, formKey, now)
  if (payment === 'too-small' || payment === 'nothing-due') return { kind: payment }
  return outcomeOf(payment.status === 'pending' ? await sendAttempt(payment) : payment)
}

type Claimed = Payment | 'too-small' | 'nothing-due'

async function claimAll(customer: Customer, invoiceIds: readonly number[], source: PaymentSource, formKey: string, now: Date): Promise<Claimed> {
  const idempotencyKey = `${currentTenant().uuid}:all:${customer.id}:${formKey.replaceAll(/[^\w-]/g, '').slice(0, 40)}`
  const again = () => Payment.query().findOne({ idempotencyKey, userId: customer.id })
  try {
    return (await again()) ?? (await tenantTransaction(() => claim(customer, invoiceIds, source, idempotencyKey, now)))
  } catch (error) {
    const first = isDuplicate(error) || error instanceof Refusal ? await again() : undefined // the other click of the same form was faster
    if (first) return first
    throw isDuplicate(error) ? new Refusal('payment.under-way', 'One of these invoices is being paid just now. Look at how it stands, then try again.') : error
  }
}

async function claim(customer: Customer, invoiceIds: readonly number[], source: PaymentSource, idempotencyKey: string, now: Date): Promise<Claimed> {
  const locked: Invoice[] = []
  for (const id of [...new Set(invoiceIds)].sort((a, b) => a - b)) {
    const invoice = await Invoice.query().findOne({ id, userId: customer.id }).forUpdate()
    if (!invoice || invoice.refusalToPay()) throw new Refusal('payment.changed', 'One of these invoices is not open any more. Nothing was charged: look at the list again.')
    locked.push(invoice)
  }
  const [first] = locked
  if (!first || locked.some(({ currency }) => currency !== first.currency)) throw new Refusal('payment.nothing-chosen', 'Choose invoices of one currency.')
  const parts = await afterCredit(locked, now)
  if (!parts.length) return 'nothing-due'
  const total = Money.sum(parts.map((p) => p.invoice.balance), first.currency)
  if (!(await chargeable(total, source))) return 'too-small'
  const payment = await Payment.query().insertAndFetch(attempt({
    userId: customer.id, invoiceId: parts.length === 1 ? parts[0]!.invoice.id : null, purpose: 'invoice', gatewayAccountId: source.gatewayAccountId, paymentMethodId: source.id, attemptNo: 1, idempotencyKey,
    amountMinor: (await chargedFor(total, source.gatewayAccountId)).minor, currency: total.currency, offSession: false,
  }, now))
  await allocate(payment, parts, now)
  return payment
}

/** What the customer's credit leaves of each: money that we hold is spent before any card is charged. All of them are locked. */
async function afterCredit(locked: readonly Invoice[], now: Date): Promise<Array<{ invoice: Invoice; amountMinor: number }>> {
  const parts: Array<{ invoice: Invoice; amountMinor: number }> = []
  for (const each of locked) {
    const invoice = await spendIfOpen(each, now)
    if (!invoice.refusalToPay()) parts.push({ invoice, amountMinor: invoice.balance.minor })
  }
  return parts
}
