/** One disputed payment a shop, with some days left to answer, so that its page can be seen. */
import { applyControl } from '../../shared/simulators/stripe/control.js'
import { Money } from '../../shared/money/money.js'
import { syncDispute } from '../../tenant/billing/payments/disputes/dispute-sync.js'
import { Dispute } from '../../tenant/billing/payments/disputes/dispute.js'
import { GatewayAccount } from '../../tenant/billing/payments/gateways/gateway-account.js'
import { findSetup, settleSetup, startAddingMethod } from '../../tenant/billing/payments/methods/add-payment-method.js'
import { Payment } from '../../tenant/billing/payments/payment.js'
import { topUpCredit } from '../../tenant/billing/payments/top-ups/top-up.js'
import { Customer } from '../../tenant/customers/customer.js'
import type { Outside } from './outside.js'

/** Safe to repeat: a shop that knows a dispute gets no other. */
export async function disputeOnce(email: string, slug: string, { stripe }: Outside): Promise<void> {
  const [customer, account] = [await Customer.withEmail(email), await GatewayAccount.current('stripe')]
  if (!customer || !account || (await Dispute.query().first())) return
  const setup = await startAddingMethod(customer)
  await fetch(`${stripe.url}/pay/setup/${setup.clientSecret}`, { method: 'POST', body: new URLSearchParams({ card: 'pm_card_visa', return_url: 'http://localhost/' }), redirect: 'manual' })
  await settleSetup(await findSetup(customer, setup.id), customer)
  await topUpCredit(customer, Money.of(2000, customer.currency), 'demo-disputed')
  const payment = await Payment.query().where({ userId: customer.id, status: 'succeeded', gatewayAccountId: account.id }).orderBy('id', 'desc').first()
  if (!payment?.gatewayPaymentId) return
  applyControl(stripe, { dispute: { account: slug, payment: payment.gatewayPaymentId } })
  const made = stripe.account(slug).all('dispute').at(-1)
  if (made) await syncDispute(account, made.id)
}
