/** Ends an attempt that waits for the customer's bank, at the gateway first: afterwards it can no longer succeed behind our back. */
import { OutsideError } from '../../../shared/errors.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { clock } from '../../../shared/time/clock.js'
import { GatewayAccount } from './gateways/gateway-account.js'
import { alone } from './one-at-a-time.js'
import { Payment } from './payment.js'
import { endWithout, settlePayment } from './settle-payment.js'

/** Returns the payment as it stands then: canceled, or succeeded when the customer was faster; still open when the gateway does not answer. */
export async function closeBankPage(given: Payment, now = clock.now()): Promise<Payment> {
  return given.status === 'requires_action' ? alone(given, (payment) => close(payment, now)) : given
}

async function close(payment: Payment, now: Date): Promise<Payment> {
  if (payment.status !== 'requires_action' || payment.gatewayPaymentId === null) return payment
  const account = await GatewayAccount.findOwned({ id: payment.gatewayAccountId })
  try {
    return await settlePayment(payment, await account.open().cancelPayment(payment.gatewayPaymentId), now)
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    return error.code === 'resource_missing' ? endForgotten(payment, now) : Payment.findOwned({ id: payment.id })
  }
}

/** PayPal forgets orders that nobody approved for some hours: they cannot succeed any more. */
async function endForgotten(given: Payment, now: Date): Promise<Payment> {
  return tenantTransaction(async () => {
    const payment = await Payment.query().findById(given.id).forUpdate().throwIfNotFound()
    if (payment.status === 'requires_action') await endWithout(payment, 'canceled', 'expired', 'The payment was not approved in time.', now)
    return payment
  })
}
