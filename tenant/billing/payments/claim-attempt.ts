/** The first half of a payment: the attempt row, committed before anybody outside is asked. One open attempt per invoice (unique index). */
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { newPublicId } from '../../../shared/security/token.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { Invoice } from '../invoices/invoice.js'
import { openStatuses, Payment } from './payment.js'
import type { PaymentMethod } from './payment-method.js'

/** The open attempt of an invoice, or null. */
export async function openAttemptOf(invoiceId: number): Promise<Payment | null> {
  return (await Payment.query().where({ invoiceId }).whereIn('status', [...openStatuses]).first()) ?? null
}

export type Claim =
  /** Ours: send it. */
  | { kind: 'claimed'; payment: Payment }
  /** Somebody's attempt is open. */
  | { kind: 'taken'; payment: Payment }
  /** Nothing to pay (any more). */
  | { kind: 'nothing-due' }
  /** There was another attempt since the caller looked. */
  | { kind: 'moved' }

/** Number of the invoice's last attempt; 0 before the first. */
export async function lastAttemptNo(invoiceId: number): Promise<number> {
  return (await Payment.query().where({ invoiceId }).orderBy('attemptNo', 'desc').first())?.attemptNo ?? 0
}

/** Claims the whole balance of the invoice as it is now, under its lock. `after`: only if this is still the last attempt, so that a choice made on old facts is not carried out. */
export async function claimAttempt(invoiceId: number, method: PaymentMethod, offSession: boolean, now: Date, after?: number): Promise<Claim> {
  return tenantTransaction(async () => {
    const invoice = await Invoice.query().findById(invoiceId).forUpdate().throwIfNotFound()
    const open = await openAttemptOf(invoiceId)
    if (open) return { kind: 'taken', payment: open }
    if (invoice.refusalToPay()) return { kind: 'nothing-due' }
    const last = await lastAttemptNo(invoiceId)
    if (after !== undefined && last !== after) return { kind: 'moved' }
    const attemptNo = last + 1
    const payment = await Payment.query().insertAndFetch(attempt({
      userId: invoice.userId, invoiceId, purpose: 'invoice', gatewayAccountId: method.gatewayAccountId, paymentMethodId: method.id, attemptNo, idempotencyKey: `${currentTenant().uuid}:inv:${invoice.id}:${attemptNo}`,
      amountMinor: invoice.balance.minor, currency: invoice.currency, offSession,
    }, now))
    return { kind: 'claimed', payment }
  })
}

type Facts = Pick<Payment, 'userId' | 'invoiceId' | 'purpose' | 'gatewayAccountId' | 'paymentMethodId' | 'attemptNo' | 'idempotencyKey' | 'amountMinor' | 'currency' | 'offSession'>

/** A new row: `pending`, and looked at by the sweeper if we should die before the gateway answers. */
export const attempt = (facts: Facts, now: Date) => ({ ...facts, publicId: newPublicId(), status: 'pending' as const, checks: 0, nextCheckAt: Payment.nextLook(0, now), createdAt: now })
