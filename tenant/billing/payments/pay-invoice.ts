/** The customer pays an invoice, present at the screen: the bank may ask, and every end has its sentence. */
import { NotFound, Refusal } from '../../../shared/errors.js'
import { clock } from '../../../shared/time/clock.js'
import type { Flash } from '../../../shared/http/flash.js'
import type { Customer } from '../../customers/customer.js'
import type { Invoice } from '../invoices/invoice.js'
import { chargeInvoice, type ChargeOutcome } from './charge-invoice.js'
import { PaymentMethod } from './payment-method.js'

export interface PayResult {
  /** Where the customer goes next. */
  readonly path: string
  readonly flash: Flash
}

/** `after`: number of the last attempt when the form was shown. Throws Refusal `payment.declined` with the bank's reason; NotFound for another's method. */
export async function payInvoice(customer: Customer, invoice: Invoice, methodPublicId: string, after: number): Promise<PayResult> {
  const method = await PaymentMethod.query().findOne({ publicId: methodPublicId, userId: customer.id, status: 'active' })
  if (!method) throw new NotFound('payment method')
  if (method.hasExpired(clock.now())) throw new Refusal('payment-method.expired', 'This card has expired. Choose or add another one.')
  return told(await chargeInvoice(invoice, { method, offSession: false, after }), invoice)
}

function told(outcome: ChargeOutcome, invoice: Invoice): PayResult {
  const here = `/invoices/${invoice.publicId}/payment`
  switch (outcome.kind) {
    case 'paid':
      return { path: `/invoices/${invoice.publicId}`, flash: { kind: 'good', text: 'Thank you, your payment was received.' } }
    case 'nothing-due':
      return { path: `/invoices/${invoice.publicId}`, flash: { kind: 'info', text: 'Nothing is left to pay on this invoice.' } }
    case 'needs-customer':
      return { path: here, flash: { kind: 'info', text: 'Your bank wants you to confirm this payment.' } }
    case 'checking':
      return { path: here, flash: { kind: 'info', text: 'We are checking this payment. Please do not pay again.' } }
    case 'moved':
      return { path: here, flash: { kind: 'info', text: 'This payment was already sent once. Here is how it stands.' } }
    case 'too-small':
      return { path: `/invoices/${invoice.publicId}`, flash: { kind: 'info', text: 'This amount is too small to be charged by card. It is collected together with your next invoice.' } }
    case 'declined':
      throw new Refusal('payment.declined', `${outcome.payment.failureMessage ?? 'The card was declined.'} Nothing was charged. Try another payment method.`)
  }
}
