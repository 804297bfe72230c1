/** Credit that came back pays what is open. Whatever brings credit in by itself does so at once; these ways return it. Handed to tenant/reactions.ts. */
import { on } from '../../../shared/events/reactions.js'
import { spendCreditOf } from './spend-credit.js'

/** A void invoice gives its credit back, a failed refund is kept, an invoice is owed again, a disputed top-up was won, a payment brought too much or was declined. */
const returning = ['invoice.voided', 'invoice.reopened', 'payment.refunded', 'payment.refund-failed', 'payment.succeeded', 'payment.failed', 'payment.canceled', 'dispute.won', 'dispute.closed'] as const

export function registerCreditReactions(): void {
  for (const type of returning) on(type, 'pay open invoices from credit', ({ userId }) => (userId === null ? Promise.resolve() : spendCreditOf(userId)))
}
