// A little longer: payments and refunds share payers, faults and forms.
import { expect } from 'chai'
import { patience } from '../../../shared/payments/stripe-gateway.js'
import { newPublicId } from '../../../shared/security/token.js'
import { StripeSimulator } from '../../../shared/simulators/stripe/server.js'
import type { Browser } from '../../../shared/testing/browser.js'
import { auditTenant } from '../../../tenant/billing/audit.js'
import { creditBalance } from '../../../tenant/billing/credit/credit.js'
import { chargeInvoice } from '../../../tenant/billing/payments/charge-invoice.js'
import { Payment } from '../../../tenant/billing/payments/payment.js'
import { giveAsCredit } from '../../../tenant/billing/payments/refunds/give-as-credit.js'
import { refundable, refundPayment } from '../../../tenant/billing/payments/refunds/refund-payment.js'
import { Refund } from '../../../tenant/billing/payments/refunds/refund.js'
import { resolveRefundByHand } from '../../../tenant/billing/payments/refunds/resolve-refund.js'
import { Customer } from '../../../tenant/customers/customer.js'
import { newCustomer, newInvoice, newPayment, usd } from '../../../tenant/scenarios/billing-world.js'
import { connectShop, saveCard } from '../../../tenant/testing/payment-world.js'
import { hidden, useDesk, words } from '../../testing/desk-world.js'

describe('Many payments and refunds at the desk', function () {
  this.timeout(60_000)
  const { inAcme: at, inShop, ...desk } = useDesk()
  let stripe: StripeSimulator
  let owner: Browser
  let support: Browser
  let globex: Browser

  before(async () => {
    stripe = await StripeSimulator.start({})
    patience.timeoutMs = 400
    ;[owner, support, globex] = [await desk.member('acme'), await desk.member('acme', 'support'), await desk.member('globex')]
    for (const slug of ['acme', 'globex']) await inShop(slug, () => connectShop(stripe, slug).then(() => undefined))
    for (const browser of [owner, support, globex]) await browser.get('/reseller/payments')
  })
  after(async () => {
    patience.timeoutMs = 20_000
    await stripe.stop()
  })
  afterEach(() => stripe.faults.clear())

  const payer = async (name: string): Promise<Customer> => Customer.findOwned<Customer>({ id: await newCustomer({ name, email: `${newPublicId()}@mail.example` }) })
  /** A payment of this many cents by a new customer's card. */
  const paid = (minor: number, shop = 'acme'): Promise<Payment> => inShop(shop, async () => {
    const customer = await payer('Ada Lovelace')
    await chargeInvoice(await newInvoice(customer.id, minor), { method: await saveCard(stripe, customer), offSession: true })
    return (await Payment.query().where({ userId: customer.id }).first())!
  })
  const sent = (payment: Payment): unknown[] => stripe.account('acme').all('refund').filter((r) => r.payment_intent === payment.gatewayPaymentId).map((r) => r.amount)
  const picks = (...rows: ReadonlyArray<{ publicId: string }>): Record<string, string> => Object.fromEntries(rows.map((row) => [`pick_${row.publicId}`, 'on']))
  const confirmed = (body: string, more: Record<string, string> = {}): Record<string, string> => ({ ...Object.fromEntries(['act', 'ids', 'formKey', 'seen'].map((name) => [name, hidden(body, name)]).filter(([, value]) => value)), ...more })
  const refundsOf = (payment: Payment): Promise<Refund[]> => at(() => Refund.query().where({ paymentId: payment.id }).orderBy('id').then((rows) => rows))

  it('give back just what was shown, once, and leave alone what changed since', async () => {
    const [whole, rest, changed, failed, foreign] = [await paid(2000), await paid(2000), await paid(1000), await at(async () => Payment.findOwned<Payment>({ id: (await newPayment(await newCustomer(), null, 900, 'failed')).paymentId })), await paid(3000, 'globex')]
    await at(() => refundPayment({ payment: rest, amount: usd(501), to: 'source', reason: 'Slow', key: 'before' }).then(() => undefined))
    const preview = await owner.post('/reseller/payments/selection', { act: 'refund', ...picks(whole, rest, changed, failed, foreign) })
    const text = words(preview.body)
    for (const part of ['$20.00 goes back: Visa ending 4242', '$14.99 goes back: Visa ending 4242', '$10.00 goes back', 'Left alone: Only a payment that succeeded can be refunded.', 'Refund 3 payments']) expect(text).to.include(part)
    expect(text).to.not.include('$30.00')
    expect(hidden(preview.body, 'ids').split(',')).to.have.members([whole, rest, changed].map((p) => p.publicId))
    expect([sent(whole), sent(changed)]).to.deep.equal([[], []])

    const form = confirmed(preview.body, { reason: 'The service was down' })
    expect((await owner.post('/reseller/payments/selection/acts', { ...form, reason: '' })).status).to.equal(422)
    await at(() => refundPayment({ payment: changed, amount: usd(100), to: 'source', reason: 'Slow', key: 'between' }).then(() => undefined))
    const first = words((await owner.post('/reseller/payments/selection/acts', form)).body)
    expect(first).to.include('Refunded 2 payments').and.to.include('$14.99 went back').and.to.include('Left alone Only 9.00 USD of this payment can still be refunded.')
    const second = words((await owner.post('/reseller/payments/selection/acts', form)).body)
    expect(second).to.include('Refunded 2 payments')
    expect([sent(whole), sent(rest), sent(changed)]).to.deep.equal([[2000], [501, 1499], [100]])
    expect(await at(async () => [(await refundable(whole)).minor, (await refundable(rest)).minor, (await refundable(changed)).minor])).to.deep.equal([0, 0, 900])
    expect((await refundsOf(whole))[0]!.reason).to.equal('The service was down')
    expect(words((await owner.post('/reseller/payments/selection', { act: 'refund', ...picks(whole) })).body)).to.include('Nothing of it is left to refund.')
    expect(await at(auditTenant)).to.deep.equal([])
  })

  it('find nothing of another shop, and support only asks the gateway', async () => {
    const payment = await paid(1000)
    for (const browser of [owner, globex]) await browser.get('/reseller/payments')
    expect(words((await globex.post('/reseller/payments/selection', { act: 'credit', ...picks(payment) })).body)).to.include('Nothing to do')
    const form = { act: 'credit', ids: payment.publicId, seen: '1000', formKey: newPublicId(), reason: 'Mine now' }
    expect((await globex.post('/reseller/payments/selection/acts', form)).status).to.equal(422)
    for (const act of ['refund', 'credit']) expect((await support.post('/reseller/payments/selection', { act, ...picks(payment) })).status, act).to.equal(409)
    expect((await support.post('/reseller/payments/selection/acts', form)).status).to.equal(409)
    expect((await support.post('/reseller/refunds/selection', { act: 'credit', ...picks(payment) })).status).to.equal(409)
    expect((await support.post('/reseller/payments/selection', { act: 'look', ...picks(payment) })).status).to.equal(200)
    for (const bad of ['1001', '0', '1e3', 'x']) expect(words((await owner.post('/reseller/payments/selection/acts', { ...form, seen: bad })).body), bad).to.match(/1 payment left alone/)
    expect((await owner.post('/reseller/payments/selection/acts', { ...form, seen: '' })).status).to.equal(422)
    expect(await refundsOf(payment)).to.deep.equal([])
  })

  it('become credit to the cent, however often the form is sent at once', async () => {
    const [one, two] = [await paid(1234), await paid(766)]
    const preview = await owner.post('/reseller/payments/selection', { act: 'credit', ...picks(one, two) })
    expect(words(preview.body)).to.include('gets $12.34 as credit').and.to.include('gets $7.66 as credit')
    const form = confirmed(preview.body, { reason: 'Sorry' })
    await Promise.all([1, 2, 3].map(() => owner.post('/reseller/payments/selection/acts', form)))
    expect(await at(async () => [(await creditBalance(one.userId, 'USD')).minor, (await creditBalance(two.userId, 'USD')).minor])).to.deep.equal([1234, 766])
    expect([sent(one), sent(two), (await refundsOf(one)).length]).to.deep.equal([[], [], 1])
    expect(await at(auditTenant)).to.deep.equal([])
  })

  it('whose end is not known are looked up, by support too', async () => {
    stripe.faults.request({ method: 'POST', path: '/v1/payment_intents', kind: 'timeout-after', times: 20 })
    const lost = await paid(1100)
    stripe.faults.clear()
    const known = await paid(1200)
    expect((await at(() => Payment.findOwned<Payment>({ id: lost.id }))).status).to.equal('unknown')
    const preview = await support.post('/reseller/payments/selection', { act: 'look', ...picks(lost, known) })
    expect(words(preview.body)).to.include('Ask about 1 payment').and.to.include('Left alone: Its end is known already.')
    const form = confirmed(preview.body)
    expect(words((await support.post('/reseller/payments/selection/acts', form)).body)).to.include('Known now: succeeded')
    expect(words((await support.post('/reseller/payments/selection/acts', form)).body)).to.include('Its end is known already.')
    expect((await at(() => Payment.findOwned<Payment>({ id: lost.id }))).status).to.equal('succeeded')
  })

  it('give back the rest only where a credit note’s refund failed: its money is the customer’s credit already', async () => {
    const payment = await paid(1500)
    stripe.faults.request({ method: 'POST', path: '/v1/refunds', kind: 'timeout-before', times: 20 })
    await at(async () => resolveRefundByHand(await refundPayment({ payment, amount: usd(600), to: 'source', reason: 'Note', key: 'credit-note:999' }), 'failed', 'Not there'))
    expect((await at(() => creditBalance(payment.userId, 'USD'))).minor).to.equal(600)
    expect(words((await owner.post('/reseller/payments/selection', { act: 'credit', ...picks(payment) })).body)).to.include('gets $9.00 as credit')
    expect(words((await owner.post('/reseller/payments/selection', { act: 'refund', ...picks(payment) })).body)).to.include('$9.00 goes back: Visa ending 4242')
    const [refund] = await refundsOf(payment)
    expect(words((await owner.post('/reseller/refunds/selection', { act: 'credit', ...picks(refund!) })).body)).to.include('It belongs to a credit note')
    expect(await at(() => giveAsCredit(refund!).then(() => 'given', (error: Error) => error.message))).to.include('It belongs to a credit note')
  })

  it('are listed with their refunds; one that is under way is looked up, one that failed becomes credit once', async () => {
    const [waits, fails, since, runs] = [await paid(2000), await paid(2100), await paid(2200), await paid(2300)]
    stripe.faults.request({ method: 'POST', path: '/v1/refunds', kind: 'timeout-before', times: 20 })
    for (const [payment, minor] of [[waits, 300], [fails, 700], [since, 800], [runs, 400]] as const) await at(() => refundPayment({ payment, amount: usd(minor), to: 'source', reason: '=2+3', key: `lost${minor}` }).then(() => undefined))
    stripe.faults.clear()
    const [open, failed, overtaken, raced] = [(await refundsOf(waits))[0]!, (await refundsOf(fails))[0]!, (await refundsOf(since))[0]!, (await refundsOf(runs))[0]!]
    await at(async () => {
      for (const refund of [failed, overtaken, raced]) await resolveRefundByHand(refund, 'failed', 'Not there')
      await refundPayment({ payment: since, amount: usd(800), to: 'source', reason: 'Again', key: 'again' })
    })
    expect(words((await owner.get('/reseller/refunds')).body)).to.include('$7.00').and.to.include('$21.00').and.to.include('Not there')
    expect((await owner.get(`/reseller/refunds?q=${waits.publicId}`)).body).to.include(`pick_${open.publicId}`).and.not.include(`pick_${failed.publicId}`)
    expect((await owner.get('/reseller/refunds?show=failed')).body).to.include(`pick_${failed.publicId}`).and.not.include(`pick_${open.publicId}`)
    expect(words((await owner.get('/reseller/refunds?from=2020-01-01&to=2020-01-02')).body)).to.include('No such refund')
    expect(words((await globex.get('/reseller/refunds')).body)).to.include('No refunds yet')
    const csv = await owner.get(`/reseller/refunds.csv?q=${fails.publicId}`)
    expect([csv.headers['cache-control'], csv.body.trim().split('\r\n').length]).to.deep.equal(['private, no-store', 2])
    expect(csv.body).to.include(",7.00,USD,The way it came,failed,'=2+3,").and.to.include('Not there')

    const look = await support.post('/reseller/refunds/selection', { act: 'look', ...picks(open, failed) })
    expect(words((await support.post('/reseller/refunds/selection/acts', confirmed(look.body))).body)).to.include('Known now: succeeded')
    expect(sent(waits)).to.deep.equal([300])

    await owner.get('/reseller/refunds')
    const preview = await owner.post('/reseller/refunds/selection', { act: 'credit', ...picks(open, failed, overtaken) })
    for (const part of ['$7.00 becomes credit', 'Only a refund that failed', 'Something of this payment was given back since.', 'Give as credit 1 refund']) expect(words(preview.body)).to.include(part)
    const form = confirmed(preview.body)
    expect(words((await owner.post('/reseller/refunds/selection/acts', form)).body)).to.include('Given as credit 1 refund').and.to.include('$7.00 became credit')
    expect(words((await owner.post('/reseller/refunds/selection/acts', form)).body)).to.include('It was given as credit already.')
    const races = await Promise.allSettled([raced, raced, raced, overtaken].map((refund) => at(() => giveAsCredit(refund))))
    expect(races.map((race) => race.status).sort()).to.deep.equal(['fulfilled', 'rejected', 'rejected', 'rejected'])
    expect(await at(async () => [(await creditBalance(fails.userId, 'USD')).minor, (await creditBalance(since.userId, 'USD')).minor, (await creditBalance(runs.userId, 'USD')).minor, (await refundable(fails)).minor])).to.deep.equal([700, 0, 400, 1400])
    expect((await at(auditTenant)).filter((f) => f.check !== 'gateway.refund')).to.deep.equal([])
  })
})
