/** The slow half of a refund: asks the gateway with the row's own key, then settles. Safe to repeat: the key allows one refund. */
import { OutsideError } from '../../../../shared/errors.js'
import { alert } from '../../../../shared/alerts/alert.js'
import { tenantTransaction } from '../../../../shared/database/transaction.js'
import type { GatewayRefund } from '../../../../shared/payments/gateway-refunds.js'
import { currentTenant } from '../../../../shared/tenancy/context.js'
import { clock } from '../../../../shared/time/clock.js'
import { GatewayAccount } from '../gateways/gateway-account.js'
import { Payment } from '../payment.js'
import { nextLook } from '../looks.js'
import { Refund } from './refund.js'
import { failRefund, succeedRefund } from './settle-refund.js'

/** Sends a `pending` or `unknown` refund. Returns the row as it stands then. */
export async function sendRefund(refund: Refund): Promise<Refund> {
  const payment = await Payment.findOwned({ id: refund.paymentId })
  if (payment.gatewayAccountId === null || payment.gatewayPaymentId === null) return refund
  const account = await GatewayAccount.findOwned({ id: payment.gatewayAccountId })
  const { uuid } = currentTenant()
  try {
    const answer = await account.open().refund({
      key: refund.idempotencyKey, paymentId: payment.gatewayPaymentId, amountMinor: refund.amountMinor, currency: refund.currency, marks: { tenant: uuid, attempt: payment.publicId, refund: refund.publicId },
    })
    return await followRefund(refund, answer)
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    return noteTrouble(refund, error)
  }
}

/** Brings our row to where the gateway's refund stands. Safe to repeat, in any order. A refund of another amount is booked by nobody. */
export async function followRefund(given: Refund, answer: GatewayRefund, now = clock.now()): Promise<Refund> {
  const wrong = answer.amountMinor !== given.amountMinor || (given.gatewayRefundId !== null && given.gatewayRefundId !== answer.id)
  if (wrong) await alert({ level: 'error', title: 'A refund does not match', message: 'The gateway has another amount or id than we have. Nothing was booked.', fields: { refund: given.publicId, gateway: answer.id } })
  return tenantTransaction(async (trx) => {
    const payment = await Payment.query().findById(given.paymentId).forUpdate().throwIfNotFound()
    const refund = await Refund.query().findById(given.id).forUpdate().throwIfNotFound()
    if (wrong) return refund
    if (answer.status === 'succeeded' && refund.isOpen) await succeedRefund(trx, refund, payment, answer.id, now)
    else if (answer.status === 'pending' && (refund.status === 'pending' || refund.status === 'unknown')) await refund.become('processing', { gatewayRefundId: answer.id, checks: 1, nextCheckAt: nextLook(1, now) })
    else if ((answer.status === 'failed' || answer.status === 'canceled') && refund.status !== 'failed') {
      await Refund.query().patch({ gatewayRefundId: answer.id }).where({ id: refund.id })
      await failRefund(trx, refund, payment, 'The bank did not take the refund.', now)
    }
    return refund
  })
}

async function noteTrouble(given: Refund, error: OutsideError): Promise<Refund> {
  const now = clock.now()
  return tenantTransaction(async (trx) => {
    const payment = await Payment.query().findById(given.paymentId).forUpdate().throwIfNotFound()
    const refund = await Refund.query().findById(given.id).forUpdate().throwIfNotFound()
    if (refund.status !== 'pending' && refund.status !== 'unknown') return refund
    if (error.unknown || error.retryable || error.code === 'idempotency_key_in_use') {
      if (refund.status === 'pending' && error.unknown) await refund.become('unknown', { nextCheckAt: nextLook(0, now) })
      return refund
    }
    if (refund.status === 'pending') await failRefund(trx, refund, payment, 'The payment provider refused the refund.', now)
    return refund
  })
}
