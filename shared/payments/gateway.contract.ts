/** One set of cases for every gateway. A new implementation runs the same suite against its own simulator. */
import { expect } from 'chai'
import { randomUUID } from 'node:crypto'
import { OutsideError } from '../errors.js'
import type { ChargeRequest, Gateway } from './gateway.js'

export interface GatewayUnderTest {
  gateway: Gateway
  /** The same account, giving up on answers after a fraction of a second. */
  impatient: Gateway
  /** Saves this kind of card for the customer, as the card page does, and returns the method's id. */
  saveCard(customerId: string, kind: 'works' | 'declined' | 'lost' | 'asks-bank' | 'slow'): Promise<string>
  /** The customer answers the bank's question at this address. */
  answerBank(url: string, yes: boolean): Promise<void>
  /** What goes wrong with the next charge. */
  breakNext(how: 'timeout-after' | 'timeout-before' | 'error' | 'rate-limit' | 'garbage' | 'error-after'): void
  /** How many charges took money in all. */
  moneyTaken(): number
  /** A body with its right signature. */
  signedEvent(secondsAgo?: number): { body: Buffer; signature: string }
}

const marks = { tenant: 'tenant-a' }
const tick = (): string => randomUUID()

async function outcome(work: Promise<unknown>): Promise<OutsideError> {
  const error: unknown = await work.then(() => null, (e: unknown) => e)
  if (!(error instanceof OutsideError)) throw new Error(`Expected an OutsideError, got ${String(error)}`)
  return error
}

export function gatewayContract(name: string, open: () => Promise<GatewayUnderTest>): void {
  describe(`a payment gateway: ${name}`, () => {
    let t: GatewayUnderTest
    let customer: string
    const request = (methodId: string, more: Partial<ChargeRequest> = {}): ChargeRequest => {
      const attempt = tick()
      return { key: `k:${attempt}`, customerId: customer, methodId, amountMinor: 1500, currency: 'USD', offSession: true, returnUrl: 'http://shop.test/back', description: 'Invoice', marks: { ...marks, attempt }, ...more }
    }
    before(async () => {
      t = await open()
      customer = await t.gateway.ensureCustomer({ key: tick(), email: 'ann@example.test', name: 'Ann', marks })
    })

    it('makes one customer for one key', async () => {
      const same = { key: tick(), email: 'bob@example.test', name: 'Bob', marks }
      expect(await t.gateway.ensureCustomer(same)).to.equal(await t.gateway.ensureCustomer(same))
    })
    it('saves a card through a setup and shows brand and last digits', async () => {
      const setup = await t.gateway.createSetup({ key: tick(), customerId: customer, marks })
      expect(setup).to.include({ status: 'open', customerId: customer })
      expect(setup.clientSecret).to.be.a('string').and.not.equal('')
      const method = await t.gateway.retrieveMethod(await t.saveCard(customer, 'works'))
      expect(method).to.include({ customerId: customer, brand: 'visa', last4: '4242' })
    })
    it('charges once for one key, however often it is asked', async () => {
      const charge = request(await t.saveCard(customer, 'works'))
      const before = t.moneyTaken()
      const [first, second] = [await t.gateway.charge(charge), await t.gateway.charge(charge)]
      expect(first).to.include({ status: 'succeeded', amountMinor: 1500, receivedMinor: 1500, currency: 'USD' })
      expect(second.id).to.equal(first.id)
      expect(t.moneyTaken()).to.equal(before + 1)
    })
    it('refuses the same key for another amount, and takes nothing', async () => {
      const charge = request(await t.saveCard(customer, 'works'))
      await t.gateway.charge(charge)
      const before = t.moneyTaken()
      expect(await outcome(t.gateway.charge({ ...charge, amountMinor: 1 }))).to.include({ retryable: false, unknown: true })
      expect(t.moneyTaken()).to.equal(before)
    })
    it('answers a decline, with its code, instead of throwing', async () => {
      const payment = await t.gateway.charge(request(await t.saveCard(customer, 'declined')))
      expect(payment).to.include({ status: 'failed', receivedMinor: 0 })
      expect(payment.failure).to.include({ hard: false })
    })
    it('calls a lost card a hard decline and does not tell the holder why', async () => {
      const { failure } = await t.gateway.charge(request(await t.saveCard(customer, 'lost')))
      expect(failure).to.include({ code: 'lost_card', hard: true })
      expect(failure?.message).not.to.match(/lost|stolen/i)
    })
    it('says that the customer is wanted when the bank asks for him off session', async () => {
      const { status, failure } = await t.gateway.charge(request(await t.saveCard(customer, 'asks-bank')))
      expect(status).to.equal('failed')
      expect(failure).to.include({ needsCustomer: true, hard: true })
    })
    it('sends the customer to the bank on session, and succeeds when he confirms', async () => {
      const payment = await t.gateway.charge(request(await t.saveCard(customer, 'asks-bank'), { offSession: false }))
      expect(payment.status).to.equal('requires_action')
      await t.answerBank(payment.actionUrl ?? '', true)
      expect((await t.gateway.retrievePayment(payment.id)).status).to.equal('succeeded')
    })
    it('fails the payment when the customer does not confirm', async () => {
      const payment = await t.gateway.charge(request(await t.saveCard(customer, 'asks-bank'), { offSession: false }))
      await t.answerBank(payment.actionUrl ?? '', false)
      expect((await t.gateway.retrievePayment(payment.id)).status).to.equal('failed')
    })
    it('reports a slow payment as processing', async () => {
      expect((await t.gateway.charge(request(await t.saveCard(customer, 'slow')))).status).to.equal('processing')
    })
    it('reports a lost answer as unknown, finds the payment by its attempt, and repeating takes nothing more', async () => {
      const charge = request(await t.saveCard(customer, 'works'))
      const before = t.moneyTaken()
      t.breakNext('timeout-after')
      expect(await outcome(t.impatient.charge(charge))).to.include({ unknown: true, retryable: true })
      const found = await t.gateway.findPayment({ attempt: charge.marks.attempt, customerId: customer })
      expect(found?.status).to.equal('succeeded')
      expect((await t.gateway.charge(charge)).id).to.equal(found?.id)
      expect(t.moneyTaken()).to.equal(before + 1)
    })
    it('knows nothing of an attempt that never arrived', async () => {
      const charge = request(await t.saveCard(customer, 'works'))
      t.breakNext('timeout-before')
      expect(await outcome(t.impatient.charge(charge))).to.include({ unknown: true })
      expect(await t.gateway.findPayment({ attempt: charge.marks.attempt, customerId: customer })).to.equal(null)
    })
    for (const how of ['error', 'garbage', 'error-after'] as const) {
      it(`treats "${how}" as unknown, never as a decline`, async () => {
        t.breakNext(how)
        expect(await outcome(t.gateway.charge(request(await t.saveCard(customer, 'works'))))).to.include({ unknown: true, retryable: true })
      })
    }
    it('knows that nothing happened when it was asked to slow down', async () => {
      const charge = request(await t.saveCard(customer, 'works'))
      t.breakNext('rate-limit')
      expect(await outcome(t.gateway.charge(charge))).to.include({ unknown: false, retryable: true, code: 'rate_limit' })
    })
    it('cancels a payment that waits for the bank, so that it can no longer succeed', async () => {
      const payment = await t.gateway.charge(request(await t.saveCard(customer, 'asks-bank'), { offSession: false }))
      expect((await t.gateway.cancelPayment(payment.id)).status).to.equal('canceled')
      await t.answerBank(payment.actionUrl ?? '', true)
      expect((await t.gateway.retrievePayment(payment.id)).status).to.equal('canceled')
    })
    it('tells the truth when the payment to cancel has already succeeded', async () => {
      const payment = await t.gateway.charge(request(await t.saveCard(customer, 'works')))
      expect((await t.gateway.cancelPayment(payment.id)).status).to.equal('succeeded')
    })
    it('removes a method once and for all', async () => {
      const method = await t.saveCard(customer, 'works')
      await t.gateway.removeMethod(method)
      await t.gateway.removeMethod(method)
      expect((await t.gateway.retrieveMethod(method)).customerId).to.equal(null)
    })
    it('refunds a part once for one key, never more than was paid', async () => {
      const payment = await t.gateway.charge(request(await t.saveCard(customer, 'works')))
      const refund = { key: tick(), paymentId: payment.id, amountMinor: 1000, currency: 'USD', marks }
      expect((await t.gateway.refund(refund)).id).to.equal((await t.gateway.refund(refund)).id)
      expect(await outcome(t.gateway.refund({ ...refund, key: tick() }))).to.include({ unknown: false, retryable: false })
    })
    it('believes an event with the right signature', () => {
      const { body, signature } = t.signedEvent()
      expect(t.gateway.verifyWebhook(body, signature).objectId).to.be.a('string')
    })
    it('refuses an event without signature, with one bit changed, or 301 seconds old; 299 are fine', () => {
      const { body, signature } = t.signedEvent()
      const flipped = Buffer.from(body)
      flipped[10] = flipped[10]! ^ 1
      for (const wrong of [undefined, '', 't=1,v1=00', signature.replace(/.$/, (c) => (c === '0' ? '1' : '0'))]) expect(() => t.gateway.verifyWebhook(body, wrong)).to.throw(/signature/i)
      expect(() => t.gateway.verifyWebhook(flipped, signature)).to.throw(/signature/i)
      const [old, young] = [t.signedEvent(301), t.signedEvent(299)]
      expect(() => t.gateway.verifyWebhook(old.body, old.signature)).to.throw(/signature/i)
      expect(t.gateway.verifyWebhook(young.body, young.signature)).to.be.an('object')
    })
  })
}
