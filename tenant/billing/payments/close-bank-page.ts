/** Ends an attempt that waits for the customer's bank, at the gateway first: afterwards it can no longer succeed behind our back. */
import { OutsideError } from '../../../shared/errors.js'
import { clock } from '../../../shared/time/clock.js'
import { GatewayAccount } from './gateway-account.js'
import { Payment } from './payment.js'
import { settlePayment } from './settle-payment.js'

/** Returns the payment as it stands then: canceled, or succeeded when the customer was faster; still open when the gateway does not answer. */
export async function closeBankPage(payment: Payment, now = clock.now()): Promise<Payment> {
  if (payment.status !== 'requires_action' || payment.gatewayPaymentId === null) return payment
  const account = await GatewayAccount.findOwned({ id: payment.gatewayAccountId })
  try {
    return await settlePayment(payment, await account.open().cancelPayment(payment.gatewayPaymentId), now)
  } catch (error) {
    if (error instanceof OutsideError) return Payment.findOwned({ id: payment.id })
    throw error
  }
}
