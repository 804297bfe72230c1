/** Our payments as PayPal's orders: charged to a saved account or approved by the customer, captured once, or given up. Always `intent: CAPTURE`. */
import type { PaypalWallet } from '@paypal/paypal-server-sdk'
import type { ChargeRequest, CheckoutRequest, GatewayPayment } from './gateway-charges.js'
import { paypalMoney } from './paypal-amounts.js'
import { isDecline, isTokenGone, orderPayment, paypalFailure, refusedPayment } from './paypal-answers.js'
import { WHOLE, type AskPaypal, type PaypalApi } from './paypal-client.js'
import { PaypalError } from './paypal-errors.js'
import { customId, givenUp, invoiceId, orderMarks, requestId } from './paypal-marks.js'

/** A refusal is an answer. Off session it succeeds at once or never. */
export async function chargeByOrder(ask: AskPaypal, request: ChargeRequest): Promise<GatewayPayment> {
  try {
    return offSessionOnly(request, await orderFor(ask, request, ({ sdk }) => ({
      vaultId: request.methodId,
      storedCredential: {
        paymentInitiator: request.offSession ? sdk.PaymentInitiator.Merchant : sdk.PaymentInitiator.Customer, usage: sdk.StoredPaymentSourceUsageType.Subsequent, usagePattern: sdk.UsagePattern.UnscheduledPostpaid,
      },
      ...(request.offSession ? {} : { experienceContext: { returnUrl: request.returnUrl, cancelUrl: request.returnUrl } }),
    })))
  } catch (error) {
    if (!(error instanceof PaypalError)) throw error
    if (isDecline(error)) return refusedPayment(request, error.problem.issue)
    if (isTokenGone(error)) return refusedPayment(request, 'PAYMENT_TOKEN_NOT_FOUND')
    throw error
  }
}

/** Nobody is there to approve: this attempt is over, and we never capture its order. */
function offSessionOnly(request: ChargeRequest, payment: GatewayPayment): GatewayPayment {
  if (!request.offSession || payment.status !== 'requires_action') return payment
  return { ...payment, status: 'failed', actionUrl: null, failure: paypalFailure('PAYER_ACTION_REQUIRED') }
}

/** An order that waits for the customer at PayPal. */
export function orderToApprove(ask: AskPaypal, request: CheckoutRequest): Promise<GatewayPayment> {
  return orderFor(ask, request, ({ sdk }) => ({
    experienceContext: {
      brandName: request.brandName.slice(0, 127), returnUrl: request.returnUrl, cancelUrl: request.cancelUrl, shippingPreference: sdk.PaypalWalletContextShippingPreference.NoShipping, userAction: sdk.PaypalExperienceUserAction.PayNow,
    },
  }))
}

async function orderFor(ask: AskPaypal, request: Omit<CheckoutRequest, 'cancelUrl' | 'brandName'>, wallet: (api: PaypalApi) => PaypalWallet): Promise<GatewayPayment> {
  const unit = {
    referenceId: 'default', amount: paypalMoney(request.amountMinor, request.currency), customId: customId(request.marks, request.customerId), invoiceId: invoiceId(request.marks), description: request.description.slice(0, 127),
  }
  return orderPayment(await ask((api) => api.orders.createOrder({
    paypalRequestId: requestId(request.key), prefer: WHOLE, body: { intent: api.sdk.CheckoutPaymentIntent.Capture, purchaseUnits: [unit], paymentSource: { paypal: wallet(api) } },
  })))
}

/** Takes the money of an approved order, once; any other is only looked at. */
export async function captureOrder(ask: AskPaypal, id: string): Promise<GatewayPayment> {
  const order = await ask((api) => api.orders.getOrder({ id }))
  const now = orderPayment(order)
  if (order.status !== 'APPROVED' || now.status !== 'requires_action') return now
  try {
    return orderPayment(await ask((api) => api.orders.captureOrder({ id, paypalRequestId: requestId(`capture-${id}`), prefer: WHOLE })))
  } catch (error) {
    if (!(error instanceof PaypalError)) throw error
    if (error.problem.issue === 'ORDER_ALREADY_CAPTURED') return orderPayment(await ask((api) => api.orders.getOrder({ id })))
    if (!isDecline(error)) throw error
    await giveUpOrder(ask, id) // the customer may choose again, by a new attempt
    return { ...now, status: 'failed', actionUrl: null, failure: paypalFailure(error.problem.issue) }
  }
}

/** PayPal cannot void such an order. It takes money only by our capture, so we mark it as given up, and captureOrder() asks. */
export async function giveUpOrder(ask: AskPaypal, id: string): Promise<GatewayPayment> {
  const order = await ask((api) => api.orders.getOrder({ id }))
  const now = orderPayment(order)
  const text = order.purchaseUnits?.[0]?.customId ?? ''
  if (now.status !== 'requires_action' || orderMarks(text).givenUp) return now
  try {
    await ask(({ sdk, orders }) => orders.patchOrder({ id, body: [{ op: sdk.PatchOp.Replace, path: "/purchase_units/@reference_id=='default'/custom_id", value: givenUp(text) }] }))
  } catch (error) {
    if (!(error instanceof PaypalError) || error.problem.status !== 422) throw error // captured meanwhile: look again
  }
  return orderPayment(await ask((api) => api.orders.getOrder({ id })))
}
