import { expect } from 'chai'
import { Router } from 'express'
import { createApp } from '../../../../shared/http/app.js'
import { tenantDb } from '../../../../shared/database/tenant-database.js'
import { Money } from '../../../../shared/money/money.js'
import { applyControl as controlPaypal } from '../../../../shared/simulators/paypal/control.js'
import { paypalSignature } from '../../../../shared/simulators/paypal/webhooks.js'
import { applyControl as controlStripe } from '../../../../shared/simulators/stripe/control.js'
import { signatureHeader } from '../../../../shared/simulators/stripe/webhooks.js'
import { exchange, useServer } from '../../../../shared/testing/browser.js'
import { balances, newInvoice, newService } from '../../../scenarios/billing-world.js'
import { usePaymentWorld, WEBHOOK_SECRET } from '../../../testing/payment-world.js'
import { usePaypal } from '../../../testing/paypal-world.js'
import { auditTenant } from '../../audit.js'
import { Invoice } from '../../invoices/invoice.js'
import { chargeInvoice } from '../charge-invoice.js'
import { disputePolicy } from './dispute-policy.js'
import { DisputeMismatch, syncDispute } from './dispute-sync.js'
import { Dispute } from './dispute.js'
import { GatewayAccount } from '../gateways/gateway-account.js'
import { webhookRoutes } from '../methods/gateway-routes.js'
import { refundable } from '../refunds/refund-payment.js'
import { topUpCredit } from '../top-ups/top-up.js'

describe('A disputed payment', function () {
  this.timeout(20_000)
  const world = usePaymentWorld()
  const paypal = usePaypal(world)
  const server = useServer(() => createApp({ tenantApp: webhookRoutes, consoleApp: Router(), platformApp: Router() }))
  let stripe: GatewayAccount
  beforeEach(async () => {
    stripe = await world.in(async () => (await GatewayAccount.current('stripe'))!)
  })
  const paid = async (amount = 1500, card = 'pm_card_visa') => {
    const customer = await world.customer()
    await world.card(customer, card)
    const invoice = await newInvoice(customer.id, amount)
    await chargeInvoice(invoice, { offSession: true })
    const payment = (await world.payments()).at(-1)!
    return { customer, invoice, payment }
  }
  const open = (payment: string, more: { amount?: number; inquiry?: boolean } = {}): string => {
    controlStripe(world.stripe, { dispute: { account: 'acme', payment, ...more } })
    return world.stripe.account('acme').all('dispute').at(-1)!.id
  }
  const decide = (dispute: string, outcome: 'won' | 'lost' | 'closed' | 'escalated'): void => controlStripe(world.stripe, { decide: { account: 'acme', dispute, outcome } })
  const states = async (): Promise<string[]> => (await Dispute.query().orderBy('id')).map((d) => d.status)
  const moves = async (): Promise<number> => Number(((await tenantDb()('ledger_transactions').where('business_key', 'like', 'dispute:%').count({ n: '*' }).first()) as { n: number }).n)

  it('leaves the cash at once, however often and by whomever it is told; won, it comes back to the cent', () => world.in(async () => {
    const { invoice, payment } = await paid()
    const id = open(payment.gatewayPaymentId!)
    await Promise.all(Array.from({ length: 4 }, () => world.apart(() => syncDispute(stripe, id))))
    expect(await balances()).to.deep.equal({ 'disputes:open': 1500, 'revenue:other': -1500 })
    expect([await states(), await moves(), (await refundable(payment)).minor]).to.deep.equal([['open'], 1, 0])
    expect((await Invoice.findOwned({ id: invoice.id })).status, 'the invoice stays paid').to.equal('paid')
    decide(id, 'won')
    await Promise.all(Array.from({ length: 4 }, () => world.apart(() => syncDispute(stripe, id))))
    expect(await balances()).to.deep.equal({ cash: 1500, 'revenue:other': -1500 })
    expect([await states(), await moves(), (await refundable(payment)).minor]).to.deep.equal([['won'], 2, 1500])
    expect((await world.events()).filter((e) => e.startsWith('dispute.'))).to.deep.equal(['dispute.opened', 'dispute.won'])
  }))

  it('lost, it is a loss; an appeal that is won brings it back', () => world.in(async () => {
    const { payment } = await paid()
    const id = open(payment.gatewayPaymentId!, { amount: 600 })
    await syncDispute(stripe, id)
    decide(id, 'lost')
    await syncDispute(stripe, id)
    expect(await balances()).to.deep.equal({ cash: 900, 'disputes:lost': 600, 'revenue:other': -1500 })
    decide(id, 'won')
    await syncDispute(stripe, id)
    expect(await balances()).to.deep.equal({ cash: 1500, 'revenue:other': -1500 })
    expect([await states(), await moves()]).to.deep.equal([['won'], 3])
  }))

  it('that we hear of when it is already decided books what is true then, and nothing in between', () => world.in(async () => {
    const [one, two] = [await paid(), await paid(700)]
    const [won, lost] = [open(one.payment.gatewayPaymentId!), open(two.payment.gatewayPaymentId!)]
    decide(won, 'won')
    decide(lost, 'lost')
    for (const id of [won, lost]) await syncDispute(stripe, id)
    expect(await balances()).to.deep.equal({ cash: 1500, 'disputes:lost': 700, 'revenue:other': -2200 })
    expect([await states(), await moves()]).to.deep.equal([['won', 'lost'], 1])
  }))

  it('that is only a question moves no money until it becomes a dispute', () => world.in(async () => {
    const { payment } = await paid(1500, 'pm_card_createDisputeInquiry')
    const { id } = world.stripe.account('acme').all('dispute')[0]!
    await syncDispute(stripe, id)
    expect([await states(), await moves(), await balances()]).to.deep.equal([['inquiry'], 0, { cash: 1500, 'revenue:other': -1500 }])
    expect((await refundable(payment)).minor).to.equal(1500)
    decide(id, 'escalated')
    await syncDispute(stripe, id)
    expect([await states(), await balances()]).to.deep.equal([['open'], { 'disputes:open': 1500, 'revenue:other': -1500 }])
  }))

  it('whose books do not follow its state is found by the audit', () => world.in(async () => {
    const { payment } = await paid()
    const found = async (): Promise<string[]> => (await auditTenant()).map((f) => f.check).filter((check) => check === 'dispute.cash')
    await syncDispute(stripe, open(payment.gatewayPaymentId!))
    expect(await found()).to.deep.equal([])
    await Dispute.query().patch({ status: 'won' })
    expect(await found()).to.deep.equal(['dispute.cash'])
  }))

  it('of a top-up takes back the credit that is not spent, and gives it back when it is won', () => world.in(async () => {
    const customer = await world.customer()
    await world.card(customer)
    await topUpCredit(customer, Money.of(2000, 'USD'), 'form-key-1')
    const invoice = await newInvoice(customer.id, 500)
    const [payment] = await world.payments()
    expect([(await Invoice.findOwned({ id: invoice.id })).status, (await balances())['credit']], 'paid from credit as it was issued').to.deep.equal(['paid', -1500])
    const id = open(payment!.gatewayPaymentId!)
    await syncDispute(stripe, id)
    expect(await balances()).to.deep.equal({ 'disputes:open': 500, 'revenue:other': -500 })
    decide(id, 'won')
    await syncDispute(stripe, id)
    expect(await balances()).to.deep.equal({ cash: 2000, credit: -1500, 'revenue:other': -500 })
  }))

  it('that does not match our payment is refused, and nothing is booked', () => world.in(async () => {
    const { payment } = await paid()
    const id = open(payment.gatewayPaymentId!)
    const dispute = world.stripe.account('acme').get('dispute', id)
    for (const [what, patch] of [['amount', { amount: 1501 }], ['currency', { currency: 'eur' }]] as const) {
      const before = { ...dispute }
      Object.assign(dispute, patch)
      const error: unknown = await syncDispute(stripe, id).catch((e: unknown) => e)
      expect(error, what).to.be.instanceOf(DisputeMismatch).with.property('message').that.includes(what)
      Object.assign(dispute, before)
    }
    const intent = world.stripe.account('acme').get('payment_intent', payment.gatewayPaymentId!)
    Object.assign(intent.metadata as object, { tenant: world.globex.uuid })
    expect(await syncDispute(stripe, id).catch((e: unknown) => e)).to.be.instanceOf(DisputeMismatch)
    intent.metadata = {}
    Object.assign(intent, { id: 'pi_foreign' })
    Object.assign(dispute, { payment_intent: null })
    expect(await syncDispute(stripe, id), 'not ours at all').to.equal('ignored')
    expect([await states(), await moves()]).to.deep.equal([[], 0])
  }))

  it('names the services that the shop wants suspended, by type, and none when the shop wants nothing', () => world.in(async () => {
    const customer = await world.customer()
    await world.card(customer)
    const service = await newService(customer.id)
    const suspended = async (): Promise<unknown> => {
      const row = (await tenantDb()('events').where({ type: 'dispute.opened' }).orderBy('id', 'desc').first('data')) as { data: string | { suspendServiceIds: number[] } }
      return (typeof row.data === 'string' ? (JSON.parse(row.data) as { suspendServiceIds: number[] }) : row.data).suspendServiceIds
    }
    const dispute = async (): Promise<unknown> => {
      await chargeInvoice(await newInvoice(customer.id, 500, { serviceId: service.serviceId }), { offSession: true })
      await syncDispute(stripe, open((await world.payments()).at(-1)!.gatewayPaymentId!))
      return suspended()
    }
    expect(await dispute()).to.deep.equal([])
    await disputePolicy.write({ default: 'nothing', byServiceType: { kasm_workspace: 'suspend' } })
    expect(await dispute()).to.deep.equal([service.serviceId])
    await disputePolicy.write({ default: 'suspend', byServiceType: { kasm_workspace: 'nothing' } })
    expect(await dispute()).to.deep.equal([])
  }))

  it('arrives by the webhooks of both gateways, in any order, and books the same', () => world.in(async () => {
    const card = await paid(1500, 'pm_card_createDispute')
    const cardDispute = world.stripe.account('acme').all('dispute')[0]!
    const customer = await world.customer()
    await paypal.save(customer)
    await chargeInvoice(await newInvoice(customer.id, 800), { offSession: true })
    const order = (await world.payments()).at(-1)!.gatewayPaymentId!
    controlPaypal(paypal.simulator, { dispute: { account: 'acme', payment: order } })
    const paypalDispute = paypal.simulator.account('acme').all('dispute')[0]!
    const send = async (): Promise<number[]> => {
      const stripeEvent = (type: string): [string, string, Record<string, string>] => {
        const body = JSON.stringify({ id: `evt_${type}`, object: 'event', type, api_version: 'x', data: { object: { id: cardDispute.id, object: 'dispute' } } })
        return [`/webhooks/stripe/${stripe.publicId}`, body, { 'stripe-signature': signatureHeader(body, WEBHOOK_SECRET) }]
      }
      const paypalEvent = (type: string): [string, string, Record<string, string>] => {
        const body = JSON.stringify({ id: `WH-${type}`, event_type: type, resource: { dispute_id: paypalDispute.id } })
        return [`/webhooks/paypal/${paypal.account.publicId}`, body, paypalSignature(body, paypal.account.webhookId!, paypal.simulator.url)]
      }
      const all = [stripeEvent('charge.dispute.closed'), paypalEvent('CUSTOMER.DISPUTE.RESOLVED'), stripeEvent('charge.dispute.funds_withdrawn'), stripeEvent('charge.dispute.created'), paypalEvent('CUSTOMER.DISPUTE.CREATED')]
      return Promise.all(all.map(async ([path, body, headers]) => (await exchange(server.port, path, { method: 'POST', headers: { host: 'acme.localhost', 'content-type': 'application/json', ...headers }, body })).status))
    }
    expect(await send()).to.deep.equal([200, 200, 200, 200, 200])
    await world.jobs()
    expect((await tenantDb()('webhook_events').pluck('status')) as string[]).to.deep.equal(Array.from({ length: 5 }, () => 'processed'))
    expect([await states(), await moves(), await balances()]).to.deep.equal([['open', 'open'], 2, { 'disputes:open': 2300, 'revenue:other': -2300 }])
    expect((await Dispute.query().orderBy('id')).map((d) => d.reasonText)).to.have.members(['Fraudulent', 'Merchandise or service not received'])
    expect(card.payment.publicId).to.be.a('string')
  }))
})
