/** What the credit page shows. */
import type { Request, Response } from 'express'
import { OutsideError } from '../../../shared/errors.js'
import { page } from '../../../shared/http/page.js'
import { Money } from '../../../shared/money/money.js'
import { newPublicId } from '../../../shared/security/token.js'
import { clock } from '../../../shared/time/clock.js'
import { formatMoney } from '../../../shared/views/format.js'
import type { Customer } from '../../customers/customer.js'
import { GatewayAccount } from '../payments/gateways/gateway-account.js'
import { openStatuses, Payment } from '../payments/payment.js'
import { PaymentMethod } from '../payments/methods/payment-method.js'
import { topUpLimits } from '../payments/top-ups/top-up-limits.js'
import { creditBalance, creditHistory } from './credit.js'

export interface CreditShown {
  errors?: Readonly<Record<string, string>>
  input?: Readonly<Record<string, unknown>>
  status?: number
}

export async function creditPage(req: Request, res: Response, customer: Customer, shown: CreditShown = {}): Promise<void> {
  const { currency, locale } = customer
  const now = clock.now()
  const methods = (await PaymentMethod.activeOf(customer.id)).filter((m) => !m.hasExpired(now))
  const open = await Payment.query().where({ userId: customer.id, purpose: 'top-up' }).whereIn('status', [...openStatuses]).orderBy('id')
  const text = (minor: number) => formatMoney(minor, currency, locale)
  page(req, res, 'tenant/credit/show', {
    balance: await creditBalance(customer.id, currency),
    moves: (await creditHistory(customer.id, currency)).map((m) => ({ at: m.occurredAt, text: m.description, amount: Money.of(m.amountMinor, currency), number: m.invoiceNumber, href: m.invoicePublicId && `/invoices/${m.invoicePublicId}` })),
    waiting: await Promise.all(open.map(async (p) => ({ amount: p.amount, bankHref: await bankHref(p) }))),
    methods: methods.map((m) => ({ value: m.publicId, label: m.label })), chosen: shown.input?.['method'] ?? methods[0]?.publicId ?? '', amount: shown.input?.['amount'] ?? '', errors: shown.errors,
    hint: `From ${text(topUpLimits(currency).least)} to ${text(topUpLimits(currency).most)}`, currency, formKey: newPublicId(),
  }, { title: 'Credit', status: shown.status ?? 200 })
}

/** Where the customer confirms a payment with the bank; asked each time, kept nowhere. Null when there is nothing to confirm or the gateway is silent. */
async function bankHref(payment: Payment): Promise<string | null> {
  if (payment.status !== 'requires_action' || payment.gatewayPaymentId === null) return null
  const account = await GatewayAccount.findOwned({ id: payment.gatewayAccountId })
  return account.open().retrievePayment(payment.gatewayPaymentId).then((p) => p.actionUrl, (error: unknown) => {
    if (error instanceof OutsideError) return null
    throw error
  })
}
