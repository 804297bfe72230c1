/** One set of cases for every gateway, longer than other files for that. A new implementation runs the same suite against its own simulator. */
import { expect } from 'chai'
import { randomUUID } from 'node:crypto'
import { OutsideError } from '../errors.js'
import type { Gateway } from './gateway.js'
import type { ChargeRequest, GatewayPayment } from './gateway-charges.js'
import type { Evidence, EvidenceRequest } from './gateway-disputes.js'
import type { HeaderOf } from './gateway-events.js'

export interface SignedEvent {
  body: Buffer
  headers: Record<string, string>
}
export interface GatewayUnderTest {
  gateway: Gateway
  /** The same account, giving up on answers after a fraction of a second. */
  impatient: Gateway
  /** Saves this kind of card or account for the customer, as the gateway's own page does, and returns the method's id. */
  saveMethod(customerId: string, kind: 'works' | 'declined' | 'lost' | 'asks-bank' | 'slow' | 'refund-fails'): Promise<string>
  /** The customer answers the question at this address, or goes away. */
  answer(url: string, yes: boolean): Promise<void>
  /** What goes wrong with the next charge. */
  breakNext(how: 'timeout-after' | 'timeout-before' | 'error' | 'rate-limit' | 'garbage' | 'error-after'): void
  /** How many charges took money in all. */
  moneyTaken(): number
  /** A body with its right signature. */
  signedEvent(secondsAgo?: number): SignedEvent
  /** The customer complains; the dispute's id. */
  dispute(paymentId: string): string
  decide(disputeId: string, outcome: 'won' | 'lost'): void
  /** What goes wrong with the next answer to a dispute. */
  breakAnswer(how: 'timeout-after' | 'timeout-before' | 'error'): void
  /** All that the gateway keeps of the answer to a dispute, as text, and the first characters of the file that came with it. */
  answered(disputeId: string): { text: string; file: string | null }
  /** A refund that was done fails after all. */
  failRefund(refundId: string): void
  readonly facts: {
    brand: string
    /** The code of a method that must not be tried again. */
    lostCode: string
    /** What a payment is whose customer went away from the question. */
    unanswered: 'failed' | 'requires_action'
    /** Oldest signature that is believed, in seconds. */
    tolerance: number
    /** Amounts that arrive as they were sent, in minor units. */
    amounts: ReadonlyArray<[currency: string, minor: number]>
    /** Taken by the gateway in no way. */
    refusedCurrency: string | null
  }
}

const tenant = 'tenant-a'
const marks = { tenant }
const tick = (): string => randomUUID()
const setupOf = (customerId: string) => ({ key: tick(), customerId, marks, returnUrl: 'http://shop.test/back', cancelUrl: 'http://shop.test/away', brandName: 'Shop' })
const headerOf = (headers: Record<string, string>): HeaderOf => (name) => headers[name]

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
      return { key: `k:${attempt}`, customerId: customer, methodId, amountMinor: 1500, currency: 'USD', offSession: true, returnUrl: 'http://shop.test/back', description: 'Invoice', marks: { ...marks, attempt, invoice: 'inv-1' }, ...more }
    }
    const paid = async (more: Partial<ChargeRequest> = {}, kind: 'works' | 'refund-fails' = 'works'): Promise<{ charge: ChargeRequest; payment: GatewayPayment }> => {
      const charge = request(await t.saveMethod(customer, kind), more)
      return { charge, payment: await t.gateway.charge(charge) }
    }
    const refundOf = (paymentId: string, amountMinor: number, currency = 'USD') => ({ key: tick(), paymentId, amountMinor, currency, marks: { ...marks, refund: tick() } })
    before(async () => {
      t = await open()
      customer = await t.gateway.ensureCustomer({ key: tick(), email: 'ann@example.test', name: 'Ann', marks })
    })

    describe('customers and methods', () => {
      it('makes one customer for one key', async () => {
        const same = { key: tick(), email: 'bob@example.test', name: 'Bob', marks }
        expect(await t.gateway.ensureCustomer(same)).to.equal(await t.gateway.ensureCustomer(same))
      })
      it('saves a method through a setup and shows whose it is', async () => {
        const setup = await t.gateway.createSetup(setupOf(customer))
        expect(setup).to.include({ customerId: customer, method: null })
        expect(['open', 'requires_action']).to.include(setup.status)
        const method = await t.gateway.retrieveMethod(await t.saveMethod(customer, 'works'))
        expect(method).to.include({ customerId: customer, brand: t.facts.brand })
        expect(method.last4 ?? method.account).to.be.a('string').and.not.equal('')
      })
      it('saves nothing while the customer has not said yes, and completing is safe to repeat', async () => {
        const setup = await t.gateway.createSetup(setupOf(customer))
        expect((await t.gateway.completeSetup(setup.id)).method).to.equal(null)
        expect((await t.gateway.completeSetup(setup.id)).method).to.equal(null)
      })
      it('removes a method once and for all; it can no longer be charged', async () => {
        const method = await t.saveMethod(customer, 'works')
        await t.gateway.removeMethod(method)
        await t.gateway.removeMethod(method)
        expect((await t.gateway.retrieveMethod(method)).customerId).to.equal(null)
        const before = t.moneyTaken()
        const after = await t.gateway.charge(request(method)).catch((e: unknown) => e)
        expect(after instanceof OutsideError ? after.unknown : (after as GatewayPayment).failure?.hard).to.equal(!(after instanceof OutsideError))
        expect(t.moneyTaken()).to.equal(before)
      })
    })

    describe('charging', () => {
      it('charges once for one key, however often it is asked', async () => {
        const before = t.moneyTaken()
        const { charge, payment } = await paid()
        expect(payment).to.include({ status: 'succeeded', amountMinor: 1500, receivedMinor: 1500, currency: 'USD', customerId: customer })
        expect(payment.metadata).to.deep.equal({ ...charge.marks })
        expect((await t.gateway.charge(charge)).id).to.equal(payment.id)
        expect(t.moneyTaken()).to.equal(before + 1)
      })
      it('refuses the same key for another amount, and takes nothing', async () => {
        const { charge } = await paid()
        const before = t.moneyTaken()
        expect(await outcome(t.gateway.charge({ ...charge, amountMinor: 1 }))).to.include({ retryable: false, unknown: true })
        expect(t.moneyTaken()).to.equal(before)
      })
      it('carries every amount exactly, in currencies with none, two and three decimals', async () => {
        for (const [currency, minor] of t.facts.amounts) {
          const { payment } = await paid({ currency, amountMinor: minor })
          expect([payment.currency, payment.amountMinor, payment.receivedMinor], currency).to.deep.equal([currency, minor, minor])
        }
      })
      it('says before anything is sent that a currency is not taken', async () => {
        if (t.facts.refusedCurrency === null) return expect(t.gateway.takes('USD')).to.equal(true)
        expect(t.gateway.takes(t.facts.refusedCurrency)).to.equal(false)
        const charge = request(await t.saveMethod(customer, 'works'), { currency: t.facts.refusedCurrency, amountMinor: 1230 })
        expect(await outcome(t.gateway.charge(charge))).to.include({ unknown: false, retryable: false, code: 'currency_not_supported' })
      })
      it('answers a decline, with its code, instead of throwing', async () => {
        const payment = await t.gateway.charge(request(await t.saveMethod(customer, 'declined')))
        expect(payment).to.include({ status: 'failed', receivedMinor: 0, amountMinor: 1500, currency: 'USD', customerId: customer })
        expect(payment.failure).to.include({ hard: false })
      })
      it('calls a lost card or a locked account a hard decline and does not tell the holder why', async () => {
        const { failure } = await t.gateway.charge(request(await t.saveMethod(customer, 'lost')))
        expect(failure).to.include({ code: t.facts.lostCode, hard: true })
        expect(failure?.message).not.to.match(/lost|stolen|locked|closed/i)
      })
      it('says that the customer is wanted when he is asked off session', async () => {
        const { status, failure } = await t.gateway.charge(request(await t.saveMethod(customer, 'asks-bank')))
        expect(status).to.equal('failed')
        expect(failure).to.include({ needsCustomer: true, hard: true })
      })
      it('sends the customer to the question on session, and succeeds when he says yes', async () => {
        const payment = await t.gateway.charge(request(await t.saveMethod(customer, 'asks-bank'), { offSession: false }))
        expect(payment.status).to.equal('requires_action')
        expect((await t.gateway.completePayment(payment.id)).status, 'not yet answered').to.equal('requires_action')
        await t.answer(payment.actionUrl ?? '', true)
        const before = t.moneyTaken()
        expect((await t.gateway.completePayment(payment.id)).status).to.equal('succeeded')
        expect(await t.gateway.completePayment(payment.id)).to.include({ status: 'succeeded', receivedMinor: 1500 })
        expect(t.moneyTaken()).to.be.at.most(before + 1)
      })
      it('takes nothing when the customer does not say yes', async () => {
        const payment = await t.gateway.charge(request(await t.saveMethod(customer, 'asks-bank'), { offSession: false }))
        await t.answer(payment.actionUrl ?? '', false)
        expect(await t.gateway.completePayment(payment.id)).to.include({ status: t.facts.unanswered, receivedMinor: 0 })
      })
      it('reports a slow payment as processing: nothing has arrived', async () => {
        expect(await t.gateway.charge(request(await t.saveMethod(customer, 'slow')))).to.include({ status: 'processing', receivedMinor: 0 })
      })
      it('cancels a payment that waits for the customer, so that it can no longer succeed', async () => {
        const payment = await t.gateway.charge(request(await t.saveMethod(customer, 'asks-bank'), { offSession: false }))
        expect((await t.gateway.cancelPayment(payment.id)).status).to.equal('canceled')
        const before = t.moneyTaken()
        await t.answer(payment.actionUrl ?? '', true)
        expect((await t.gateway.completePayment(payment.id)).status).to.equal('canceled')
        expect((await t.gateway.cancelPayment(payment.id)).status).to.equal('canceled')
        expect(t.moneyTaken()).to.equal(before)
      })
      it('tells the truth when the payment to cancel has already succeeded', async () => {
        const { payment } = await paid()
        expect((await t.gateway.cancelPayment(payment.id)).status).to.equal('succeeded')
      })
    })

    describe('when something goes wrong on the way', () => {
      it('reports a lost answer as unknown, finds the payment by its attempt, and repeating takes nothing more', async () => {
        const charge = request(await t.saveMethod(customer, 'works'))
        const before = t.moneyTaken()
        t.breakNext('timeout-after')
        expect(await outcome(t.impatient.charge(charge))).to.include({ unknown: true, retryable: true })
        const found = await t.gateway.findPayment({ attempt: charge.marks.attempt, customerId: customer })
        expect(found?.status).to.equal('succeeded')
        expect((await t.gateway.charge(charge)).id).to.equal(found?.id)
        expect(t.moneyTaken()).to.equal(before + 1)
      })
      it('knows nothing of an attempt that never arrived', async () => {
        const charge = request(await t.saveMethod(customer, 'works'))
        t.breakNext('timeout-before')
        expect(await outcome(t.impatient.charge(charge))).to.include({ unknown: true })
        expect(await t.gateway.findPayment({ attempt: charge.marks.attempt, customerId: customer })).to.equal(null)
      })
      for (const how of ['error', 'garbage', 'error-after'] as const) {
        it(`treats "${how}" as unknown, never as a decline`, async () => {
          const charge = request(await t.saveMethod(customer, 'works'))
          t.breakNext(how)
          expect(await outcome(t.gateway.charge(charge))).to.include({ unknown: true, retryable: true })
        })
      }
      it('knows that nothing happened when it was asked to slow down', async () => {
        const charge = request(await t.saveMethod(customer, 'works'))
        t.breakNext('rate-limit')
        expect(await outcome(t.gateway.charge(charge))).to.include({ unknown: false, retryable: true, code: 'rate_limit' })
      })
    })

    describe('refunds', () => {
      it('refunds a part once for one key, the rest after it, and never more than was paid', async () => {
        const { payment } = await paid()
        const part = refundOf(payment.id, 1000)
        const first = await t.gateway.refund(part)
        expect(first).to.include({ status: 'succeeded', amountMinor: 1000, currency: 'USD', paymentId: payment.id })
        expect((await t.gateway.refund(part)).id).to.equal(first.id)
        expect(await outcome(t.gateway.refund(refundOf(payment.id, 501)))).to.include({ unknown: false, retryable: false })
        expect((await t.gateway.refund(refundOf(payment.id, 500))).status).to.equal('succeeded')
        expect(await outcome(t.gateway.refund(refundOf(payment.id, 1)))).to.include({ unknown: false, retryable: false })
        expect((await t.gateway.retrievePayment(payment.id)).receivedMinor, 'what was paid stays what was paid').to.equal(1500)
      })
      it('finds a refund by our mark, and knows nothing of one that never arrived', async () => {
        const { payment } = await paid()
        const made = refundOf(payment.id, 700)
        const { id } = await t.gateway.refund(made)
        expect((await t.gateway.findRefund({ paymentId: payment.id, refund: made.marks.refund }))?.id).to.equal(id)
        expect((await t.gateway.retrieveRefund(id)).metadata).to.include({ tenant, refund: made.marks.refund })
        expect(await t.gateway.findRefund({ paymentId: payment.id, refund: tick() })).to.equal(null)
      })
      it('tells that a refund failed after it was done', async () => {
        const { payment } = await paid()
        const { id } = await t.gateway.refund(refundOf(payment.id, 700))
        t.failRefund(id)
        expect((await t.gateway.retrieveRefund(id)).status).to.equal('failed')
      })
    })

    describe('disputes and the list of movements', () => {
      it('tells what is disputed, until when to answer, and how it ended', async () => {
        for (const end of ['won', 'lost'] as const) {
          const { charge, payment } = await paid()
          const id = t.dispute(payment.id)
          const open = await t.gateway.retrieveDispute(id)
          expect(open).to.include({ id, status: 'open', amountMinor: 1500, currency: 'USD', attempt: charge.marks.attempt, tenant })
          expect(open.respondBy).to.be.instanceOf(Date)
          t.decide(id, end)
          expect((await t.gateway.retrieveDispute(id)).status).to.equal(end)
        }
      })
      describe('are answered:', () => {
        const evidence: Evidence = {
          customerName: 'Ann', customerEmail: 'ann@example.test', customerAddress: '1 Quay\nPorttown', purchaseIp: '203.0.113.7', productDescription: 'A workspace', servicePeriod: '1 to 30 November 2026', agreement: 'Order 7, agreed',
          accessLog: Array.from({ length: 300 }, (_, n) => `2026-11-01 sign-in ${n}`).join('\n'), refundPolicy: 'No refunds', cancellationPolicy: 'Any day – by „click“', statement: 'It was used.',
        }
        const receipt = { filename: 'invoice.pdf', contentType: 'application/pdf' as const, content: Buffer.from([0x25, 0x50, 0x44, 0x46, 0x2d, 0x00, 0xff, 0x0d, 0x0a, 0xfe]) }
        const disputed = async () => t.dispute((await paid()).payment.id)
        const answer = (disputeId: string, more: Partial<EvidenceRequest> = {}): EvidenceRequest => ({ key: tick(), disputeId, reason: 'fraudulent', evidence, receipt, ...more })
        it('evidence arrives whole, with the file to the byte, and then it is not our turn any more', async () => {
          const id = await disputed()
          expect(await t.gateway.retrieveDispute(id)).to.include({ needsAnswer: true, submissions: 0 })
          await t.gateway.submitEvidence(answer(id))
          expect(await t.gateway.retrieveDispute(id)).to.include({ status: 'open', needsAnswer: false, submissions: 1 })
          const { text, file } = t.answered(id)
          for (const part of Object.values(evidence)) for (const line of part.split('\n')) expect(text).to.include(line)
          expect(Buffer.from(file ?? '', 'latin1').equals(receipt.content.subarray(0, file?.length))).to.equal(true)
          t.decide(id, 'won')
          expect(await t.gateway.retrieveDispute(id)).to.include({ status: 'won', needsAnswer: false })
        })
        it('one key answers once, also when its first answer was lost; the dispute tells that it arrived', async () => {
          const request = answer(await disputed())
          t.breakAnswer('timeout-after')
          expect(await outcome(t.impatient.submitEvidence(request))).to.include({ unknown: true, retryable: true })
          expect(await t.gateway.retrieveDispute(request.disputeId)).to.include({ needsAnswer: false, submissions: 1 })
          await t.gateway.submitEvidence(request)
          expect(await t.gateway.retrieveDispute(request.disputeId)).to.include({ submissions: 1 })
        })
        it('what never arrived leaves the dispute as it was, and the same request may go again', async () => {
          const request = answer(await disputed(), { receipt: null })
          for (const how of ['timeout-before', 'error'] as const) {
            t.breakAnswer(how)
            expect(await outcome(t.impatient.submitEvidence(request)), how).to.include({ unknown: true, retryable: true })
            expect(await t.gateway.retrieveDispute(request.disputeId)).to.include({ needsAnswer: true, submissions: 0 })
          }
          await t.gateway.submitEvidence(request)
          expect(await t.gateway.retrieveDispute(request.disputeId)).to.include({ submissions: 1 })
          expect(t.answered(request.disputeId).file).to.equal(null)
        })
        it('giving in loses the dispute, once for one key', async () => {
          const id = await disputed()
          const request = { key: tick(), disputeId: id }
          await t.gateway.acceptDispute(request)
          expect(await t.gateway.retrieveDispute(id)).to.include({ status: 'lost', needsAnswer: false })
          await t.gateway.acceptDispute(request)
        })
        it('nothing is taken when it is not our turn: nothing happened, and later does not help', async () => {
          const [answeredOne, over] = [await disputed(), await disputed()]
          await t.gateway.submitEvidence(answer(answeredOne))
          t.decide(over, 'won')
          for (const id of [answeredOne, over]) {
            expect(await outcome(t.gateway.submitEvidence(answer(id)))).to.include({ unknown: false, retryable: false })
            expect(await outcome(t.gateway.acceptDispute({ key: tick(), disputeId: id }))).to.include({ unknown: false, retryable: false })
          }
          expect(await t.gateway.retrieveDispute(answeredOne)).to.include({ status: 'open', submissions: 1 })
          expect((await t.gateway.retrieveDispute(over)).status).to.equal('won')
        })
      })
      it('lists every movement once, signed, with our marks, and nothing outside the span', async () => {
        const since = new Date(Date.now() - 3_600_000)
        const until = new Date(Date.now() + 3_600_000)
        const { charge, payment } = await paid()
        const refunded = await t.gateway.refund({ ...refundOf(payment.id, 400), marks: { ...marks, refund: tick(), attempt: charge.marks.attempt } })
        const other = await paid()
        t.decide(t.dispute(other.payment.id), 'won')
        const all = await t.gateway.listTransactions({ since, until })
        expect(new Set(all.map((m) => m.id)).size).to.equal(all.length)
        const of = (attempt: string) => all.filter((m) => m.attempt === attempt || (m.paymentId !== null && m.paymentId === (attempt === charge.marks.attempt ? payment.id : other.payment.id))).map((m) => [m.kind, m.amountMinor, m.currency])
        expect(of(charge.marks.attempt)).to.deep.equal([['charge', 1500, 'USD'], ['refund', -400, 'USD']])
        expect(of(other.charge.marks.attempt)).to.deep.equal([['charge', 1500, 'USD'], ['dispute', -1500, 'USD'], ['dispute-reversal', 1500, 'USD']])
        expect(all.find((m) => m.kind === 'refund' && m.sourceId === refunded.id)).to.not.equal(undefined)
        expect(all.find((m) => m.attempt === charge.marks.attempt)?.feeMinor).to.be.greaterThan(0)
        expect(await t.gateway.listTransactions({ since: new Date(since.getTime() - 86_400_000), until: since })).to.deep.equal([])
      })
    })

    describe('webhooks', () => {
      const verify = ({ body, headers }: SignedEvent) => t.gateway.verifyWebhook(body, headerOf(headers))
      const refused = async (event: SignedEvent, why: string): Promise<void> => {
        const error: unknown = await verify(event).then(() => null, (e: unknown) => e)
        expect(error, why).to.have.property('name', 'BadWebhook')
      }
      it('believes an event with the right signature, and reads it the same from the store', async () => {
        const event = t.signedEvent()
        const read = await verify(event)
        expect(read.about).to.equal('payment')
        expect(t.gateway.readEvent(event.body.toString('utf8'))).to.deep.equal(read)
      })
      it('refuses an event that lacks a header, has one bit changed anywhere, or is no event', async () => {
        const good = t.signedEvent()
        for (const name of Object.keys(good.headers)) {
          const less = Object.fromEntries(Object.entries(good.headers).filter(([other]) => other !== name))
          await refused({ ...good, headers: less }, `without ${name}`)
          await refused({ ...good, headers: { ...good.headers, [name]: '' } }, `empty ${name}`)
        }
        const signature = Object.keys(good.headers).find((h) => h.endsWith('-signature') || h.endsWith('-sig'))!
        await refused({ ...good, headers: { ...good.headers, [signature]: good.headers[signature]!.replace(/.(.)$/, (_, c: string) => `${c === '0' ? '1' : '0'}${c}`) } }, 'another signature')
        const flipped = Buffer.from(good.body)
        flipped[12] = flipped[12]! ^ 1
        await refused({ ...good, body: flipped }, 'another body')
        await refused({ ...good, body: Buffer.from('') }, 'no body')
        await refused({ ...good, body: Buffer.from('{"hello":1}') }, 'no event')
      })
      it('believes no signature that is too old, by the second', async () => {
        await refused(t.signedEvent(t.facts.tolerance + 1), 'one second too old')
        expect(await verify(t.signedEvent(t.facts.tolerance - 1))).to.be.an('object')
      })
    })
  })
}
