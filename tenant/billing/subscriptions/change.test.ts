import { expect } from 'chai'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { codeOf } from '../../../shared/testing/code-of.js'
import { setClock } from '../../../shared/testing/world.js'
import { auditTenant } from '../audit.js'
import { creditBalance } from '../credit/credit.js'
import { Invoice } from '../invoices/invoice.js'
import { InvoiceLine } from '../invoices/invoice-line.js'
import { createCreditNote } from '../invoices/credit-notes/create-credit-note.js'
import { useBillingWorld } from '../../scenarios/billing-world.js'
import type { Plan } from '../../catalog/plan.js'
import { newProduct } from '../../testing/catalog-world.js'
import { billed, change, newSubscription, pass, payOpen, reload, renewAll } from '../../testing/subscription-world.js'
import { applyChange } from './apply-change.js'
import { plansFor } from './change-form.js'
import { quoteChange } from './quote-change.js'
import { undoChange } from './undo-change.js'
import { subscriptionChecks } from './audit-subscriptions.js'
import { Change } from './subscription-change.js'

const one = { quantity: 1, options: [] }
const totals = async (): Promise<string[]> => (await Invoice.query().orderBy('id')).map((i) => `${i.kind} ${i.totalMinor} ${i.status}`)
async function sound(): Promise<void> {
  expect(await auditTenant()).to.deep.equal([])
  for (const check of subscriptionChecks) expect(((await tenantDb().raw(check.sql)) as [unknown[]])[0], check.name).to.deep.equal([])
}
/** Monthly at the price, yearly at ten times it. */
const plans = async <P extends readonly string[]>(...prices: P) => (await Promise.all(prices.map(async (price) => (await newProduct({}, [{ cycle: 'monthly', price }, { cycle: 'annual', price: `${Number(price) * 10}` }])).plans))) as unknown as { [K in keyof P]: [monthly: Plan, yearly: Plan] }

describe('Changing a subscription', function () {
  this.timeout(30_000)
  const world = useBillingWorld()
  afterEach(() => world.in(sound))
  beforeEach(() => setClock('2026-11-01T00:00:00Z'))

  it('to a larger plan in mid-month gives back the rest of the old and charges the rest of the new, by the second', () => world.in(async () => {
    const [[small], [large]] = await plans('10.00', '30.00')
    const { subscription, userId } = await newSubscription({ plan: small })
    setClock('2026-11-11T00:00:00Z')
    const quote = await change(subscription, large)
    expect(quote.preview.lines.map((l) => l.amountMinor)).to.deep.equal([-667, 2000])
    expect([quote.totalMinor, quote.timing, quote.kind]).to.deep.equal([1333, 'now', 'plan'])
    await payOpen(userId)
    expect(await billed(subscription.id)).to.deep.equal(['recurring 2026-11-01 – 2026-12-01: 1000 paid', 'change-credit 2026-11-11 – 2026-12-01: -667 paid', 'change-charge 2026-11-11 – 2026-12-01: 2000 paid'])
    expect((await InvoiceLine.query().findOne({ kind: 'change-charge' }))!.detail.proration).to.deep.equal({ wholeMinor: 3000, seconds: 20 * 86_400, ofSeconds: 30 * 86_400 })
    await pass('2026-12-02T00:00:00Z')
    expect((await billed(subscription.id)).at(-1)).to.equal('recurring 2026-12-01 – 2027-01-01: 3000 paid')
  }))

  it('twice in one month credits what the first change charged, never the list price again', () => world.in(async () => {
    const [[small], [middle], [large]] = await plans('10.00', '30.00', '60.00')
    const { subscription, userId } = await newSubscription({ plan: small })
    setClock('2026-11-11T00:00:00Z')
    await change(subscription, middle)
    await payOpen(userId)
    setClock('2026-11-21T00:00:00Z')
    const quote = await change(await reload(subscription.id), large)
    expect(quote.preview.lines.map((l) => l.amountMinor)).to.deep.equal([-1000, 2000])
    await payOpen(userId)
  }))

  it('on an unpaid invoice, which only staff may do, takes that back and issues it anew for what was used and what follows, without any credit', () => world.in(async () => {
    const [[small], [large]] = await plans('10.00', '30.00')
    const { subscription, userId } = await newSubscription({ plan: small })
    setClock('2026-11-24T00:00:00Z')
    await renewAll()
    setClock('2026-12-01T00:00:00Z')
    await renewAll()
    setClock('2026-12-11T00:00:00Z')
    await renewAll()
    const quote = await change(await reload(subscription.id), large, one, undefined, 'staff')
    expect(quote.preview.replaces).to.have.length(1)
    expect(quote.preview.lines.map((l) => l.amountMinor)).to.deep.equal([323, 2032])
    expect(await totals()).to.deep.equal(['order 1000 paid', 'renewal 1000 void', 'renewal 2355 open'])
    await payOpen(userId)
    expect(await billed(subscription.id)).to.deep.equal(['recurring 2026-11-01 – 2026-12-01: 1000 paid', 'recurring 2026-12-01 – 2026-12-11: 323 paid', 'change-charge 2026-12-11 – 2027-01-01: 2032 paid'])
    await pass('2027-01-02T00:00:00Z')
    expect((await billed(subscription.id)).at(-1)).to.equal('recurring 2027-01-01 – 2027-02-01: 3000 paid')
  }))

  it('when the next month is billed already and not paid, bills that month anew at the new price', () => world.in(async () => {
    const [[small], [large]] = await plans('10.00', '30.00')
    const { subscription } = await newSubscription({ plan: small })
    setClock('2026-11-26T00:00:00Z')
    await renewAll()
    await change(await reload(subscription.id), large)
    expect(await billed(subscription.id)).to.deep.equal([
      'recurring 2026-11-01 – 2026-12-01: 1000 paid', 'change-credit 2026-11-26 – 2026-12-01: -167 open', 'change-charge 2026-11-26 – 2026-12-01: 500 open', 'recurring 2026-12-01 – 2027-01-01: 3000 open'])
    expect((await reload(subscription.id)).billedUntil).to.deep.equal(new Date('2027-01-01T00:00:00Z'))
  }))

  it('to a smaller plan waits for the end of what is paid, may be taken back until then, and gives no credit', () => world.in(async () => {
    const [[small], [large]] = await plans('10.00', '30.00')
    const { subscription } = await newSubscription({ plan: large })
    setClock('2026-11-11T00:00:00Z')
    const quote = await change(subscription, small)
    expect([quote.timing, quote.effectiveAt, quote.totalMinor]).to.deep.equal(['period-end', new Date('2026-12-01T00:00:00Z'), 0])
    await undoChange(await reload(subscription.id))
    expect((await Change.findOwned<Change>({ id: quote.id })).status).to.equal('undone')
    await change(await reload(subscription.id), small)
    setClock('2026-11-25T00:00:00Z')
    await renewAll()
    expect((await billed(subscription.id)).at(-1)).to.equal('recurring 2026-12-01 – 2027-01-01: 1000 open')
    expect((await reload(subscription.id)).planId).to.equal(large.id)
    await undoChange(await reload(subscription.id))
    expect((await billed(subscription.id)).at(-1)).to.equal('recurring 2026-12-01 – 2027-01-01: 3000 open')
    setClock('2026-11-26T00:00:00Z')
    await change(await reload(subscription.id), small)
    await pass('2026-12-02T00:00:00Z')
    const now = await reload(subscription.id)
    expect([now.planId, now.amountMinor, (await billed(subscription.id)).at(-1)]).to.deep.equal([small.id, 1000, 'recurring 2026-12-01 – 2027-01-01: 1000 paid'])
  }))

  it('to a smaller plan at once, where the reseller allows it, leaves the difference as credit', () => world.in(async () => {
    const large = (await newProduct({ downgradePolicy: 'now' }, [{ cycle: 'monthly', price: '30.00' }])).plan
    const [[small]] = await plans('10.00')
    const { subscription, userId } = await newSubscription({ plan: large })
    setClock('2026-11-16T00:00:00Z')
    const quote = await change(subscription, small)
    expect([quote.totalMinor, (await creditBalance(userId, 'USD')).minor]).to.deep.equal([-1000, 1000])
  }))

  it('to another cycle closes the month at that second and opens a year there', () => world.in(async () => {
    const [[monthly, yearly]] = await plans('10.00')
    const { subscription, userId } = await newSubscription({ plan: monthly })
    setClock('2026-11-16T12:00:00Z')
    const quote = await change(subscription, yearly)
    expect([quote.kind, ...quote.preview.lines.map((l) => l.amountMinor)]).to.deep.equal(['cycle', -483, 10_000])
    await payOpen(userId)
    expect(await billed(subscription.id)).to.deep.equal([
      'recurring 2026-11-01 – 2026-12-01: 1000 paid', 'change-credit 2026-11-16T12:00Z – 2026-12-01: -483 paid', 'recurring 2026-11-16T12:00Z – 2027-11-16: 10000 paid'])
    await pass('2027-11-20T00:00:00Z', { stepHours: 24 * 30 })
    expect((await billed(subscription.id)).at(-1)).to.equal('recurring 2027-11-16 – 2028-11-16: 10000 paid')
  }))

  it('to a shorter cycle waits for the end of the year', () => world.in(async () => {
    const [[monthly, yearly]] = await plans('10.00')
    const { subscription } = await newSubscription({ plan: yearly })
    setClock('2027-03-01T00:00:00Z')
    expect((await change(subscription, monthly)).effectiveAt).to.deep.equal(new Date('2027-11-01T00:00:00Z'))
    await pass('2028-01-05T00:00:00Z', { stepHours: 24 * 10 })
    expect((await billed(subscription.id)).slice(1)).to.deep.equal(['recurring 2027-11-01 – 2027-12-01: 1000 paid', 'recurring 2027-12-01 – 2028-01-01: 1000 paid', 'recurring 2028-01-01 – 2028-02-01: 1000 paid'])
  }))

  it('gives back no more than what credit notes have left', () => world.in(async () => {
    const [[small], [large]] = await plans('10.00', '30.00')
    const { subscription, invoice } = await newSubscription({ plan: small })
    const [line] = await InvoiceLine.query().where({ invoiceId: invoice.id })
    await createCreditNote({ invoice: await Invoice.findOwned<Invoice>({ id: invoice.id }), lines: [{ lineId: line!.id, amountMinor: 800 }], reason: 'Sorry', to: 'balance', key: 'sorry' })
    setClock('2026-11-11T00:00:00Z')
    expect((await change(subscription, large)).preview.lines.map((l) => l.amountMinor)).to.deep.equal([-200, 2000])
  }))

  it('charges exactly what was shown, at the instant it was shown, for fifteen minutes', () => world.in(async () => {
    const [[small], [large]] = await plans('10.00', '30.00')
    const { subscription } = await newSubscription({ plan: small })
    setClock('2026-11-11T00:00:00Z')
    const [first, second] = [await quoteChange(subscription, { plan: large, selection: one }), await quoteChange(subscription, { plan: large, selection: one })]
    setClock('2026-11-11T00:15:00Z')
    expect(await codeOf(applyChange(subscription, first.publicId))).to.equal('change.expired')
    setClock('2026-11-11T00:14:59.999Z')
    const { invoice } = await applyChange(subscription, first.publicId)
    expect([invoice!.totalMinor, first.totalMinor]).to.deep.equal([1333, 1333])
    expect(await codeOf(applyChange(subscription, first.publicId))).to.equal('change.used')
    expect(await codeOf(applyChange(subscription, second.publicId))).to.equal('change.moved')
  }))

  it('confirmed twice at the same moment is charged once', async () => {
    const { subscription, quote } = await world.in(async () => {
      const [[small], [large]] = await plans('10.00', '30.00')
      const { subscription } = await newSubscription({ plan: small })
      setClock('2026-11-11T00:00:00Z')
      return { subscription, quote: await quoteChange(subscription, { plan: large, selection: one }) }
    })
    const answers = await Promise.all([1, 2, 3].map(() => world.in(() => codeOf(applyChange(subscription, quote.publicId)))))
    expect(answers.sort()).to.deep.equal(['change.used', 'change.used', 'done'])
    await world.in(async () => expect(await Invoice.query().where({ kind: 'change' }).resultSize()).to.equal(1))
  })

  it('in a trial costs nothing and is billed by the new plan when the trial ends', () => world.in(async () => {
    const large = (await newProduct({ trialDays: 10 }, [{ cycle: 'monthly', price: '30.00' }])).plan
    const { subscription } = await newSubscription({ trialDays: 10 })
    setClock('2026-11-05T00:00:00Z')
    expect((await change(subscription, large)).totalMinor).to.equal(0)
    await pass('2026-11-12T00:00:00Z')
    expect((await billed(subscription.id)).at(-1)).to.equal('recurring 2026-11-11 – 2026-12-11: 3000 paid')
  }))

  it('in a trial is not a way to have for free what has no trial, or a shorter one; new options are set up for their fee', () => world.in(async () => {
    const { plan, option } = await newProduct({ trialDays: 10 }, [{ cycle: 'monthly', price: '10.00' }], [{ name: 'Backups', kind: 'checkbox', choices: { Yes: { 1: '2.00' } } }])
    await tenantDb()('plan_option_prices').update({ setup_minor: 300 })
    const { subscription } = await newSubscription({ plan, trialDays: 10 })
    const said = async (trialDays: number) => {
      const other = (await newProduct({ trialDays }, [{ cycle: 'monthly', price: '30.00' }])).plan
      const listed = (await plansFor(subscription)).some((o) => o.plan.id === other.id)
      return [listed, await quoteChange(subscription, { plan: other, selection: one }).then((quote) => quote.totalMinor, (error: Error) => error.name)]
    }
    setClock('2026-11-05T00:00:00Z')
    expect([await said(0), await said(9), await said(10)]).to.deep.equal([[false, 'FormErrors'], [false, 'FormErrors'], [true, 0]])
    const quote = await change(subscription, plan, { quantity: 1, options: [{ ...option('Backups'), quantity: 1 }] })
    expect([quote.totalMinor, quote.preview.lines.map((l) => l.amountMinor), (await reload(subscription.id)).status]).to.deep.equal([300, [300], 'trialing'])
  }))

  it('keeps the agreed price of what the customer already has and takes today’s for what is new', () => world.in(async () => {
    const { plan, option } = await newProduct({}, [{ cycle: 'monthly', price: '10.00' }], [{ name: 'Backups', kind: 'checkbox', choices: { Yes: { 1: '2.00' } } }])
    const { subscription } = await newSubscription({ plan })
    await plan.$query().patch({ priceMicros: 15_000_000, version: 2 })
    setClock('2026-11-16T00:00:00Z')
    const quote = await change(subscription, plan, { quantity: 1, options: [{ ...option('Backups'), quantity: 1 }] })
    expect([quote.kind, quote.terms[subscription.id]!.amountMinor, ...quote.preview.lines.map((l) => l.amountMinor)]).to.deep.equal(['option', 1200, -500, 600])
  }))

  it('that would change nothing, or into something else altogether, is said at the form', () => world.in(async () => {
    const { subscription, plan } = await newSubscription()
    const other = (await newProduct({ serviceType: 'game' })).plan
    for (const wish of [plan, other]) expect(await quoteChange(subscription, { plan: wish, selection: one }).then(() => 'quoted', (error: Error) => error.name)).to.equal('FormErrors')
  }))

  it('back and forth without end is stopped for a person to look at', () => world.in(async () => {
    const [[a], [b]] = await plans('10.00', '10.00')
    const { subscription, userId } = await newSubscription({ plan: a })
    let outcome = 'done'
    for (let i = 0; i < 12 && outcome === 'done'; i++) {
      setClock(new Date(Date.parse('2026-11-11T00:00:00Z') + i * 60_000))
      outcome = await codeOf(change(await reload(subscription.id), i % 2 ? a : b))
      await payOpen(userId)
    }
    expect(outcome).to.equal('subscription.parked')
    expect((await reload(subscription.id)).parkedReason).to.equal('More than 15 new lines in one day.')
  }))
})
