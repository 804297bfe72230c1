/** Credit comes in: from a top-up that a gateway has taken, or as a gift of staff. Either way it pays open invoices at once, oldest first. */
import type { Knex } from 'knex'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { record } from '../../../shared/events/record.js'
import type { Money } from '../../../shared/money/money.js'
import { clock } from '../../../shared/time/clock.js'
import { Invoice } from '../invoices/invoice.js'
import { accounts, type LedgerAccount } from '../ledger-accounts.js'
import { lockBalances, post } from '../ledger.js'
import { spendCreditOnInvoice } from './spend-credit.js'

/** Given by staff or by the demo. `key` makes it happen once, e.g. `welcome:7`. Returns false when that key was given before. */
export async function addCredit(gift: { userId: number; amount: Money; key: string; description: string }, now = clock.now()): Promise<boolean> {
  if (!gift.amount.isPositive()) throw new RangeError('Credit must be more than nothing.')
  return tenantTransaction((trx) => bookCredit(trx, { ...gift, key: `credit:${gift.key}`, from: [{ account: accounts.grants(), amountMinor: gift.amount.minor }], now }))
}

/** Money of a succeeded top-up payment. Called by the payment verbs inside their settling transaction; once per payment. */
export async function bookTopUp(trx: Knex.Transaction, topUp: { userId: number; paymentId: number; gatewayAccountId: number | null; amount: Money; occurredAt: Date }): Promise<boolean> {
  const { userId, amount, paymentId, occurredAt } = topUp
  return bookCredit(trx, { userId, amount, key: `payment:${paymentId}:succeeded`, description: 'Credit added', from: [{ account: accounts.cash(topUp.gatewayAccountId), amountMinor: amount.minor }], paymentId, now: occurredAt })
}

export interface IncomingCredit {
  readonly userId: number
  /** More than nothing. */
  readonly amount: Money
  /** The ledger's business key: it comes in once. */
  readonly key: string
  readonly description: string
  /** Where it comes from; adds up to the amount. */
  readonly from: ReadonlyArray<{ account: LedgerAccount; amountMinor: number; invoiceId?: number | null }>
  readonly paymentId?: number | null
  readonly now: Date
}

/** In the caller's transaction; who also locks an invoice or a balance locks the customer's open invoices first. False when this key was booked before. */
export async function bookCredit(trx: Knex.Transaction, { userId, amount, key, description, from, paymentId = null, now }: IncomingCredit): Promise<boolean> {
  const open = await Invoice.query().where({ userId, status: 'open', currency: amount.currency }).orderBy('issuedAt').orderBy('id').forUpdate()
  if (open.length) await lockBalances(trx, [...from.map((f) => f.account), accounts.credit(userId), accounts.receivable(userId)], amount.currency)
  const booked = await post(trx, {
    key, description, occurredAt: now, currency: amount.currency,
    entries: [...from.map((f) => ({ ...f, paymentId })), { account: accounts.credit(userId), amountMinor: -amount.minor, paymentId }],
  })
  if (!booked) return false
  await record('credit.added', { type: 'users', id: userId }, { amountMinor: amount.minor, currency: amount.currency, description }, { userId })
  for (const invoice of open) await spendCreditOnInvoice(invoice, now)
  return true
}
