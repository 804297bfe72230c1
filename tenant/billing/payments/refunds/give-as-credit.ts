/** A refund that failed leaves its money booked back. Instead of sending it once more, the customer gets it as credit: once for each refund that failed. */
import { Refusal, refuse } from '../../../../shared/errors.js'
import { tenantTransaction } from '../../../../shared/database/transaction.js'
import { Money } from '../../../../shared/money/money.js'
import { lockInvoicesOf } from '../apply-payment.js'
import { Payment } from '../payment.js'
import { refundPayment } from './refund-payment.js'
import { Refund } from './refund.js'

const keyOf = (refund: Refund): string => `as-credit:${refund.publicId}`

/** What the customer did not get: a part that had been taken out of the credit lies there again by itself. */
export const owedBy = (refund: Refund): Money => Money.of(refund.amountMinor - refund.fromCreditMinor, refund.currency)

/** Refunds of the same payment that were made after this one and did not fail. */
export const refundsSince = (refund: Refund): Promise<Refund[]> => Refund.query().where({ paymentId: refund.paymentId }).where('id', '>', refund.id).whereNot({ status: 'failed' }).then((found) => found)

/** Pure. `since`: refundsSince. What was given back since may be this very money: a person decides then. */
export function refusalToGiveAsCredit(refund: Refund, since: readonly Refund[]): Refusal | null {
  if (refund.status !== 'failed') return new Refusal('refund.not-failed', 'Only a refund that failed can be given as credit instead.')
  if (refund.ofCreditNote) return new Refusal('refund.kept', 'It belongs to a credit note: its money is the customer’s credit already.')
  if (!owedBy(refund).isPositive()) return new Refusal('refund.kept', 'Its money came from the customer’s credit and lies there again.')
  if (since.some((r) => r.idempotencyKey.endsWith(`:${keyOf(refund)}`))) return new Refusal('refund.given', 'It was given as credit already.')
  return since.length ? new Refusal('refund.given', 'Something of this payment was given back since. Look at the payment first.') : null
}

/** Throws Refusal, also those of refundPayment. Credit needs no gateway, so that looking and giving are one transaction under the payment's lock. */
export async function giveAsCredit(given: Refund): Promise<Refund> {
  return tenantTransaction(async () => {
    await lockInvoicesOf(given.paymentId)
    const payment = await Payment.query().findById(given.paymentId).forUpdate().throwIfNotFound()
    const refund = await Refund.query().findById(given.id).forUpdate().throwIfNotFound()
    refuse(refusalToGiveAsCredit(refund, await refundsSince(refund)))
    return refundPayment({ payment, amount: owedBy(refund), to: 'credit', reason: refund.reason, key: keyOf(refund) })
  })
}
