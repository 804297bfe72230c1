/** The letters about payments: a receipt, and the request to pay when a card was declined. */
import { originOf } from '../../../shared/config.js'
import { send } from '../../../shared/mail/compose.js'
import { registerLetter } from '../../../shared/mail/letter.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { Customer } from '../../customers/customer.js'
import { Invoice } from '../invoices/invoice.js'
import type { Payment } from './payment.js'
import { PaymentMethod } from './payment-method.js'

const amount = { minor: 4735, currency: 'USD' }
const payHref = 'https://shop.example/invoices/…/payment'
registerLetter({
  name: 'payment-receipt', subject: (data) => (data.number ? `Payment received for invoice ${String(data.number)}` : 'Payment received'), view: 'tenant/mail/payment-receipt',
  preview: () => ({ name: 'Ada', amount, number: 'INV-2026-00042', method: 'Visa ending 4242', paidAt: new Date('2026-11-01T06:00:00Z'), reference: 'k3v9…', href: 'https://shop.example/invoices/…', hrefLabel: 'View the invoice' }),
})
registerLetter({
  name: 'payment-failed', subject: (data) => `Please pay invoice ${String(data.number)}: the payment did not succeed`, view: 'tenant/mail/payment-failed',
  preview: () => ({ name: 'Ada', amount, number: 'INV-2026-00042', method: 'Visa ending 4242', reason: 'The card has insufficient funds.', payHref, methodsHref: 'https://shop.example/payment-methods' }),
})

const link = (path: string): string => `${originOf(currentTenant().primaryHost)}${path}`
const to = (customer: Customer) => ({ email: customer.email, name: customer.name, userId: customer.id })

/** In the settling transaction: money that is booked is always confirmed. */
export async function sendReceipt(payment: Payment): Promise<void> {
  const [customer, method, invoice] = [
    await Customer.findOwned({ id: payment.userId }), await PaymentMethod.query().findById(payment.paymentMethodId), payment.invoiceId === null ? undefined : await Invoice.query().findById(payment.invoiceId),
  ]
  await send({
    name: 'payment-receipt', to: to(customer), key: `payment-receipt:${payment.id}`,
    data: {
      name: customer.name, amount: { minor: payment.amountMinor, currency: payment.currency }, number: invoice?.number ?? null, method: method?.label ?? null, paidAt: payment.settledAt,
      reference: payment.publicId, href: link(invoice ? `/invoices/${invoice.publicId}` : '/credit'), hrefLabel: invoice ? 'View the invoice' : 'View your credit',
    },
  })
}

/** `payment`: the last declined attempt; null when no saved method was worth a try. */
export async function sendPaymentFailed(invoice: Invoice, payment: Payment | null): Promise<void> {
  const customer = await Customer.findOwned({ id: invoice.userId })
  const method = payment ? await PaymentMethod.query().findById(payment.paymentMethodId) : undefined
  await send({
    name: 'payment-failed', to: to(customer), key: `payment-failed:${invoice.id}:${payment?.id ?? 'no-method'}`,
    data: {
      name: customer.name, amount: { minor: invoice.balance.minor, currency: invoice.currency }, number: invoice.number ?? invoice.publicId, method: method?.label ?? null,
      reason: payment?.failureMessage ?? 'None of your saved payment methods can be charged.', payHref: link(`/invoices/${invoice.publicId}/payment`), methodsHref: link('/payment-methods'),
    },
  })
}
