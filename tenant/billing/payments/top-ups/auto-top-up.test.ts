import { expect } from 'chai'
import { FormErrors } from '../../../../shared/errors.js'
import { patience } from '../../../../shared/payments/stripe-gateway.js'
import { newInvoice, usd } from '../../../scenarios/billing-world.js'
import { usePaymentWorld } from '../../../testing/payment-world.js'
import { addCredit } from '../../credit/add-credit.js'
import { creditBalance } from '../../credit/credit.js'
import type { Customer } from '../../../customers/customer.js'
import { AutoTopUp, topUpDipped, topUpIfLow, whyNot } from './auto-top-up.js'
import { Payment } from '../payment.js'
import { resolveDuePayments } from '../resolve-payment.js'
import { endWithout } from '../settle-payment.js'
import { endAutoTopUp, setAutoTopUp, wishErrors } from './set-auto-top-up.js'

const now = new Date('2026-11-10T09:00:00Z')

describe('Automatic top-up', () => {
  const world = usePaymentWorld()
  before(() => {
    patience.timeoutMs = 400
  })
  after(() => {
    patience.timeoutMs = 20_000
  })
  /** $25.00 when the credit is below $10.00, at most $60.00 a month. */
  const wanting = async (token?: string): Promise<Customer> => {
    const customer = await world.customer()
    await setAutoTopUp(customer, { threshold: usd(1000), amount: usd(2500), monthlyCap: usd(6000), method: await world.card(customer, token) })
    return customer
  }
  const credit = async (customer: Customer): Promise<number> => (await creditBalance(customer.id, 'USD')).minor

  it('charges below the threshold and not at it; the cap to the cent', () => {
    const wish = { enabled: true, thresholdMinor: 1000, amountMinor: 2500, monthlyCapMinor: 5000, dippedAt: null }
    const facts = { balanceMinor: 999, chargedMinor: 2500, openPayment: false }
    expect(whyNot(wish, facts)).to.equal(null)
    expect(whyNot(wish, { ...facts, balanceMinor: 1000 })).to.equal('enough')
    expect(whyNot(wish, { ...facts, chargedMinor: 2501 })).to.equal('cap')
    expect(whyNot(wish, { ...facts, openPayment: true })).to.equal('open')
    expect(whyNot({ ...wish, dippedAt: now }, facts)).to.equal('tried')
  })
  it('refuses wishes that would never help', () => {
    const good = { threshold: usd(1000), amount: usd(2500), monthlyCap: usd(2500), method: undefined as never }
    expect(wishErrors(good)).to.equal(null)
    expect(Object.keys(wishErrors({ ...good, amount: usd(999) }) ?? {})).to.deep.equal(['amount'])
    expect(Object.keys(wishErrors({ ...good, monthlyCap: usd(2499) }) ?? {})).to.deep.equal(['monthlyCap'])
  })

  it('charges once a dip, however many workers look, and again for the next dip until the cap', async () => {
    const customer = await world.in(() => wanting())
    await Promise.all(Array.from({ length: 6 }, () => world.apart(() => topUpIfLow(customer.id, now))))
    await world.in(async () => {
      expect([world.taken(), await credit(customer)]).to.deep.equal([1, 2500])
      await topUpDipped(now)
      expect(world.taken()).to.equal(1)
      await newInvoice(customer.id, 2000)
      await topUpDipped(now)
      expect([world.taken(), await credit(customer)]).to.deep.equal([2, 3000])
      await newInvoice(customer.id, 2900)
      await topUpDipped(now) // a third would be $75.00 this month
      expect([world.taken(), await credit(customer)]).to.deep.equal([2, 100])
      await topUpDipped(new Date('2026-12-01T00:00:00Z'))
      expect(world.taken()).to.equal(3)
    })
  })

  it('does not try again after a decline until the customer saves the wish anew or the credit recovers', () => world.in(async () => {
    const customer = await wanting('pm_card_chargeDeclinedInsufficientFunds')
    for (let again = 0; again < 3; again++) await topUpDipped(now)
    expect([(await world.payments()).length, await world.letters()]).to.deep.equal([1, ['auto-top-up-failed']])
    await addCredit({ userId: customer.id, amount: usd(1000), key: 'g', description: 'Gift' })
    await topUpDipped(now)
    await newInvoice(customer.id, 500)
    await topUpDipped(now)
    expect(await world.payments()).to.have.length(2)
    const good = await world.card(customer)
    await setAutoTopUp(customer, { threshold: usd(1000), amount: usd(2500), monthlyCap: usd(6000), method: good })
    await topUpDipped(now)
    expect(await credit(customer)).to.equal(3000)
  }))

  it('waits while the end of one is unknown', () => world.in(async () => {
    const customer = await wanting()
    world.stripe.faults.request({ method: 'POST', path: '/v1/payment_intents', kind: 'timeout-after', times: 20 })
    await topUpDipped(now)
    expect((await world.payments()).map((p) => p.status)).to.deep.equal(['unknown'])
    world.stripe.faults.clear()
    await setAutoTopUp(customer, { threshold: usd(1000), amount: usd(2500), monthlyCap: usd(6000), method: await world.card(customer, 'pm_card_mastercard') })
    await topUpDipped(now)
    expect(await world.payments()).to.have.length(1)
    await world.later(6)
    await resolveDuePayments(new Date('2026-11-10T09:06:00Z'))
    await world.jobs()
    expect(await credit(customer)).to.equal(2500)
  }))

  it('writes when one fails whose answer was lost', () => world.in(async () => {
    await wanting()
    world.stripe.faults.request({ method: 'POST', path: '/v1/payment_intents', kind: 'timeout-before', times: 20 })
    await topUpDipped(now)
    expect([(await world.payments()).map((p) => p.status), await world.letters()]).to.deep.equal([['unknown'], []])
    const [lost] = await world.payments()
    for (let again = 0; again < 2; again++) await endWithout((await Payment.query().findById(lost!.id))!, 'failed', 'insufficient_funds', 'The card has insufficient funds.', now).catch(() => undefined)
    expect(await world.letters()).to.deep.equal(['auto-top-up-failed'])
  }))

  it('ends when the customer says so', () => world.in(async () => {
    const customer = await wanting()
    await endAutoTopUp(customer)
    await topUpDipped(now)
    expect([world.taken(), (await AutoTopUp.of(customer.id))?.enabled]).to.deep.equal([0, false])
    expect(await setAutoTopUp(customer, { threshold: usd(0), amount: usd(2500), monthlyCap: usd(6000), method: await world.card(customer) }).catch((e: unknown) => e)).to.be.instanceOf(FormErrors)
  }))
})
