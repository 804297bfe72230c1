import { expect } from 'chai'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { setClock } from '../../../shared/testing/world.js'
import type { RenewingCycle } from '../../../shared/time/period.js'
import { auditTenant } from '../audit.js'
import { Invoice } from '../invoices/invoice.js'
import { voidInvoice } from '../invoices/void-invoice.js'
import { useBillingWorld } from '../../scenarios/billing-world.js'
import { billed, newSubscription, pass, react, reload, renewAll } from '../../testing/subscription-world.js'
import { announceTrialEnds } from './jobs.js'
import { renewCustomer } from './renew-due.js'
import { subscriptionChecks } from './audit-subscriptions.js'

const events = async (): Promise<string[]> => (await tenantDb()('events').where('type', 'like', 'subscription.%').orderBy('id').pluck('type')) as string[]
const starts = async (id: number): Promise<string[]> => (await billed(id)).map((line) => line.split(' ')[1]!)
const mine = async (): Promise<string[]> => {
  const broken = []
  for (const check of subscriptionChecks) if (((await tenantDb().raw(check.sql)) as [unknown[]])[0].length) broken.push(check.name)
  return [...broken, ...(await auditTenant()).map((f) => `${f.check} ${f.subject}: ${f.message}`)]
}

describe('Renewing subscriptions', function () {
  this.timeout(60_000)
  const world = useBillingWorld()
  beforeEach(() => setClock('2026-01-31T10:00:00Z'))

  it('bills a month from the 31st to the 28th, then returns to the 31st, and every line is paid once', () => world.in(async () => {
    const { subscription } = await newSubscription()
    expect(await events()).to.deep.equal(['subscription.activated'])
    await pass('2026-05-20T00:00:00Z')
    expect(await billed(subscription.id)).to.deep.equal(['recurring 2026-01-31 – 2026-02-28: 1000 paid', 'recurring 2026-02-28 – 2026-03-31: 1000 paid', 'recurring 2026-03-31 – 2026-04-30: 1000 paid', 'recurring 2026-04-30 – 2026-05-31: 1000 paid'])
    const now = await reload(subscription.id)
    expect([now.currentPeriodStart, now.currentPeriodEnd, now.paidUntil].map((d) => d!.toISOString().slice(0, 10))).to.deep.equal(['2026-04-30', '2026-05-31', '2026-05-31'])
    expect((await Invoice.query().where({ kind: 'renewal' }).orderBy('id')).map((i) => i.businessKey.split(':').at(-1))).to.deep.equal(['2026-02-28', '2026-03-31', '2026-04-30'])
    expect(await mine()).to.deep.equal([])
  }))

  it('makes the invoice seven days before, due and collected at the period’s start', () => world.in(async () => {
    await newSubscription()
    setClock('2026-02-20T23:59:59.999Z')
    await renewAll()
    expect(await Invoice.query().resultSize()).to.equal(1)
    setClock('2026-02-21T00:00:00Z')
    await renewAll()
    const renewal = await Invoice.query().findOne({ kind: 'renewal' })
    expect([renewal!.status, renewal!.dueAt, renewal!.collectAt]).to.deep.equal(['open', new Date('2026-02-28T00:00:00Z'), new Date('2026-02-28T00:00:00Z')])
  }))

  const second: Record<RenewingCycle, string> = { weekly: '2026-02-07', monthly: '2026-02-28', quarterly: '2026-04-30', 'semi-annual': '2026-07-31', annual: '2027-01-31', biennial: '2028-01-31', triennial: '2029-01-31' }
  for (const [cycle, start] of Object.entries(second)) it(`renews a ${cycle} subscription on ${start}`, () => world.in(async () => {
    const { subscription } = await newSubscription({ cycle: cycle as RenewingCycle })
    setClock(new Date(Date.parse(`${start}T00:00:00Z`) - 7 * 86_400_000))
    await renewAll()
    expect(await starts(subscription.id)).to.deep.equal(['2026-01-31', start])
  }))

  it('puts what a customer owes on one day onto one invoice', () => world.in(async () => {
    const { userId } = await newSubscription({ price: '10.00' })
    await newSubscription({ userId, price: '2.50' })
    await newSubscription({ userId, price: '4.00', at: '2026-02-01T09:00:00Z' })
    setClock('2026-02-22T00:00:00Z')
    await renewAll()
    expect((await Invoice.query().where({ kind: 'renewal' }).orderBy('id')).map((i) => i.totalMinor)).to.deep.equal([1250, 400])
  }))

  for (const [timeZone, order, second] of [
    ['America/New_York', '2026-02-08T16:00:00Z', '2026-03-08T05:00:00.000Z'], ['Europe/London', '2026-02-28T12:00:00Z', '2026-03-28T00:00:00.000Z'],
    ['Australia/Lord_Howe', '2026-03-05T00:00:00Z', '2026-04-04T13:00:00.000Z'], ['Pacific/Apia', '2026-02-28T12:00:00Z', '2026-03-31T10:00:00.000Z'],
  ] as const) it(`begins every period at midnight in ${timeZone}, also across the change of clocks and when the customer moves`, () => world.in(async () => {
    setClock(order)
    const { subscription, userId } = await newSubscription({ timeZone })
    await tenantDb()('users').where({ id: userId }).update({ time_zone: 'Asia/Tokyo' })
    await pass('2026-06-10T00:00:00Z')
    const lines = await tenantDb()('invoice_lines').where({ subscription_id: subscription.id }).orderBy('period_start').select('period_start as start', 'period_end as end') as Array<{ start: Date; end: Date }>
    if (timeZone !== 'Pacific/Apia') expect(lines[1]!.start.toISOString()).to.equal(second)
    for (const [i, { end }] of lines.slice(0, -1).entries()) expect(end).to.deep.equal(lines[i + 1]!.start)
    const hour = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
    expect(new Set(lines.map(({ start }) => hour.format(start)))).to.deep.equal(new Set(['00:00']))
  }))

  it('charges nothing in a trial, writes three days before its end, and bills the first period when it is over', () => world.in(async () => {
    const { subscription } = await newSubscription({ trialDays: 14, setup: '5.00' })
    expect([(await reload(subscription.id)).status, await billed(subscription.id)]).to.deep.equal(['trialing', ['setup 500 paid']])
    setClock('2026-02-10T23:59:59Z')
    await announceTrialEnds(new Date('2026-02-10T23:59:59Z'))
    expect(await tenantDb()('mail_messages').pluck('letter')).to.deep.equal([])
    await announceTrialEnds(new Date('2026-02-11T00:00:00Z'))
    await announceTrialEnds(new Date('2026-02-11T01:00:00Z'))
    expect(await tenantDb()('mail_messages').pluck('letter')).to.deep.equal(['trial-ending'])
    setClock('2026-02-13T23:59:59.999Z')
    await renewAll()
    expect((await reload(subscription.id)).status).to.equal('trialing')
    setClock('2026-02-14T00:00:00Z')
    await renewAll()
    expect((await reload(subscription.id)).status).to.equal('active')
    expect(await billed(subscription.id)).to.deep.equal(['setup 500 paid', 'recurring 2026-02-14 – 2026-03-14: 1000 open'])
  }))

  it('starts a free trial without any payment, and ends it without any invoice when the customer leaves', () => world.in(async () => {
    const { subscription, invoice } = await newSubscription({ trialDays: 14, paid: false })
    expect([invoice.totalMinor, (await reload(subscription.id)).status]).to.deep.equal([0, 'trialing'])
    await (await reload(subscription.id)).$query().patch({ cancelAt: subscription.trialEnd })
    await pass('2026-04-01T00:00:00Z')
    expect([(await reload(subscription.id)).status, await billed(subscription.id)]).to.deep.equal(['ended', ['setup 0 paid']])
  }))

  it('bills an add-on for the rest of its parent’s period by the second, and together with it from then on', () => world.in(async () => {
    const { subscription, userId } = await newSubscription({ at: '2026-01-31T10:00:00Z', price: '28.00' })
    setClock('2026-02-14T00:00:00Z')
    const addon = await newSubscription({ userId, price: '14.00', parentId: subscription.id, product: { kind: 'addon', followsParent: true } })
    expect(await billed(addon.subscription.id)).to.deep.equal(['recurring 2026-02-14 – 2026-02-28: 700 paid'])
    await pass('2026-03-01T00:00:00Z')
    expect((await billed(addon.subscription.id)).at(-1)).to.equal('recurring 2026-02-28 – 2026-03-31: 1400 paid')
    expect((await Invoice.query().where({ kind: 'renewal' })).map((i) => i.totalMinor)).to.deep.equal([4200])
  }))

  it('bills a period again that was set free, and not one that was forgiven', () => world.in(async () => {
    const { subscription } = await newSubscription()
    setClock('2026-02-22T00:00:00Z')
    await renewAll()
    const renewal = () => Invoice.query().where({ kind: 'renewal', status: 'open' }).first().throwIfNotFound()
    await voidInvoice(await renewal(), { release: true })
    await react()
    await renewAll()
    expect(await billed(subscription.id)).to.deep.equal(['recurring 2026-01-31 – 2026-02-28: 1000 paid', 'recurring 2026-02-28 – 2026-03-31: 1000 open'])
    await voidInvoice(await renewal())
    await react()
    await renewAll()
    expect((await billed(subscription.id)).at(-1)).to.equal('recurring 2026-02-28 – 2026-03-31: 1000 void')
  }))

  it('ends what was never paid for when its invoice is taken back', () => world.in(async () => {
    const { subscription, invoice } = await newSubscription({ paid: false })
    expect((await reload(subscription.id)).status).to.equal('pending')
    await voidInvoice(invoice)
    await react()
    const ended = await reload(subscription.id)
    expect([ended.status, ended.endReason]).to.deep.equal(['ended', 'unpaid'])
  }))

  it('parks a subscription whose time is billed in part already, and bills no more of it until a person has looked', () => world.in(async () => {
    const { subscription, userId } = await newSubscription()
    await subscription.$query().patch({ billedUntil: new Date('2026-02-14T00:00:00Z') })
    setClock('2026-03-25T00:00:00Z')
    await renewCustomer(userId)
    const parked = await reload(subscription.id)
    expect([parked.parkedReason, await starts(subscription.id)]).to.deep.equal(['A period is already billed in part or twice.', ['2026-01-31']])
    expect(await events()).to.include('subscription.parked')
  }))
})
