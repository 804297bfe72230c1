/** The customer pays an invoice, present at the screen: the bank may ask, and every end has its sentence. */
import { NotFound, Refusal } from '../../../shared/errors.js'
import { clock } from '../../../shared/time/clock.js'
import type { Flash } from '../../../shared/http/flash.js'
import type { Customer } from '../../customers/customer.js'
import type { Invoice } from '../invoices/invoice.js'
import { chargeInvoice, type ChargeOutcome, type PaymentSource } from './charge-invoice.js'
import { GatewayAccount } from './gateways/gateway-account.js'
import { PaymentMethod } from './methods/payment-method.js'

export interface PayResult {
  /** Where the customer goes next. */
  readonly path: string
  readonly flash: Flash
}
/** Where the pages of this payment are. */
export interface PayPlaces {
  /** The page that was paid from; it also shows how things stand. */
  readonly here: string
  /** Where a finished payment leads. */
  readonly done: string
}

/** What the form named: a saved method of this customer, or `paypal` for a payment that is approved there and saves nothing. */
export async function sourceOf(customer: Customer, choice: string): Promise<PaymentSource> {
  if (choice === 'paypal') {
    const account = await GatewayAccount.current('paypal')
    if (!account) throw new NotFound('payment method')
    return { id: null, gatewayAccountId: account.id }
  }
  const method = await PaymentMethod.query().findOne({ publicId: choice, userId: customer.id, status: 'active' })
  if (!method) throw new NotFound('payment method')
  if (method.hasExpired(clock.now())) throw new Refusal('payment-method.expired', 'This card has expired. Choose or add another one.')
  return method
}

/** `after`: number of the last attempt when the form was shown. Throws Refusal `payment.declined` with the bank's reason; NotFound for another's method. */
export async function payInvoice(customer: Customer, invoice: Invoice, choice: string, after: number, places: PayPlaces = { here: `/invoices/${invoice.publicId}/payment`, done: `/invoices/${invoice.publicId}` }): Promise<PayResult> {
  const outcome = await chargeInvoice(invoice, { method: await sourceOf(customer, choice), offSession: false, after })
  if (outcome.kind === 'too-small' && invoice.kind === 'order') throw new Refusal('payment.too-small', 'This amount is too small to be charged by card. Nothing was charged. Add credit: it pays this invoice by itself.')
  return told(outcome, places)
}

/** What the customer reads, and where. */
export function told(outcome: ChargeOutcome, { here, done }: PayPlaces): PayResult {
  switch (outcome.kind) {
    case 'paid':
      return { path: done, flash: { kind: 'good', text: 'Thank you, your payment was received.' } }
    case 'nothing-due':
      return { path: done, flash: { kind: 'info', text: 'Nothing is left to pay here.' } }
    case 'needs-customer':
      return { path: here, flash: { kind: 'info', text: 'One more step: please confirm this payment.' } }
    case 'checking':
      return { path: here, flash: { kind: 'info', text: 'We are checking this payment. Please do not pay again.' } }
    case 'moved':
      return { path: here, flash: { kind: 'info', text: 'This payment was already sent once. Here is how it stands.' } }
    case 'too-small':
      return { path: done, flash: { kind: 'info', text: 'This amount is too small to be charged by card. It is collected together with your next invoice.' } }
    case 'declined':
      throw new Refusal('payment.declined', `${outcome.payment.failureMessage ?? 'The card was declined.'} Nothing was charged. Try another payment method.`)
  }
}
