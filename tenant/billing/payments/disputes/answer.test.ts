import { expect } from 'chai'
import { tenantDb } from '../../../../shared/database/tenant-database.js'
import { Refusal } from '../../../../shared/errors.js'
import type { Evidence } from '../../../../shared/payments/gateway-disputes.js'
import { patience } from '../../../../shared/payments/stripe-gateway.js'
import type { RequestFault } from '../../../../shared/simulators/faults.js'
import { applyControl } from '../../../../shared/simulators/stripe/control.js'
import { setClock } from '../../../../shared/testing/world.js'
import { clock } from '../../../../shared/time/clock.js'
import { balances, newInvoice } from '../../../scenarios/billing-world.js'
import { usePaymentWorld } from '../../../testing/payment-world.js'
import { chargeInvoice } from '../charge-invoice.js'
import { GatewayAccount } from '../gateways/gateway-account.js'
import { DisputeAnswer } from './dispute-answer.js'
import { followDispute, syncDispute } from './dispute-sync.js'
import { Dispute } from './dispute.js'
import { draftAnswer, nothingSaid } from './draft-answer.js'
import { remindOfDisputes } from './remind-disputes.js'
import { resolveAnswer, resolveDueAnswers } from './resolve-answer.js'
import { acceptDispute, sendAnswer } from './send-answer.js'

describe('The answer to a dispute', function () {
  this.timeout(60_000)
  const world = usePaymentWorld()
  const said: Evidence = { ...nothingSaid, statement: 'It was used.', customerName: 'Ada' }
  let dispute: Dispute
  let stripe: GatewayAccount
  const { timeoutMs } = patience
  afterEach(() => { patience.timeoutMs = timeoutMs })
  beforeEach(() => world.in(async () => {
    stripe = (await GatewayAccount.current('stripe'))!
    const customer = await world.customer()
    await world.card(customer)
    await chargeInvoice(await newInvoice(customer.id, 1500), { offSession: true })
    const payment = (await world.payments()).at(-1)!
    applyControl(world.stripe, { dispute: { account: 'acme', payment: payment.gatewayPaymentId! } })
    await syncDispute(stripe, atStripe().id)
    dispute = (await Dispute.query().first())!
  }))
  const atStripe = () => world.stripe.account('acme').all('dispute').at(-1)!
  const count = (): number => (atStripe().evidence_details as { submission_count: number }).submission_count
  const now = async (): Promise<Dispute> => Dispute.findOwned<Dispute>({ id: dispute.id })
  const latest = async (): Promise<DisputeAnswer> => (await DisputeAnswer.latest(dispute.id))!
  const draft = () => draftAnswer(dispute, { evidence: said, attachReceipt: false })
  /** Of the next answer; we give up on it soon. */
  const fault = (kind: RequestFault['kind']): void => {
    patience.timeoutMs = 1000
    world.stripe.faults.request({ kind, method: 'POST', path: '/v1/disputes/' } as RequestFault)
  }
  const codeOf = (work: Promise<unknown>): Promise<string> => work.then(() => 'done', (e: unknown) => (e instanceof Refusal ? e.code : String(e)))
  const told = async (type: string): Promise<number> => tenantDb()('events').where({ type }).then((rows: unknown[]) => rows.length)
  const ends = (outcome: 'won' | 'lost') => {
    applyControl(world.stripe, { decide: { account: 'acme', dispute: atStripe().id, outcome } })
    return syncDispute(stripe, atStripe().id)
  }

  it('is sent once, however often it is clicked and by however many at once; then it is the bank’s turn', () => world.in(async () => {
    const { version } = await draft()
    const codes = await Promise.all(Array.from({ length: 4 }, () => world.apart(() => codeOf(sendAnswer(dispute, version)))))
    expect(codes.filter((code) => code === 'done')).to.have.length(1)
    expect([count(), (atStripe().evidence as Record<string, string>).uncategorized_text, atStripe().status]).to.deep.equal([1, 'It was used.', 'under_review'])
    expect([(await latest()).status, (await now()).needsAnswer, await told('dispute.answer-approved'), await told('dispute.answered')]).to.deep.equal(['sent', false, 1, 1])
    expect([await codeOf(sendAnswer(dispute, version)), await codeOf(draft()), await codeOf(acceptDispute(dispute))]).to.deep.equal(['dispute.answered', 'dispute.answered', 'dispute.answered'])
    expect(await balances(), 'books nothing').to.deep.equal({ 'disputes:open': 1500, 'revenue:other': -1500 })
  }))

  it('whose arrival was not confirmed is unknown, never failed, and the dispute itself tells that it is there', () => world.in(async () => {
    fault('timeout-after')
    world.stripe.faults.request({ kind: 'error-before', method: 'GET', path: '/v1/disputes/' })
    expect((await sendAnswer(dispute, (await draft()).version)).status).to.equal('unknown')
    expect(await codeOf(draft()), 'nobody writes meanwhile').to.equal('dispute.sending')
    await resolveAnswer(await latest())
    expect([(await latest()).status, (await now()).needsAnswer, count(), (await latest()).nextCheckAt]).to.deep.equal(['sent', false, 1, null])
  }))

  it('that never arrived goes again with the same key, by two workers at once, and arrives once', () => world.in(async () => {
    fault('timeout-before')
    const sent = await sendAnswer(dispute, (await draft()).version)
    expect([sent.status, count()]).to.deep.equal(['unknown', 0])
    setClock(new Date(clock.real().getTime() + 5 * 60_000))
    await Promise.all([1, 2].map(() => world.apart(async () => resolveAnswer(await DisputeAnswer.findOwned<DisputeAnswer>({ id: sent.id })))))
    expect([(await latest()).status, (await latest()).idempotencyKey, count(), await told('dispute.answered')]).to.deep.equal(['sent', sent.idempotencyKey, 1, 1])
  }))

  it('is found by the sweeper when the worker died between claim and call', () => world.in(async () => {
    await draft()
    await (await latest()).become('sending', { idempotencyKey: 'died', nextCheckAt: clock.now(), submissionsBefore: 0, tries: 1 })
    await resolveDueAnswers(clock.now())
    await world.jobs()
    expect([(await latest()).status, count()]).to.deep.equal(['sent', 1])
  }))

  it('that was lost and is past its deadline comes back to staff as not sent', () => world.in(async () => {
    fault('timeout-before')
    await sendAnswer(dispute, (await draft()).version)
    setClock(dispute.respondBy!)
    await resolveAnswer(await latest())
    expect([(await latest()).status, (await latest()).problem, count()]).to.deep.equal(['draft', 'It did not arrive before the deadline.', 0])
    expect(await codeOf(draft())).to.equal('dispute.late')
  }))

  it('that the gateway refuses comes back with its words, and can be sent as something new', () => world.in(async () => {
    const { version } = await draft()
    world.stripe.faults.request({ kind: 'error-before', status: 403, method: 'POST', path: '/v1/disputes/' })
    const back = await sendAnswer(dispute, version)
    expect([back.status, back.problem, back.idempotencyKey]).to.deep.equal(['draft', 'Stripe did not take it (permission). Nothing was sent.', null])
    expect(await codeOf(sendAnswer(dispute, version)), 'look at it again').to.equal('dispute.changed')
    expect((await sendAnswer(dispute, back.version)).status).to.equal('sent')
  }))

  it('given at the gateway’s own page while ours was written is not sent a second time', () => world.in(async () => {
    const { version } = await draft()
    Object.assign(atStripe(), { status: 'under_review' })
    ;(atStripe().evidence_details as { submission_count: number }).submission_count = 1
    const answer = await sendAnswer(dispute, version)
    expect([answer.status, count(), (await now()).needsAnswer]).to.deep.equal(['sent', 1, false])
  }))

  it('is not empty, and is what the person saw', () => world.in(async () => {
    expect(await codeOf(sendAnswer(dispute, 1))).to.equal('dispute.empty')
    const { version } = await draft()
    await draftAnswer(dispute, { evidence: { ...said, statement: 'Changed by a colleague.' }, attachReceipt: false })
    expect([await codeOf(sendAnswer(dispute, version)), count()]).to.deep.equal(['dispute.changed', 0])
  }))

  it('may be to give in: the dispute is lost once, by whatever way we hear of it, and the books say so once', () => world.in(async () => {
    await draft()
    fault('timeout-after')
    world.stripe.faults.request({ kind: 'error-before', method: 'GET', path: '/v1/disputes/' })
    expect((await acceptDispute(dispute)).status).to.equal('unknown')
    await Promise.all([world.apart(() => syncDispute(stripe, atStripe().id)), world.apart(async () => resolveAnswer(await latest())), world.apart(() => syncDispute(stripe, atStripe().id))])
    await resolveAnswer(await latest())
    expect([(await now()).status, (await latest()).status, (await latest()).kind, (await latest()).nextCheckAt]).to.deep.equal(['lost', 'sent', 'acceptance', null])
    expect(await balances()).to.deep.equal({ 'disputes:lost': 1500, 'revenue:other': -1500 })
    expect([await told('dispute.accepted'), await told('dispute.lost'), count()]).to.deep.equal([1, 1, 0])
  }))

  it('survives news that are older than itself; when the gateway asks again, there is another round', () => world.in(async () => {
    const old = await stripe.open().retrieveDispute(dispute.gatewayDisputeId)
    const askedAt = clock.now()
    setClock(new Date(clock.real().getTime() + 1000))
    await sendAnswer(dispute, (await draft()).version)
    await followDispute(dispute, old, askedAt)
    expect((await now()).needsAnswer).to.equal(false)
    Object.assign(atStripe(), { status: 'needs_response' })
    await syncDispute(stripe, atStripe().id)
    const again = await draft()
    expect([again.round, again.status, (await sendAnswer(dispute, again.version)).status, count()]).to.deep.equal([2, 'draft', 'sent', 2])
    await ends('won')
    expect([await codeOf(draft()), await balances()]).to.deep.equal(['dispute.closed', { cash: 1500, 'revenue:other': -1500 }])
  }))

  it('is asked for once more two days before the deadline, to the millisecond, once, and not when it is given', () => world.in(async () => {
    const due = dispute.respondBy!.getTime()
    await remindOfDisputes(new Date(due - 2 * 86_400_000 - 1))
    expect(await told('dispute.due-soon')).to.equal(0)
    await Promise.all([1, 2, 3].map(() => world.apart(() => remindOfDisputes(new Date(due - 2 * 86_400_000)))))
    expect(await told('dispute.due-soon')).to.equal(1)
    await Dispute.query().patch({ remindedAt: null })
    await remindOfDisputes(new Date(due))
    await sendAnswer(dispute, (await draft()).version)
    await remindOfDisputes(new Date(due - 1))
    expect(await told('dispute.due-soon')).to.equal(1)
  }))

  it('is refused at the deadline itself and taken a millisecond before; an inquiry cannot be given in to', () => {
    const at = new Date('2026-11-20T12:00:00Z')
    const rule = (more: Partial<Dispute>, when = new Date(at.getTime() - 1), underWay = false): string | undefined => {
      const one = Object.assign(new Dispute(), { status: 'open', needsAnswer: true, respondBy: at, ...more })
      return one.refusalToAccept(when, { isUnderWay: underWay })?.code
    }
    expect([rule({}), rule({}, at), rule({ respondBy: null }, at), rule({ needsAnswer: false }), rule({ status: 'lost' }), rule({}, undefined, true), rule({ status: 'inquiry' })])
      .to.deep.equal([undefined, 'dispute.late', undefined, 'dispute.answered', 'dispute.closed', 'dispute.sending', 'dispute.inquiry'])
    const fate = (kind: 'evidence' | 'acceptance', status: Dispute['status'], needsAnswer: boolean, submissions: number) => Object.assign(new DisputeAnswer(), { kind, submissionsBefore: 1 }).fateIn({ status, needsAnswer, submissions })
    expect([fate('evidence', 'open', true, 1), fate('evidence', 'open', false, 1), fate('evidence', 'lost', false, 1), fate('evidence', 'lost', false, 2), fate('acceptance', 'lost', false, 1), fate('acceptance', 'open', false, 2), fate('acceptance', 'open', true, 1)])
      .to.deep.equal(['missing', 'arrived', 'pointless', 'arrived', 'arrived', 'pointless', 'missing'])
  })
})
