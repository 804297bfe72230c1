import { expect } from 'chai'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { newPublicId } from '../../../shared/security/token.js'
import { codeOf } from '../../../shared/testing/code-of.js'
import { setClock } from '../../../shared/testing/world.js'
import { clock } from '../../../shared/time/clock.js'
import { insertRow, useBillingWorld } from '../../scenarios/billing-world.js'
import { newProduct } from '../../testing/catalog-world.js'
import { change, newSubscription, payOpen, reload, renewAll } from '../../testing/subscription-world.js'
import '../../timetable.js'
import { Invoice } from '../invoices/invoice.js'
import { voidAndReissue } from '../invoices/void-and-reissue.js'
import { applyChange } from '../subscriptions/apply-change.js'
import { quoteChange } from '../subscriptions/quote-change.js'
import { advanceCase } from './advance-case.js'
import { exemptCase, pauseCase } from './case-actions.js'
import { DunningCase, DunningStep } from './dunning-case.js'
import { closeCase, dunningWants } from './end-case.js'
import { runDunning } from './run-dunning.js'
import { defaultRules, dunningRules } from './schedule.js'

const two = { quantity: 2, options: [] }

describe('An overdue invoice that is made anew', function () {
  this.timeout(180_000)
  const world = useBillingWorld()
  const dun = async (...days: string[]): Promise<void> => {
    for (const day of days) {
      setClock(`${day}T00:00:00Z`)
      await runDunning(clock.now())
      for (const dunning of await DunningCase.query().where({ status: 'open' }).where('nextAt', '<=', clock.now())) await advanceCase(dunning, clock.now())
    }
  }
  /** $10.00 a month; the renewal of 1 November is not paid. */
  const unpaid = async () => {
    setClock('2026-10-01T00:00:00Z')
    await dunningRules.write({ ...defaultRules, reminders: [], retry: false })
    const { plan } = await newProduct({ upgradePolicy: 'now', maxQuantity: 10 }, [{ cycle: 'monthly', price: '10.00' }])
    const { subscription, userId } = await newSubscription({ plan })
    const serviceId = await insertRow('services', { public_id: newPublicId(), user_id: userId, plan_id: plan.id, subscription_id: subscription.id, service_type: 'vps', name: 'x', status: 'active', currency: 'USD', price_micros: 1, created_at: clock.now(), updated_at: clock.now() })
    await tenantDb()('subscriptions').where({ id: subscription.id }).update({ service_id: serviceId })
    setClock('2026-10-31T23:50:00Z')
    await renewAll()
    return { plan, subscription, userId, serviceId }
  }
  const untilSuspended = ['2026-11-08', '2026-11-11']
  /** What the reaction to `invoice.voided` does. */
  const hearOfVoided = async (): Promise<void> => {
    for (const { id } of await Invoice.query().where({ status: 'void' })) await closeCase(id, 'ended')
  }

  it('cannot be had by changing the subscription before it is paid', () => world.in(async () => {
    const { plan, subscription, userId, serviceId } = await unpaid()
    await dun(...untilSuspended)
    expect(await dunningWants(serviceId)).to.equal('suspend')
    expect(await codeOf(quoteChange(await reload(subscription.id), { plan, selection: two }))).to.equal('subscription.overdue')
    await payOpen(userId)
    expect(await codeOf(change(await reload(subscription.id), plan, two))).to.equal('done')
  }))

  it('is refused at the confirmation, too: from the instant at which the invoice is due', () => world.in(async () => {
    const { plan, subscription } = await unpaid()
    const quote = await quoteChange(await reload(subscription.id), { plan, selection: two })
    expect((await reload(subscription.id)).refusalToChange()).to.equal(null)
    await Invoice.query().patch({ dueAt: new Date('2026-10-31T23:55:00Z') }).where({ kind: 'renewal' })
    expect(await codeOf(applyChange(subscription, quote.publicId, new Date('2026-10-31T23:55:00Z')))).to.equal('subscription.overdue')
    expect(await codeOf(applyChange(subscription, quote.publicId, new Date('2026-10-31T23:54:59.999Z')))).to.equal('done')
  }))

  it('keeps its day, its steps and its suspension when staff changes what it bills', () => world.in(async () => {
    const { plan, subscription, userId, serviceId } = await unpaid()
    await dun(...untilSuspended)
    const [before, steps] = [(await DunningCase.query().first())!, await DunningStep.query().resultSize()]
    setClock('2026-11-12T00:00:00Z')
    await change(await reload(subscription.id), plan, two, undefined, 'staff')
    await hearOfVoided()
    const anew = (await Invoice.query().findOne({ kind: 'renewal', status: 'open' }))!
    expect(anew.dueAt).to.deep.equal(new Date('2026-11-01T00:00:00Z'))
    const after = (await DunningCase.query().findOne({ invoiceId: anew.id }))!
    expect([after.id, after.status, await DunningStep.query().where({ caseId: after.id }).resultSize(), await dunningWants(serviceId)]).to.deep.equal([before.id, 'open', steps, 'suspend'])
    await dun('2026-12-01')
    expect(await DunningCase.query().where({ invoiceId: anew.id }).resultSize()).to.equal(1)
    expect(await dunningWants(serviceId)).to.equal('terminate')
    await payOpen(userId)
    await closeCase(anew.id, 'repaired')
    expect(await dunningWants(serviceId)).to.equal('nothing')
  }))

  it('is collected at once when its day has come, not in a week', () => world.in(async () => {
    const [{ plan: small }, { plan: middle }, { plan: large }] = [await newProduct({}, [{ cycle: 'annual', price: '10.00' }]), await newProduct({}, [{ cycle: 'annual', price: '50.00' }]), await newProduct({}, [{ cycle: 'annual', price: '90.00' }])]
    setClock('2026-11-01T00:00:00Z')
    const { subscription } = await newSubscription({ plan: small })
    setClock('2026-11-02T00:00:00Z')
    await change(await reload(subscription.id), middle)
    setClock('2026-11-03T00:00:00Z')
    await change(await reload(subscription.id), large, undefined, undefined, 'staff')
    const first = new Date('2026-11-02T00:00:00Z')
    expect((await Invoice.query().where({ status: 'open' })).filter((i) => i.replacesId !== null).map((i) => [i.collectAt, i.dueAt])).to.deep.equal([[first, first]])
  }))

  it('keeps the pause or the exemption that staff gave it', () => world.in(async () => {
    await unpaid()
    await dun('2026-11-02')
    const until = new Date('2026-12-24T00:00:00Z')
    await pauseCase((await DunningCase.query().first())!, until, 'Promised to pay')
    const { invoice: second } = await voidAndReissue((await Invoice.query().findOne({ status: 'open' }))!)
    await hearOfVoided()
    const paused = (await DunningCase.query().findOne({ invoiceId: second.id }))!
    expect([paused.status, paused.pausedUntil, paused.reason]).to.deep.equal(['paused', until, 'Promised to pay'])
    await exemptCase(paused, 'A friend')
    const { invoice: third } = await voidAndReissue(second)
    await hearOfVoided()
    await runDunning(clock.now())
    expect((await DunningCase.query()).map((c) => [c.invoiceId, c.status, c.reason])).to.deep.equal([[third.id, 'exempt', 'A friend']])
  }))
})
