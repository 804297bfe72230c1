/**
 * The first half of a payment: the attempt row, committed before anybody outside is asked. One open attempt per invoice, whether it pays this invoice alone
 * or several at once: the open marker of `payment_allocations` is a unique index. Invoices are locked in ascending id.
 */
import { tenantTransaction } from '../../../shared/database/transaction.js'
import type { Money } from '../../../shared/money/money.js'
import { newPublicId } from '../../../shared/security/token.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { spendCreditOnInvoice } from '../credit/spend-credit.js'
import { Invoice } from '../invoices/invoice.js'
import { chargeable } from './chargeable.js'
import { nextLook } from './looks.js'
import { GatewayAccount } from './gateways/gateway-account.js'
import { Payment } from './payment.js'
import { PaymentAllocation } from './payment-allocation.js'

/** The open attempt of an invoice, or null. */
export async function openAttemptOf(invoiceId: number): Promise<Payment | null> {
  const part = await PaymentAllocation.query().findOne({ openInvoiceId: invoiceId })
  return part ? Payment.findOwned({ id: part.paymentId }) : null
}

export type Claim =
  /** Ours: send it. */
  | { kind: 'claimed'; payment: Payment }
  /** Somebody's attempt is open. */
  | { kind: 'taken'; payment: Payment }
  /** Nothing to pay (any more). */
  | { kind: 'nothing-due' }
  /** The gateway takes no amount this small. */
  | { kind: 'too-small' }
  /** There was another attempt since the caller looked. */
  | { kind: 'moved' }

/** Number of the invoice's last attempt; 0 before the first. */
export async function lastAttemptNo(invoiceId: number): Promise<number> {
  return (await PaymentAllocation.query().where({ invoiceId }).orderBy('attemptNo', 'desc').first())?.attemptNo ?? 0
}

/** What this source is asked for: the amount, or the gateway's next step above it (dinars in tens of fils). The difference becomes credit when the payment is booked. */
export async function chargedFor(amount: Money, gatewayAccountId: number | null): Promise<Money> {
  if (gatewayAccountId === null) return amount
  return amount.inSteps((await GatewayAccount.findOwned({ id: gatewayAccountId })).stepOf(amount.currency))
}

/** Claims what the customer's credit leaves of the invoice, under its lock: money that we hold is spent before any card is charged. `after`: only if this is still the last attempt, so that a choice made on old facts is not carried out. */
export async function claimAttempt(invoiceId: number, method: { readonly id: number | null; readonly gatewayAccountId: number }, offSession: boolean, now: Date, after?: number): Promise<Claim> {
  return tenantTransaction(async () => {
    const owed = await Invoice.query().findById(invoiceId).forUpdate().throwIfNotFound()
    const open = await openAttemptOf(invoiceId)
    if (open) return { kind: 'taken', payment: open }
    if (owed.refusalToPay()) return { kind: 'nothing-due' }
    const last = await lastAttemptNo(invoiceId)
    if (after !== undefined && last !== after) return { kind: 'moved' }
    await spendCreditOnInvoice(owed, now)
    const invoice = await Invoice.query().findById(invoiceId).throwIfNotFound()
    if (invoice.refusalToPay()) return { kind: 'nothing-due' }
    if (!(await chargeable(invoice.balance, method))) return { kind: 'too-small' }
    const payment = await Payment.query().insertAndFetch(attempt({
      userId: invoice.userId, invoiceId, purpose: 'invoice', gatewayAccountId: method.gatewayAccountId, paymentMethodId: method.id, attemptNo: last + 1,
      idempotencyKey: `${currentTenant().uuid}:inv:${invoice.id}:${last + 1}`, amountMinor: (await chargedFor(invoice.balance, method.gatewayAccountId)).minor, currency: invoice.currency, offSession,
    }, now))
    await allocate(payment, [{ invoice, amountMinor: invoice.balance.minor }], now)
    return { kind: 'claimed', payment }
  })
}

/** Writes down what the payment is for; the invoices are locked by the caller. A marker that is taken is a duplicate key (errno 1062). */
export async function allocate(payment: Payment, parts: ReadonlyArray<{ invoice: Pick<Invoice, 'id'>; amountMinor: number }>, now: Date): Promise<void> {
  for (const { invoice, amountMinor } of parts) {
    await PaymentAllocation.query().insert({ paymentId: payment.id, invoiceId: invoice.id, attemptNo: (await lastAttemptNo(invoice.id)) + 1, amountMinor, appliedMinor: 0, isOpen: payment.isOpen, createdAt: now })
  }
}

type Facts = Pick<Payment, 'userId' | 'invoiceId' | 'purpose' | 'gatewayAccountId' | 'paymentMethodId' | 'attemptNo' | 'idempotencyKey' | 'amountMinor' | 'currency' | 'offSession'>

/** A new row: `pending`, and looked at by the sweeper if we should die before the gateway answers. */
export const attempt = (facts: Facts, now: Date) => ({ ...facts, publicId: newPublicId(), status: 'pending' as const, checks: 0, nextCheckAt: nextLook(0, now), createdAt: now })
