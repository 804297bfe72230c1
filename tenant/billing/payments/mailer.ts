/** The letters about payments: a receipt, the request to pay when a card was declined, and news of a refund or of an automatic top-up. */
import { originOf } from '../../../shared/config.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { send } from '../../../shared/mail/compose.js'
import { registerLetter } from '../../../shared/mail/letter.js'
import { Money } from '../../../shared/money/money.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { Customer } from '../../customers/customer.js'
import { Invoice } from '../invoices/invoice.js'
import { issuePayLink } from './pay-link.js'
import { partsOf } from './payment-allocation.js'
import type { Payment } from './payment.js'
import { PaymentMethod } from './methods/payment-method.js'
import type { Refund } from './refunds/refund.js'

const amount = { minor: 4735, currency: 'USD' }
registerLetter({
  name: 'payment-receipt', subject: (data) => (data.number ? `Payment received for invoice ${String(data.number)}` : 'Payment received'), view: 'tenant/mail/payment-receipt',
  preview: () => ({ name: 'Ada', amount, number: 'INV-2026-00042', method: 'Visa ending 4242', toCredit: null, paidAt: new Date('2026-11-01T06:00:00Z'), reference: 'k3v9…', href: 'https://shop.example/invoices/…', hrefLabel: 'View the invoice' }),
})
registerLetter({
  name: 'payment-failed', subject: (data) => `Please pay invoice ${String(data.number)}: the payment did not succeed`, view: 'tenant/mail/payment-failed', secret: true,
  preview: () => ({ name: 'Ada', amount, number: 'INV-2026-00042', method: 'Visa ending 4242', reason: 'The card has insufficient funds.', payHref: 'https://shop.example/pay/…', methodsHref: 'https://shop.example/payment-methods' }),
})
registerLetter({
  name: 'refund-sent', subject: (data) => (data.failed ? 'Your refund could not be delivered' : 'Your refund is on its way'), view: 'tenant/mail/refund-sent',
  preview: () => ({ name: 'Ada', amount, number: 'INV-2026-00042', method: 'Visa ending 4242', failed: false, toCredit: false, kept: false, reason: 'Canceled in time' }),
})
registerLetter({
  name: 'auto-top-up-failed', subject: 'Your automatic top-up did not succeed', view: 'tenant/mail/auto-top-up-failed',
  preview: () => ({ name: 'Ada', amount, method: 'Visa ending 4242', reason: 'The card has insufficient funds.', href: 'https://shop.example/credit/auto-top-up' }),
})

const link = (path: string): string => `${originOf(currentTenant().primaryHost)}${path}`
const to = (customer: Customer) => ({ email: customer.email, name: customer.name, userId: customer.id })

/** What the payment was made with, for people. */
export async function methodLabel(payment: Pick<Payment, 'paymentMethodId' | 'bankTransferId'>): Promise<string | null> {
  if (payment.bankTransferId !== null) return 'Bank transfer'
  return payment.paymentMethodId === null ? null : (await PaymentMethod.query().findById(payment.paymentMethodId))?.label ?? null
}

/** Numbers of the invoices that it pays: `INV-1, INV-2`; null for a top-up. */
export async function invoicesOf(payment: Pick<Payment, 'id'>): Promise<Invoice[]> {
  const parts = await partsOf(payment.id)
  return parts.length ? Invoice.query().whereIn('id', parts.map((p) => p.invoiceId)).orderBy('id') : []
}

/** In the settling transaction: money that is booked is always confirmed. */
export async function sendReceipt(payment: Payment): Promise<void> {
  const [customer, method, invoices] = [await Customer.findOwned({ id: payment.userId }), await methodLabel(payment), await invoicesOf(payment)]
  const [only] = invoices
  const toCredit = only ? payment.amount.sub(Money.sum((await partsOf(payment.id)).map((p) => Money.of(p.appliedMinor, payment.currency)), payment.currency)) : Money.zero(payment.currency)
  await send({
    name: 'payment-receipt', to: to(customer), key: `payment-receipt:${payment.id}`,
    data: {
      name: customer.name, amount: { minor: payment.amountMinor, currency: payment.currency }, number: invoices.map((i) => i.label).join(', ') || null, method, paidAt: payment.settledAt,
      toCredit: toCredit.isPositive() ? { minor: toCredit.minor, currency: toCredit.currency } : null,
      reference: payment.publicId, href: link(!only ? '/credit' : invoices.length > 1 ? '/invoices' : `/invoices/${only.publicId}`), hrefLabel: !only ? 'View your credit' : invoices.length > 1 ? 'View your invoices' : 'View the invoice',
    },
  })
}

/** `payment`: the last declined attempt; null when no saved method was worth a try. The button opens the invoice without signing in: no letter, no link. */
export async function sendPaymentFailed(invoice: Invoice, payment: Payment | null): Promise<void> {
  const key = `payment-failed:${invoice.id}:${payment?.id ?? 'no-method'}`
  if (await tenantDb()('mail_messages').where({ business_key: key }).first('id')) return
  const customer = await Customer.findOwned({ id: invoice.userId })
  await send({
    name: 'payment-failed', to: to(customer), key,
    data: {
      name: customer.name, amount: { minor: invoice.balance.minor, currency: invoice.currency }, number: invoice.label, method: payment && (await methodLabel(payment)),
      reason: payment?.failureMessage ?? 'None of your saved payment methods can be charged.', payHref: await tenantTransaction((trx) => issuePayLink(trx, invoice)), methodsHref: link('/payment-methods'),
    },
  })
}

/** `failed`: the bank gave the money back. `kept`: the customer has it as credit now. */
export async function sendRefundNews(refund: Refund, payment: Payment, failed: boolean, kept: boolean): Promise<void> {
  const customer = await Customer.findOwned({ id: refund.userId })
  await send({
    name: 'refund-sent', to: to(customer), key: `refund-${failed ? 'failed' : 'sent'}:${refund.id}`,
    data: {
      name: customer.name, amount: { minor: refund.amountMinor, currency: refund.currency }, number: (await invoicesOf(payment)).map((i) => i.label).join(', ') || null,
      method: await methodLabel(payment), failed, kept, toCredit: refund.destination === 'credit', reason: refund.reason,
    },
  })
}

export async function sendTopUpFailed(payment: Payment): Promise<void> {
  const customer = await Customer.findOwned({ id: payment.userId })
  await send({
    name: 'auto-top-up-failed', to: to(customer), key: `auto-top-up-failed:${payment.id}`,
    data: { name: customer.name, amount: { minor: payment.amountMinor, currency: payment.currency }, method: await methodLabel(payment), reason: payment.failureMessage ?? '', href: link('/credit/auto-top-up') },
  })
}
