import { expect } from 'chai'
import { NotFound, Refusal } from '../../../shared/errors.js'
import { Money } from '../../../shared/money/money.js'
import { patience } from '../../../shared/payments/stripe-gateway.js'
import { balances, newInvoice, newService } from '../../scenarios/billing-world.js'
import { submit, usePaymentWorld } from '../../testing/payment-world.js'
import { Invoice } from '../invoices/invoice.js'
import { removeMethod, setDefaultMethod } from './methods/change-methods.js'
import { chargeInvoice } from './charge-invoice.js'
import { claimAttempt } from './claim-attempt.js'
import { collectInvoice } from './collect-invoice.js'
import { GatewayAccount } from './gateways/gateway-account.js'
import { payInvoice } from './pay-invoice.js'
import { PaymentMethod } from './methods/payment-method.js'
import { resolveDuePayments, resolvePayment, syncPayment } from './resolve-payment.js'
import { topUpCredit } from './top-ups/top-up.js'

const kindOf = (work: Promise<{ kind: string } | null>): Promise<string> => work.then((o) => o?.kind ?? 'nothing', (e: unknown) => (e instanceof Refusal ? e.code : String(e)))
const status = async (invoice: Invoice): Promise<string> => (await Invoice.findOwned({ id: invoice.id })).status

describe('Charging an invoice', () => {
  const world = usePaymentWorld()
  const charge = { method: 'POST', path: '/v1/payment_intents' } as const
  before(() => {
    patience.timeoutMs = 400
  })
  after(() => {
    patience.timeoutMs = 20_000
  })

  it('takes the balance from the saved card, books it, and sends a receipt', () => world.in(async () => {
    const customer = await world.customer()
    await world.card(customer)
    const invoice = await newInvoice(customer.id, 1250)
    expect(await kindOf(chargeInvoice(invoice, { offSession: true }))).to.equal('paid')
    expect(await status(invoice)).to.equal('paid')
    expect(await balances()).to.deep.equal({ cash: 1250, 'revenue:other': -1250 })
    expect(await world.events()).to.include.members(['payment.succeeded', 'invoice.paid'])
    expect(await world.letters()).to.deep.equal(['payment-receipt'])
    expect(world.stripe.account('acme').all('payment_intent')[0]).to.deep.include({ amount: 1250, currency: 'usd' })
  }))

  it('is one payment however often the button is pressed', () => world.in(async () => {
    const customer = await world.customer()
    const method = await world.card(customer)
    const invoice = await newInvoice(customer.id, 500)
    const clicks = await Promise.all(Array.from({ length: 6 }, () => world.apart(() => payInvoice(customer, invoice, method.publicId, 0))))
    expect(world.taken()).to.equal(1)
    expect((await world.payments()).map((p) => p.status)).to.deep.equal(['succeeded'])
    expect(clicks.map((c) => c.flash.kind)).not.to.include('bad')
  }))

  it('is one charge when several workers collect at once', () => world.in(async () => {
    const customer = await world.customer()
    await world.card(customer)
    const invoice = await newInvoice(customer.id, 500)
    await Promise.all(Array.from({ length: 8 }, () => world.apart(() => collectInvoice(invoice))))
    expect(world.taken()).to.equal(1)
    expect(await world.payments()).to.have.length(1)
    expect(await status(invoice)).to.equal('paid')
  }))

  it('charges a declined card once and the next card once, even with several workers', () => world.in(async () => {
    const customer = await world.customer()
    const poor = await world.card(customer, 'pm_card_chargeDeclinedInsufficientFunds')
    const good = await world.card(customer, 'pm_card_mastercard')
    const invoice = await newInvoice(customer.id, 500)
    await Promise.all(Array.from({ length: 4 }, () => world.apart(() => collectInvoice(invoice))))
    expect((await world.payments()).map((p) => [p.paymentMethodId, p.status, p.failureCode])).to.deep.equal([[poor.id, 'failed', 'insufficient_funds'], [good.id, 'succeeded', null]])
    expect(await world.letters()).to.deep.equal(['payment-receipt'])
  }))

  it('tells the customer once, with a link to pay, when no card works; and does not go on trying', () => world.in(async () => {
    const customer = await world.customer()
    await world.card(customer, 'pm_card_chargeDeclinedInsufficientFunds')
    await world.card(customer, 'pm_card_chargeCustomerFail')
    await world.card(customer, 'pm_card_visa')
    const invoice = await newInvoice(customer.id, 500)
    expect(await kindOf(collectInvoice(invoice))).to.equal('declined')
    expect(await kindOf(collectInvoice(invoice))).to.equal('nothing')
    expect(await world.payments()).to.have.length(2)
    expect(await world.letters()).to.deep.equal(['payment-failed'])
    expect(await balances()).to.deep.equal({ receivable: 500, 'revenue:other': -500 })
  }))

  it('does not try a card again that was reported lost, and asks for another one', () => world.in(async () => {
    const customer = await world.customer()
    await world.card(customer, 'pm_card_chargeDeclinedLostCard')
    await collectInvoice(await newInvoice(customer.id, 500))
    const later = await newInvoice(customer.id, 700)
    expect(await kindOf(collectInvoice(later))).to.equal('nothing')
    expect(world.stripe.account('acme').requests.filter((r) => r.path === '/v1/payment_intents')).to.have.length(1)
    expect(await world.letters()).to.deep.equal(['payment-failed', 'payment-failed'])
  }))

  it('says what the bank said when the customer pays himself', () => world.in(async () => {
    const customer = await world.customer()
    const poor = await world.card(customer, 'pm_card_chargeDeclinedInsufficientFunds')
    const invoice = await newInvoice(customer.id, 500)
    const error: unknown = await payInvoice(customer, invoice, poor.publicId, 0).catch((e: unknown) => e)
    expect(error).to.be.instanceOf(Refusal).with.property('message', 'The card has insufficient funds. Nothing was charged. Try another payment method.')
    const good = await world.card(customer)
    expect((await payInvoice(customer, invoice, good.publicId, 1)).flash.text).to.include('Thank you')
    expect(await world.letters()).to.deep.equal(['payment-receipt'])
  }))

  it('never takes another customer\'s card', () => world.in(async () => {
    const [ann, bob] = [await world.customer(), await world.customer()]
    const method = await world.card(bob)
    const invoice = await newInvoice(ann.id, 500)
    expect(await payInvoice(ann, invoice, method.publicId, 0).catch((e: unknown) => e)).to.be.instanceOf(NotFound)
    expect(world.taken()).to.equal(0)
  }))

  describe('when the answer is lost', () => {
    const unanswered = async () => {
      const customer = await world.customer()
      const method = await world.card(customer)
      const invoice = await newInvoice(customer.id, 900)
      return { customer, method, invoice }
    }
    it('is unknown, not failed; nobody pays again meanwhile; five minutes later it is found, and was charged once', () => world.in(async () => {
      const { customer, method, invoice } = await unanswered()
      world.stripe.faults.request({ kind: 'timeout-after', ...charge })
      expect(await kindOf(chargeInvoice(invoice, { offSession: true }))).to.equal('checking')
      expect((await world.payments())[0]).to.include({ status: 'unknown', failureCode: null })
      expect((await payInvoice(customer, invoice, method.publicId, 1)).flash.text).to.include('do not pay again')
      expect(await kindOf(collectInvoice(invoice))).to.equal('checking')
      expect(await world.payments()).to.have.length(1)
      await world.later(4)
      expect(await status(invoice)).to.equal('open')
      await world.later(1)
      await resolveDuePayments(new Date('2026-11-10T09:05:00Z'))
      await world.jobs()
      expect(await status(invoice)).to.equal('paid')
      expect([world.taken(), (await world.payments()).map((p) => p.status)]).to.deep.equal([1, ['succeeded']])
    }))
    it('is asked again under the same key when it never arrived', () => world.in(async () => {
      const { invoice } = await unanswered()
      world.stripe.faults.request({ kind: 'timeout-before', ...charge })
      await chargeInvoice(invoice, { offSession: true })
      const [payment] = await world.payments()
      expect((await resolvePayment(payment!)).status).to.equal('succeeded')
      expect(world.taken()).to.equal(1)
    }))
    it('is failed only after an hour without a trace, and then collected anew', () => world.in(async () => {
      const { invoice } = await unanswered()
      world.stripe.faults.request({ kind: 'timeout-before', times: 2, ...charge })
      await chargeInvoice(invoice, { offSession: true })
      const first = await resolvePayment((await world.payments())[0]!)
      expect(first).to.include({ status: 'unknown' })
      const again = await resolvePayment((await world.payments())[0]!)
      expect(again).to.include({ status: 'failed', failureCode: 'not-received', failedByUs: true })
      await world.jobs()
      expect((await world.payments()).map((p) => p.status)).to.deep.equal(['failed', 'succeeded'])
      expect([world.taken(), (await world.letters()).filter((letter) => letter === 'payment-receipt').length]).to.deep.equal([1, 1])
    }))
    it('stays unknown while the gateway is away, and asks a person in the end', () => world.in(async () => {
      const { invoice } = await unanswered()
      world.stripe.faults.request({ kind: 'timeout-after', ...charge })
      await chargeInvoice(invoice, { offSession: true })
      world.stripe.faults.request({ kind: 'error-before', method: 'GET', path: '/v1/payment_intents', times: 100 })
      for (let look = 0; look < 7; look++) await resolvePayment((await world.payments())[0]!)
      expect((await world.payments())[0]).to.include({ status: 'unknown', nextCheckAt: null, checks: 7 })
    }))
    it('is settled by the first who learns it, and booked once', () => world.in(async () => {
      const { invoice } = await unanswered()
      world.stripe.faults.request({ kind: 'timeout-after', ...charge })
      await chargeInvoice(invoice, { offSession: true })
      const payment = (await world.payments())[0]!
      await Promise.all([1, 2, 3, 4].map(() => world.apart(() => resolvePayment(payment))))
      expect(await balances()).to.deep.equal({ cash: 900, 'revenue:other': -900 })
      expect((await world.events()).filter((e) => e === 'payment.succeeded')).to.have.length(1)
      expect(await world.letters()).to.deep.equal(['payment-receipt'])
    }))
    it('treats an error of the gateway that hides a success in the same way', () => world.in(async () => {
      const { invoice } = await unanswered()
      world.stripe.faults.request({ kind: 'error-after', ...charge })
      expect(await kindOf(chargeInvoice(invoice, { offSession: true }))).to.equal('checking')
      expect((await resolvePayment((await world.payments())[0]!)).status).to.equal('succeeded')
      expect(world.taken()).to.equal(1)
    }))
  })

  it('waits and repeats when the gateway asks us to slow down; nothing fails', () => world.in(async () => {
    const customer = await world.customer()
    await world.card(customer)
    const invoice = await newInvoice(customer.id, 500)
    world.stripe.faults.request({ kind: 'rate-limit', ...charge })
    expect(await kindOf(chargeInvoice(invoice, { offSession: true }))).to.equal('checking')
    expect((await world.payments())[0]).to.include({ status: 'pending', checks: 1 })
    expect((await resolvePayment((await world.payments())[0]!)).status).to.equal('succeeded')
  }))

  it('goes on where a worker died: after the claim, or between the charge and its booking', () => world.in(async () => {
    const customer = await world.customer()
    const method = await world.card(customer)
    const [early, late] = [await newInvoice(customer.id, 500), await newInvoice(customer.id, 600)]
    await claimAttempt(early.id, method, true, new Date('2026-11-10T09:00:00Z'))
    const claim = await claimAttempt(late.id, method, true, new Date('2026-11-10T09:00:00Z'))
    if (claim.kind !== 'claimed') throw new Error('not claimed')
    const account = await GatewayAccount.findOwned({ id: method.gatewayAccountId })
    const { publicId, idempotencyKey } = claim.payment
    await account.open().charge({
      key: idempotencyKey, customerId: method.gatewayCustomerId, methodId: method.gatewayMethodId, amountMinor: 600, currency: 'USD', offSession: true, returnUrl: 'http://x.test',
      description: `Invoice ${late.number}`, marks: { tenant: world.acme.uuid, attempt: publicId, invoice: late.publicId },
    })
    await Promise.all([early, late].map((invoice) => world.apart(() => collectInvoice(invoice))))
    expect([await status(early), await status(late), world.taken()]).to.deep.equal(['paid', 'paid', 2])
    expect((await world.payments()).map((p) => p.attemptNo)).to.deep.equal([1, 1])
  }))

  describe('when the bank wants to ask', () => {
    it('writes to the customer off session, who then confirms on the bank\'s page', () => world.in(async () => {
      const customer = await world.customer()
      const method = await world.card(customer, 'pm_card_authenticationRequired')
      const invoice = await newInvoice(customer.id, 500)
      expect(await kindOf(collectInvoice(invoice))).to.equal('declined')
      expect(await world.letters()).to.deep.equal(['payment-failed'])
      const result = await payInvoice(customer, invoice, method.publicId, 1)
      expect(result.path).to.equal(`/invoices/${invoice.publicId}/payment`)
      const open = (await world.payments())[1]!
      expect(open.status).to.equal('requires_action')
      const account = await GatewayAccount.findOwned({ id: method.gatewayAccountId })
      const { actionUrl } = await account.open().retrievePayment(open.gatewayPaymentId!)
      const back = await submit(actionUrl!, { answer: 'complete' })
      expect(back.headers.get('location')).to.include(`acme.localhost:3000/invoices/${invoice.publicId}/payment?attempt=${open.publicId}`)
      expect((await syncPayment(open)).status).to.equal('succeeded')
      expect((await syncPayment(open)).status).to.equal('succeeded')
      expect([await status(invoice), world.taken()]).to.deep.equal(['paid', 1])
    }))
    it('closes a bank page before it charges without the customer, so that both cannot succeed', () => world.in(async () => {
      const customer = await world.customer()
      const asks = await world.card(customer, 'pm_card_authenticationRequired')
      const good = await world.card(customer)
      const invoice = await newInvoice(customer.id, 500)
      await payInvoice(customer, invoice, asks.publicId, 0)
      const open = (await world.payments())[0]!
      const account = await GatewayAccount.findOwned({ id: asks.gatewayAccountId })
      const { actionUrl } = await account.open().retrievePayment(open.gatewayPaymentId!)
      expect(await kindOf(chargeInvoice(invoice, { method: good, offSession: true }))).to.equal('paid')
      await submit(actionUrl!, { answer: 'complete' })
      expect(world.taken()).to.equal(1)
      expect((await world.payments()).map((p) => p.status)).to.deep.equal(['canceled', 'succeeded'])
    }))
    it('finds the customer was faster than we, and charges nothing more', () => world.in(async () => {
      const customer = await world.customer()
      const asks = await world.card(customer, 'pm_card_authenticationRequired')
      const good = await world.card(customer)
      const invoice = await newInvoice(customer.id, 500)
      await payInvoice(customer, invoice, asks.publicId, 0)
      const account = await GatewayAccount.findOwned({ id: asks.gatewayAccountId })
      await submit((await account.open().retrievePayment((await world.payments())[0]!.gatewayPaymentId!)).actionUrl!, { answer: 'complete' })
      expect(await kindOf(chargeInvoice(invoice, { method: good, offSession: true }))).to.equal('paid')
      expect(world.taken()).to.equal(1)
      expect(await world.payments()).to.have.length(1)
    }))
    it('closes the page after a day', () => world.in(async () => {
      const customer = await world.customer()
      const asks = await world.card(customer, 'pm_card_authenticationRequired')
      const invoice = await newInvoice(customer.id, 500)
      await payInvoice(customer, invoice, asks.publicId, 0)
      const payment = (await world.payments())[0]!
      expect((await resolvePayment(payment, new Date('2026-11-11T08:59:59Z'))).status).to.equal('requires_action')
      expect((await resolvePayment(payment, new Date('2026-11-11T09:00:00Z'))).status).to.equal('canceled')
    }))
  })

  it('sells credit once for one form, and pays what is open with it', () => world.in(async () => {
    const customer = await world.customer()
    await world.card(customer)
    const invoice = await newInvoice(customer.id, 400)
    await Promise.all([1, 2, 3].map(() => world.apart(() => topUpCredit(customer, Money.of(1000, 'USD'), 'form-1'))))
    expect(world.taken()).to.equal(1)
    expect(await status(invoice)).to.equal('paid')
    expect(await balances()).to.deep.equal({ cash: 1000, credit: -600, 'revenue:other': -400 })
  }))

  describe('payment methods', () => {
    it('the first is the default; one default at a time; the next follows when it is removed', () => world.in(async () => {
      const customer = await world.customer()
      const [a, b] = [await world.card(customer), await world.card(customer, 'pm_card_mastercard')]
      const shown = async () => (await PaymentMethod.activeOf(customer.id)).map((m) => [m.id, m.isDefault])
      expect(await shown()).to.deep.equal([[a.id, true], [b.id, false]])
      await setDefaultMethod(b)
      expect(await shown()).to.deep.equal([[b.id, true], [a.id, false]])
      await removeMethod(b)
      expect(await shown()).to.deep.equal([[a.id, true]])
      expect(world.stripe.account('acme').get('payment_method', b.gatewayMethodId).customer).to.equal(null)
    }))
    it('the only one stays while a service is billed by the hour', () => world.in(async () => {
      const customer = await world.customer()
      const only = await world.card(customer)
      await newService(customer.id)
      expect(await removeMethod(only).catch((e: unknown) => (e as Refusal).code)).to.equal('payment-method.needed')
      await world.card(customer, 'pm_card_mastercard')
      await removeMethod(only)
      expect(await PaymentMethod.activeOf(customer.id)).to.have.length(1)
    }))
    it('one that a payment still uses stays', () => world.in(async () => {
      const customer = await world.customer()
      const slow = await world.card(customer, 'pm_usBankAccount')
      expect(await kindOf(chargeInvoice(await newInvoice(customer.id, 500), { offSession: true }))).to.equal('checking')
      expect(await removeMethod(slow).catch((e: unknown) => (e as Refusal).code)).to.equal('payment-method.in-use')
    }))
  })
})
