import { expect } from 'chai'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { codeOf } from '../../../shared/testing/code-of.js'
import { setClock } from '../../../shared/testing/world.js'
import { changePrice } from '../../catalog/change-price.js'
import { Plan } from '../../catalog/plan.js'
import { PlanMigration } from '../../catalog/plan-migration.js'
import { OptionChoice } from '../../catalog/product-option.js'
import { setOptionPrices } from '../../catalog/save-option.js'
import { auditTenant } from '../audit.js'
import { creditBalance } from '../credit/credit.js'
import { Invoice } from '../invoices/invoice.js'
import { insertRow, useBillingWorld } from '../../scenarios/billing-world.js'
import { newProduct } from '../../testing/catalog-world.js'
import { billed, change, newSubscription, pass, payOpen, react, reload, renewAll } from '../../testing/subscription-world.js'
import { subscriptionRules } from './billing-rules.js'
import { Cancellation } from './cancellation.js'
import { cancelSubscription, undoCancel } from './cancel-subscription.js'
import { chargesAhead } from './charges-ahead.js'
import { pauseSubscription, resumeSubscription } from './pause-subscription.js'
import { schedulePriceMoves } from './price-move.js'
import { reactivateSubscription } from './reactivate-subscription.js'
import { Change } from './subscription-change.js'
import { undoChange } from './undo-change.js'

const letters = async (): Promise<string[]> => (await tenantDb()('mail_messages').orderBy('id').pluck('letter')) as string[]
const statuses = async (kind: string): Promise<string[]> => (await Invoice.query().where({ kind }).orderBy('id')).map((i) => `${i.totalMinor} ${i.status}`)

describe('Leaving a subscription', function () {
  this.timeout(30_000)
  const world = useBillingWorld()
  beforeEach(() => setClock('2026-11-01T00:00:00Z'))
  afterEach(() => world.in(async () => expect(await auditTenant()).to.deep.equal([])))

  it('at the end of the month takes the coming invoice back, and can be undone until the last moment', () => world.in(async () => {
    const { subscription } = await newSubscription()
    setClock('2026-11-26T00:00:00Z')
    await renewAll()
    expect(await statuses('renewal')).to.deep.equal(['1000 open'])
    const at = await cancelSubscription(subscription, { timing: 'end', by: 'customer', reason: 'too-expensive', comment: 'Sorry' })
    expect([at, await statuses('renewal')]).to.deep.equal([new Date('2026-12-01T00:00:00Z'), ['1000 void']])
    await react()
    await renewAll()
    expect(await statuses('renewal')).to.deep.equal(['1000 void'])
    setClock('2026-11-30T23:59:59.999Z')
    await undoCancel(await reload(subscription.id))
    await renewAll()
    expect((await billed(subscription.id)).at(-1)).to.equal('recurring 2026-12-01 – 2027-01-01: 1000 open')
    expect((await Cancellation.query())[0]).to.include({ reason: 'too-expensive', comment: 'Sorry', askedBy: 'customer', timing: 'end' })
  }))

  it('ends at the day, with its add-ons, and nothing is billed afterwards', () => world.in(async () => {
    const { subscription, userId } = await newSubscription()
    const addon = await newSubscription({ userId, parentId: subscription.id, product: { kind: 'addon', followsParent: true } })
    await cancelSubscription(subscription, { timing: 'end', by: 'customer' })
    setClock('2026-12-01T00:00:00Z')
    expect(await codeOf(undoCancel(await reload(subscription.id)))).to.equal('subscription.not-cancelling')
    await pass('2027-03-01T00:00:00Z')
    const [parent, child] = [await reload(subscription.id), await reload(addon.subscription.id)]
    expect([parent.status, parent.endReason, parent.endedAt, child.status, child.endReason]).to.deep.equal(['ended', 'cancelled', new Date('2026-12-01T00:00:00Z'), 'ended', 'parent'])
    expect([...await billed(parent.id), ...await billed(child.id)]).to.have.length(2)
  }))

  it('at once gives nothing back, or credit for the rest to the cent where the shop says so', () => world.in(async () => {
    const { subscription, userId } = await newSubscription()
    setClock('2026-11-11T00:00:00Z')
    await cancelSubscription(subscription, { timing: 'now', by: 'customer' })
    expect([(await reload(subscription.id)).status, (await creditBalance(userId, 'USD')).minor]).to.deep.equal(['ended', 0])
    await subscriptionRules.write({ ...(await subscriptionRules.read()), cancelRefund: 'credit' })
    const other = await newSubscription({ at: '2026-11-11T00:00:00Z', price: '30.00' })
    setClock('2026-11-16T00:00:00Z')
    await cancelSubscription(other.subscription, { timing: 'now', by: 'customer' })
    expect((await creditBalance(other.userId, 'USD')).minor).to.equal(2500)
  }))

  it('takes back a coming invoice when it ends at once, and leaves what is owed for time that was used', () => world.in(async () => {
    const { subscription } = await newSubscription()
    await pass('2026-12-05T00:00:00Z', { pay: false })
    await pass('2026-12-26T00:00:00Z', { pay: false })
    expect(await statuses('renewal')).to.deep.equal(['1000 open', '1000 open'])
    await cancelSubscription(await reload(subscription.id), { timing: 'now', by: 'customer' })
    expect(await statuses('renewal')).to.deep.equal(['1000 open', '1000 void'])
  }))

  it('waits for the end of a minimum term; only staff may end it at once', () => world.in(async () => {
    const { subscription } = await newSubscription({ product: { minTermMonths: 3 } })
    expect(await codeOf(cancelSubscription(subscription, { timing: 'now', by: 'customer' }))).to.equal('subscription.minimum-term')
    expect(await cancelSubscription(subscription, { timing: 'end', by: 'customer' })).to.deep.equal(new Date('2027-02-01T00:00:00Z'))
    await pass('2027-02-05T00:00:00Z')
    expect(await billed(subscription.id)).to.have.length(3)
    expect((await reload(subscription.id)).status).to.equal('ended')
    const other = await newSubscription({ product: { minTermMonths: 3 } })
    await cancelSubscription(other.subscription, { timing: 'now', by: 'staff' })
    expect((await reload(other.subscription.id)).endReason).to.equal('staff')
  }))

  it('for a while: a pause begins when what is paid is over, bills nothing, and ends with a new period of its own', () => world.in(async () => {
    const { subscription, userId } = await newSubscription()
    setClock('2026-11-26T00:00:00Z')
    await renewAll()
    expect(await pauseSubscription(await reload(subscription.id))).to.deep.equal(new Date('2026-12-01T00:00:00Z'))
    expect(await statuses('renewal')).to.deep.equal(['1000 void'])
    await pass('2027-03-09T14:30:00Z')
    expect([(await reload(subscription.id)).status, await billed(subscription.id)]).to.deep.equal(['paused', ['recurring 2026-11-01 – 2026-12-01: 1000 paid']])
    await resumeSubscription(await reload(subscription.id))
    await payOpen(userId)
    await pass('2027-04-10T00:00:00Z')
    expect((await billed(subscription.id)).slice(1)).to.deep.equal(['recurring 2027-03-09T14:30Z – 2027-04-09: 1000 paid', 'recurring 2027-04-09 – 2027-05-09: 1000 paid'])
    expect(await tenantDb()('events').whereIn('type', ['subscription.paused', 'subscription.resumed']).orderBy('id').pluck('type')).to.deep.equal(['subscription.paused', 'subscription.resumed'])
  }))

  it('pauses with its add-ons; one that was never paid for is not started by the way back', () => world.in(async () => {
    const { subscription, userId } = await newSubscription()
    const addon = (parentId: number, price: string, paid: boolean, cycle: 'monthly' | 'one-time' = 'monthly') => newSubscription({ userId, parentId, price, paid, cycle, product: { kind: 'addon', followsParent: true } })
    const [paid, once] = [await addon(subscription.id, '2.00', true), await addon(subscription.id, '5.00', true, 'one-time')]
    const unpaid = await addon(subscription.id, '3.00', false)
    await pauseSubscription(await reload(subscription.id))
    await pass('2026-12-05T00:00:00Z', { pay: false })
    const states = async () => Promise.all([subscription, paid.subscription, once.subscription, unpaid.subscription].map(async (s) => (await reload(s.id)).status))
    expect(await states()).to.deep.equal(['paused', 'paused', 'paused', 'pending'])
    const invoice = await resumeSubscription(await reload(subscription.id))
    expect([await states(), invoice!.totalMinor]).to.deep.equal([['active', 'active', 'active', 'pending'], 1200])
  }))

  it('is not for good: within thirty days it is taken up again at the agreed price, unless its service is gone', () => world.in(async () => {
    const { subscription, userId, plan } = await newSubscription()
    const dated = { created_at: new Date(), updated_at: new Date() }
    const serviceId = await insertRow('services', { public_id: 's'.repeat(20), user_id: userId, plan_id: plan.id, service_type: 'vps', name: 'web', status: 'suspended', currency: 'USD', price_micros: 0, ...dated })
    await subscription.$query().patch({ serviceId })
    setClock('2026-11-11T00:00:00Z')
    await cancelSubscription(subscription, { timing: 'now', by: 'customer' })
    setClock('2026-12-11T00:00:00Z')
    expect(await codeOf(reactivateSubscription(subscription))).to.equal('subscription.too-late')
    setClock('2026-12-10T23:59:59Z')
    await tenantDb()('services').where({ id: serviceId }).update({ status: 'terminated' })
    expect(await codeOf(reactivateSubscription(subscription))).to.equal('subscription.service-gone')
    await tenantDb()('services').where({ id: serviceId }).update({ status: 'suspended' })
    await reactivateSubscription(subscription)
    await payOpen(userId)
    expect((await billed(subscription.id)).at(-1)).to.equal('recurring 2026-12-10T23:59:59Z – 2027-01-10: 1000 paid')
    expect((await reload(subscription.id)).status).to.equal('active')
  }))
})

describe('A new price for existing customers', function () {
  this.timeout(30_000)
  const world = useBillingWorld()
  beforeEach(() => setClock('2026-11-01T00:00:00Z'))

  it('is announced by letter and counts from the first renewal after the notice, not for what is billed already', () => world.in(async () => {
    const { subscription, plan, userId } = await newSubscription()
    setClock('2026-11-10T00:00:00Z')
    await changePrice(plan, { priceMicros: 12_000_000 }, { move: { noticeDays: 30 } })
    await schedulePriceMoves()
    await schedulePriceMoves()
    expect(await letters()).to.deep.equal(['price-move'])
    expect((await chargesAhead(userId)).slice(0, 3).map((c) => c.total.minor)).to.deep.equal([1000, 1200, 1200])
    await pass('2027-01-05T00:00:00Z')
    expect(await billed(subscription.id)).to.deep.equal(['recurring 2026-11-01 – 2026-12-01: 1000 paid', 'recurring 2026-12-01 – 2027-01-01: 1000 paid', 'recurring 2027-01-01 – 2027-02-01: 1200 paid'])
    expect(await tenantDb()('plan_migrations').first('status', 'customers')).to.deep.equal({ status: 'scheduled', customers: 1 })
  }))

  it('waits for another change that waits, and counts when that one is taken back; what a cancellation dropped is announced again', () => world.in(async () => {
    const { plan } = await newProduct({}, [{ cycle: 'monthly', price: '10.00' }])
    const small = (await newProduct({}, [{ cycle: 'monthly', price: '5.00' }])).plan
    const { subscription } = await newSubscription({ plan })
    const state = async () => {
      const waiting = (await Change.scheduledFor([subscription.id])).get(subscription.id)
      return [(await PlanMigration.query())[0]!.status, waiting?.kind, waiting?.scheduled.terms.amountMinor]
    }
    setClock('2026-11-10T00:00:00Z')
    await change(await reload(subscription.id), small)
    await changePrice(await Plan.findOwned<Plan>({ id: plan.id }), { priceMicros: 12_000_000 }, { move: { noticeDays: 30 } })
    await schedulePriceMoves()
    expect(await state()).to.deep.equal(['requested', 'plan', 500])
    await undoChange(await reload(subscription.id))
    await schedulePriceMoves()
    expect(await state()).to.deep.equal(['scheduled', 'price', 1200])
    await cancelSubscription(await reload(subscription.id), { timing: 'end', by: 'customer' })
    await schedulePriceMoves()
    expect(await state()).to.deep.equal(['scheduled', undefined, undefined])
    await undoCancel(await reload(subscription.id))
    await schedulePriceMoves()
    await schedulePriceMoves()
    expect([await state(), await letters()]).to.deep.equal([['scheduled', 'price', 1200], ['price-move', 'price-move']])
    await pass('2027-01-05T00:00:00Z')
    expect((await billed(subscription.id)).slice(-2)).to.deep.equal(['recurring 2026-12-01 – 2027-01-01: 1000 paid', 'recurring 2027-01-01 – 2027-02-01: 1200 paid'])
    await schedulePriceMoves()
    expect(await letters()).to.have.length(2)
  }))

  it('takes the options along at the prices they have now', () => world.in(async () => {
    const made = await newProduct({}, [{ cycle: 'monthly', price: '10.00' }], [{ name: 'Memory', choices: { '8 GB': { 1: '3.00' } } }])
    const chosen = made.option('Memory')
    const { subscription } = await newSubscription({ plan: made.plan, selection: { quantity: 1, options: [{ ...chosen, quantity: 1 }] }, at: '2026-01-01T00:00:00Z' })
    const choice = (await OptionChoice.query().findById(chosen.choiceId))!
    await setOptionPrices(made.plan, choice, [{ fromQuantity: 1, unitMicros: 4_000_000, setupMinor: 0 }])
    await changePrice(await Plan.findOwned<Plan>({ id: made.plan.id }), { priceMicros: 12_000_000 }, { move: { noticeDays: 1 }, now: new Date('2026-01-10T00:00:00Z') })
    await schedulePriceMoves(new Date('2026-01-10T00:00:00Z'))
    const change = (await Change.scheduledFor([subscription.id])).get(subscription.id)!
    expect([subscription.amountMinor, change.scheduled.terms.amountMinor, change.scheduled.terms.items.map((item) => item.amountMinor)]).to.deep.equal([1300, 1600, [1200, 400]])
  }))

  it('shows twelve months of charges, the open invoice first, and stops where the customer leaves', () => world.in(async () => {
    const { subscription, userId } = await newSubscription()
    await newSubscription({ userId, cycle: 'quarterly', price: '5.00' })
    setClock('2026-11-24T00:00:00Z')
    await renewAll()
    const ahead = await chargesAhead(userId)
    expect([ahead[0]!.kind, ahead[0]!.total.minor, ahead[0]!.at]).to.deep.equal(['invoice', 1000, new Date('2026-12-01T00:00:00Z')])
    expect(ahead.reduce((sum, c) => sum + c.total.minor, 0)).to.equal(12 * 1000 + 4 * 500)
    await cancelSubscription(subscription, { timing: 'end', by: 'customer' })
    expect((await chargesAhead(userId)).map((c) => c.total.minor)).to.deep.equal([500, 500, 500, 500])
  }))
})
