import { expect } from 'chai'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { Refusal } from '../../../shared/errors.js'
import { setClock } from '../../../shared/testing/world.js'
import { insertRow, newInvoice, newService, usd } from '../../scenarios/billing-world.js'
import { usePaymentWorld } from '../../testing/payment-world.js'
import '../../timetable.js'
import { Customer } from '../../customers/customer.js'
import { auditTenant } from '../audit.js'
import { addCredit } from '../credit/add-credit.js'
import { Invoice } from '../invoices/invoice.js'
import { voidInvoice } from '../invoices/void-invoice.js'
import { writeOff } from '../invoices/write-off.js'
import { advanceCase } from './advance-case.js'
import { exemptCase, forgive, pauseCase, resumeCase, skipStep } from './case-actions.js'
import { DunningCase, DunningStep } from './dunning-case.js'
import { closeCase, dunningWants, reopenCase } from './end-case.js'
import { stopHourlyAtLimit } from './hourly-limit.js'
import { openCases, runDunning } from './run-dunning.js'
import { defaultRules, dunningRules } from './schedule.js'
import { defaultLetters, dunningLetters } from './words.js'

const at = (iso: string): Date => new Date(iso)
const DAY = 86_400_000

describe('Dunning', () => {
  const world = usePaymentWorld()
  /** Runs as the timetable does at that instant, with the jobs that it asks for. */
  const runAt = async (iso: string): Promise<void> => {
    setClock(iso)
    await runDunning(at(iso))
    for (const dunning of await DunningCase.query().whereIn('status', ['open', 'paused']).where('nextAt', '<=', at(iso))) await advanceCase(dunning, at(iso))
  }
  /** An invoice of $10.00 for a workspace, due 17 November at noon (the shop counts in UTC). */
  const overdue = async (card?: string): Promise<{ invoice: Invoice; serviceId: number; userId: number }> => {
    const customer = await world.customer({ name: 'Ada <b>' })
    if (card) await world.card(customer, card)
    const { serviceId } = await newService(customer.id)
    const made = await newInvoice(customer.id, 1000, { serviceId })
    await tenantDb()('events').where({ type: 'invoice.issued' }).update({ dispatched_at: made.createdAt }) // its letter and PDF are not what we look at
    return { invoice: await Invoice.query().patchAndFetchById(made.id, { dueAt: at('2026-11-17T12:00:00Z') }), serviceId, userId: customer.id }
  }
  const done = async (): Promise<string[]> => (await DunningStep.query().where({ outcome: 'done' }).orderBy('id')).map((s) => s.step)
  const dunningEvents = async (): Promise<string[]> => (await world.events()).filter((e) => e.startsWith('dunning.'))
  const subjects = async (): Promise<string[]> => (await tenantDb()('mail_messages').where({ letter: 'dunning-notice' }).orderBy('id').pluck('subject')) as string[]

  it('reminds, warns, suspends and ends at the shop’s midnights, each once', () => world.in(async () => {
    const { serviceId } = await overdue()
    const calendar: Array<[string, string[]]> = [
      ['2026-11-13T23:59:59.999Z', []], ['2026-11-14T00:00:00Z', ['remind:-3']], ['2026-11-16T23:59:59.999Z', []], ['2026-11-17T00:00:00Z', ['remind:0']], ['2026-11-18T00:00:00Z', ['retry:1', 'remind:1']],
      ['2026-11-23T00:00:00Z', ['retry:6']], ['2026-11-23T23:59:59.999Z', []], ['2026-11-24T00:00:00Z', ['warn']], ['2026-11-26T00:00:00Z', ['retry:9']], ['2026-11-26T23:59:59.999Z', []], ['2026-11-27T00:00:00Z', ['suspend']],
      ['2026-12-16T00:00:00Z', ['retry:29']], ['2026-12-16T23:59:59.999Z', []], ['2026-12-17T00:00:00Z', ['terminate']], ['2027-01-17T00:00:00Z', []],
    ]
    let before: string[] = []
    for (const [iso, steps] of calendar) {
      for (let again = 0; again < 2; again++) await runAt(iso)
      const now = await done()
      expect(now.slice(before.length), iso).to.deep.equal(steps)
      before = now
      if (iso === '2026-11-24T00:00:00Z') expect(await dunningWants(serviceId)).to.equal('nothing')
      if (iso === '2026-11-27T00:00:00Z') expect(await dunningWants(serviceId)).to.equal('suspend')
    }
    expect(await dunningWants(serviceId)).to.equal('terminate')
    expect(await dunningEvents()).to.deep.equal(['dunning.warned', 'dunning.suspend', 'dunning.terminate'])
    expect((await subjects()).map((s) => s.replace(/INV-\S+/, 'N'))).to.deep.equal([
      'Invoice N is due on Nov 17, 2026', 'Invoice N is due on Nov 17, 2026', 'Invoice N is overdue', 'Your services will be suspended: invoice N is not paid', 'Your services are suspended: invoice N is not paid', 'Your services have ended: invoice N was not paid',
    ])
  })).timeout(20_000)

  it('promises in the warning what then happens, and escapes what customers are called', () => world.in(async () => {
    await overdue()
    await runAt('2026-11-24T00:00:00Z')
    const letter = await tenantDb()('mail_messages').where('subject', 'like', '%will be suspended%').first<{ html: string; text: string }>('html', 'text')
    expect(letter.text).to.include('api-box will be suspended on Nov 27, 2026')
    expect(letter.html).to.include('Ada &lt;b&gt;').and.to.match(/\/pay\/[\w-]{43}/)
  }))

  it('after 20 days without us warns first, and suspends only when two days have passed', () => world.in(async () => {
    await overdue()
    await runAt('2026-12-07T08:00:00Z')
    expect(await done()).to.deep.equal(['retry:9', 'warn'])
    expect(await subjects()).to.have.length(1)
    await runAt('2026-12-09T07:59:59Z')
    expect(await done()).to.have.length(2)
    await runAt('2026-12-09T08:00:00Z')
    expect((await done()).at(-1)).to.equal('suspend')
    await runAt('2026-12-16T00:00:00Z')
    await runAt('2026-12-17T00:00:00Z')
    expect((await done()).at(-1)).to.equal('terminate')
  }))

  for (const [stage, until] of [['before it is due', '2026-11-14T00:00:00Z'], ['after a reminder', '2026-11-18T00:00:00Z'], ['after the warning', '2026-11-24T00:00:00Z'], ['when suspended', '2026-11-27T00:00:00Z'], ['when ended', '2026-12-17T00:00:00Z']] as const) {
    it(`stops when the invoice is paid ${stage}, and gives back exactly what it suspended`, () => world.in(async () => {
      const { invoice, serviceId, userId } = await overdue()
      for (let time = at('2026-11-14T00:00:00Z').getTime(); time <= at(until).getTime(); time += DAY) await runAt(new Date(time).toISOString())
      const touched = await dunningWants(serviceId)
      await addCredit({ userId, amount: usd(1000), key: 'paid', description: 'Paid' })
      await world.jobs()
      expect((await DunningCase.query().findOne({ invoiceId: invoice.id }))!.status).to.equal('repaired')
      const event = await tenantDb()('events').where({ type: 'dunning.repaired' }).first<{ data: string | object }>('data')
      const data = (typeof event.data === 'string' ? JSON.parse(event.data) : event.data) as { serviceIds: number[] }
      expect(data.serviceIds).to.deep.equal(touched === 'nothing' ? [] : [serviceId])
      expect(await dunningWants(serviceId)).to.equal('nothing')
      const steps = await done()
      await runAt('2027-03-01T00:00:00Z')
      expect(await done()).to.deep.equal(steps)
    })).timeout(20_000)
  }

  it('tries the saved card again on its days; a new card that works ends it', () => world.in(async () => {
    const { invoice } = await overdue('pm_card_chargeDeclinedInsufficientFunds')
    await runAt('2026-11-18T00:00:00Z')
    await world.jobs()
    const tried = (await world.payments()).length
    expect(tried).to.be.at.least(1)
    world.stripe.faults.clear()
    await world.card(await Customer.findOwned({ id: invoice.userId }), 'pm_card_visa')
    await world.jobs()
    expect((await Invoice.findOwned({ id: invoice.id })).status).to.equal('paid')
    expect((await DunningCase.query().findOne({ invoiceId: invoice.id }))!.status).to.equal('repaired')
    expect(await auditTenant()).to.deep.equal([])
  }))

  it('ends with an invoice that is void or written off, and goes on when a payment is taken back', () => world.in(async () => {
    const [a, b, c] = [await overdue(), await overdue(), await overdue()]
    await runAt('2026-11-18T00:00:00Z')
    await voidInvoice(a.invoice)
    await writeOff(b.invoice, { reason: 'gone' })
    await world.jobs()
    const status = async (i: Invoice): Promise<string> => (await DunningCase.query().findOne({ invoiceId: i.id }))!.status
    expect([await status(a.invoice), await status(b.invoice), await status(c.invoice)]).to.deep.equal(['ended', 'ended', 'open'])
    await closeCase(c.invoice.id, 'repaired')
    await reopenCase(c.invoice.id)
    expect(await status(c.invoice)).to.equal('open')
  }))

  it('can be paused, skipped, exempted and forgiven, each with its reason', () => world.in(async () => {
    const { invoice, serviceId } = await overdue()
    await runAt('2026-11-24T00:00:00Z')
    const fresh = () => DunningCase.findOwned({ invoiceId: invoice.id })
    await pauseCase(await fresh(), at('2026-12-01T00:00:00Z'), 'Promised to pay')
    await runAt('2026-11-30T23:59:59.999Z')
    expect((await done()).at(-1)).to.equal('warn')
    await runAt('2026-12-01T00:00:00Z')
    expect((await done()).at(-1)).to.equal('retry:9')
    await runAt('2026-12-01T01:00:00Z')
    expect((await done()).at(-1)).to.equal('suspend')
    await skipStep(await fresh(), 'terminate', 'A good customer')
    await runAt('2027-01-01T00:00:00Z')
    expect(await dunningWants(serviceId)).to.equal('suspend')
    await exemptCase(await fresh(), 'Settled by phone')
    expect(await dunningWants(serviceId)).to.equal('nothing')
    await resumeCase(await fresh())
    await forgive(await fresh(), 'Too small to fight for')
    expect([(await fresh()).status, (await Invoice.findOwned({ id: invoice.id })).status]).to.deep.equal(['ended', 'uncollectible'])
    expect(await pauseCase(await fresh(), at('2027-03-01T00:00:00Z'), 'x').then(() => 'done', (e: Refusal) => e.code)).to.equal('dunning.over')
    expect(await auditTenant()).to.deep.equal([])
  }))

  it('stops services by the hour at once when an overdue customer owes the limit, to the cent', () => world.in(async () => {
    const { serviceId, userId } = await overdue()
    await tenantDb()('services').where({ id: serviceId }).update({ status: 'active' })
    await dunningRules.write({ ...defaultRules, hourlyLimitMinor: 1500 })
    await runAt('2026-11-18T00:00:00Z')
    const more = await newInvoice(userId, 499)
    await Invoice.query().patch({ dueAt: at('2026-11-18T00:00:00Z') }).where({ id: more.id })
    await stopHourlyAtLimit(at('2026-11-18T01:00:00Z'))
    expect(await dunningWants(serviceId)).to.equal('nothing')
    const cent = await newInvoice(userId, 1)
    await Invoice.query().patch({ dueAt: at('2026-11-18T00:00:00Z') }).where({ id: cent.id })
    for (let again = 0; again < 2; again++) await stopHourlyAtLimit(at('2026-11-18T01:00:00Z'))
    expect(await dunningWants(serviceId)).to.equal('suspend')
    expect(await dunningEvents()).to.deep.equal(['dunning.suspend'])
  }))

  it('writes in the reseller’s own words', () => world.in(async () => {
    await dunningLetters.write({ ...defaultLetters, overdue: { subject: 'Pay up, {{name}}', body: 'You owe {{amount}} at {{shop_name}}.\n\n<script>alert(1)</script>' } })
    await overdue()
    await runAt('2026-11-18T00:00:00Z')
    const letter = await tenantDb()('mail_messages').where({ letter: 'dunning-notice' }).orderBy('id', 'desc').first<{ subject: string; html: string; text: string }>('subject', 'html', 'text')
    expect(letter.subject).to.equal('Pay up, Ada <b>')
    expect(letter.text).to.include('You owe $10.00 at Acme')
    expect(letter.html).not.to.include('<script>')
  }))

  it('opens one case however many look at once, and none for sums too small for a card', async () => {
    await world.in(async () => {
      await overdue()
      const { userId } = await overdue()
      await insertRow('invoices', { public_id: 'x'.repeat(20), business_key: 'tiny', user_id: userId, kind: 'usage', status: 'open', currency: 'USD', total_minor: 49, due_at: at('2026-11-10T00:00:00Z'), created_at: new Date(), updated_at: new Date() })
    })
    await Promise.all(Array.from({ length: 8 }, () => world.apart(() => openCases(at('2026-11-18T00:00:00Z')))))
    await world.in(async () => expect(await DunningCase.query().resultSize()).to.equal(2))
  })
})
