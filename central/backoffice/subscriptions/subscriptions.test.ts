import { expect } from 'chai'
import { clock } from '../../../shared/time/clock.js'
import { creditBalance } from '../../../tenant/billing/credit/credit.js'
import { Cancellation } from '../../../tenant/billing/subscriptions/cancellation.js'
import { cancelSubscription } from '../../../tenant/billing/subscriptions/cancel-subscription.js'
import { subscriptionRules } from '../../../tenant/billing/subscriptions/billing-rules.js'
import { CouponRedemption } from '../../../tenant/billing/coupons/coupon.js'
import { Invoice } from '../../../tenant/billing/invoices/invoice.js'
import { newCoupon } from '../../../tenant/testing/pricing-world.js'
import { newProduct } from '../../../tenant/testing/catalog-world.js'
import { newSubscription, payOpen, reload, renewAll, type Wanted } from '../../../tenant/testing/subscription-world.js'
import { hidden, useDesk, words } from '../../testing/desk-world.js'

describe('Subscriptions at the desk', function () {
  this.timeout(60_000)
  const { inAcme, member } = useDesk({ at: '2026-11-01T00:00:00Z' })
  const subscription = (wanted: Wanted = {}) => inAcme(() => newSubscription({ at: '2026-11-01T00:00:00Z', ...wanted }))
  const at = (id: number) => inAcme(() => reload(id))
  const home = '/reseller/subscriptions'

  beforeEach(() => clock.set('2026-11-16T00:00:00Z'))
  after(() => clock.set())

  it('are listed by state and customer, exported, and belong to their own shop', async () => {
    const { subscription: s } = await subscription({ product: { name: 'VPS Listed' } })
    const browser = await member('acme')
    const list = await browser.get(`${home}?show=active`)
    expect(list.body).to.contain('VPS Listed').and.to.contain('$10.00').and.to.contain(`name="pick_${s.publicId}"`)
    expect((await browser.get(`${home}?show=ended`)).body).to.not.contain('VPS Listed')
    expect((await browser.get(`${home}.csv?show=active`)).body.split('\r\n')[0]).to.equal('subscription,customer,plan,service,state,price,currency,renews')
    expect((await browser.get(`${home}/${s.publicId}`)).body).to.contain('Paid until')
    expect((await (await member('globex')).get(`${home}/${s.publicId}`)).status).to.equal(404)
  })

  it('are changed by staff at once although the product says later, with the same preview', async () => {
    const { large, small } = await inAcme(async () => ({ large: (await newProduct({ name: 'VPS L' }, [{ cycle: 'monthly', price: '30.00' }])).plan, small: (await newProduct({ name: 'VPS S' }, [{ cycle: 'monthly', price: '10.00' }])).plan }))
    const { subscription: s, userId } = await subscription({ plan: large })
    const browser = await member('acme')
    await browser.get(`${home}/${s.publicId}/change`)
    expect((await browser.post(`${home}/${s.publicId}/change`, { plan: small.publicId, quantity: '1', timing: 'now' })).status).to.equal(303)
    const preview = await browser.follow()
    expect(preview.body).to.contain('-$15.00').and.to.contain('Becomes credit in your account')
    expect((await browser.post(/action="([^"]+\/confirmation)"/.exec(preview.body)![1]!)).status).to.equal(303)
    expect([(await at(s.id)).planId, (await inAcme(() => creditBalance(userId, 'USD'))).minor]).to.deep.equal([small.id, 1000])
  })

  it('are cancelled by staff with or without credit; support may only look', async () => {
    const { subscription: s, userId } = await subscription()
    const support = await member('acme', 'support')
    await support.get(home)
    expect((await support.post(`${home}/${s.publicId}/cancellation`, { timing: 'now', refund: 'credit' })).status).to.equal(409)
    const browser = await member('acme')
    expect((await browser.get(`${home}/${s.publicId}/cancellation`)).body).to.contain('$5.00 as credit')
    expect((await browser.post(`${home}/${s.publicId}/cancellation`, { timing: 'now', refund: 'credit', comment: 'Asked by phone' })).status).to.equal(303)
    expect([(await at(s.id)).endReason, (await inAcme(() => creditBalance(userId, 'USD'))).minor]).to.deep.equal(['staff', 500])
  })

  it('are cancelled together after a look at each, and one that has ended never stops the others', async () => {
    const [a, b, gone, raced] = [await subscription(), await subscription(), await subscription(), await subscription()]
    await inAcme(() => cancelSubscription(gone.subscription, { timing: 'now', by: 'staff' }))
    const browser = await member('acme')
    await browser.get(home)
    const picks = (all: ReadonlyArray<typeof a>) => Object.fromEntries(all.map((x) => [`pick_${x.subscription.publicId}`, 'on']))
    const preview = await browser.post(`${home}/selection`, { act: 'end', ...picks([a, b, gone, raced]) })
    expect(words(preview.body)).to.contain('Cancel 3 subscriptions').and.to.contain('Left alone: This subscription has already ended.').and.to.contain('Ends on Dec 1, 2026; nothing comes back')
    expect((await at(a.subscription.id)).cancelAt).to.equal(null)
    const form = { act: 'end', ids: hidden(preview.body, 'ids'), formKey: hidden(preview.body, 'formKey'), comment: 'Shop moves' }
    await inAcme(() => cancelSubscription(raced.subscription, { timing: 'end', by: 'staff' }))
    expect(words((await browser.post(`${home}/selection/acts`, form)).body)).to.contain('Cancelled 2 subscriptions').and.to.contain('Ends on Dec 1, 2026').and.to.contain('Left alone This subscription is already going to end.')
    expect(words((await browser.post(`${home}/selection/acts`, form)).body)).to.contain('3 subscriptions left alone')
    expect([(await at(a.subscription.id)).cancelAt, (await at(b.subscription.id)).cancelAt]).to.deep.equal([new Date('2026-12-01T00:00:00Z'), new Date('2026-12-01T00:00:00Z')])
    const said = await inAcme(async () => Cancellation.query().where({ subscriptionId: a.subscription.id }))
    expect(said.map((c) => [c.askedBy, c.comment, c.refund])).to.deep.equal([['staff', 'Shop moves', 'none']])
  })

  it('end together at once, with exactly what the preview promised as credit, once; not by support, not from another shop', async () => {
    const [half, none, waits] = [await subscription(), await subscription({ paid: false }), await subscription()]
    await inAcme(() => cancelSubscription(waits.subscription, { timing: 'end', by: 'staff' }))
    const picks = Object.fromEntries([half, none, waits].map((x) => [`pick_${x.subscription.publicId}`, 'on']))
    const browser = await member('acme')
    await browser.get(home)
    expect(words((await browser.post(`${home}/selection`, { act: 'now', ...picks })).body)).to.contain('Cancel 3 subscriptions').and.to.contain('Ends now; nothing comes back')
    const preview = await browser.post(`${home}/selection`, { act: 'now-credit', ...picks })
    expect(words(preview.body)).to.contain('Ends now; $5.00 comes back as credit').and.to.contain('Ends now; nothing is left to come back')
    const form = { act: 'now-credit', ids: hidden(preview.body, 'ids'), formKey: hidden(preview.body, 'formKey') }
    for (const [who, status] of [[await member('acme', 'support'), 409], [await member('globex'), 422]] as const) {
      await who.get(home)
      expect((await who.post(`${home}/selection/acts`, form)).status).to.equal(status)
    }
    for (const result of ['All of them are done', '3 subscriptions left alone']) expect(words((await browser.post(`${home}/selection/acts`, form)).body)).to.contain(result)
    const credit = (userId: number) => inAcme(async () => (await creditBalance(userId, 'USD')).minor)
    expect([await credit(half.userId), await credit(none.userId), await credit(waits.userId)]).to.deep.equal([500, 0, 500])
    expect([(await at(half.subscription.id)).endReason, (await at(none.subscription.id)).endReason, (await at(waits.subscription.id)).endedAt]).to.deep.equal(['staff', 'staff', new Date('2026-11-16T00:00:00Z')])
  })

  it('that are parked stand in a list of their own until somebody lets billing go on', async () => {
    const { subscription: s } = await subscription({ product: { name: 'VPS Parked' } })
    await inAcme(async () => { await s.$query().patch({ parkedAt: new Date(), parkedReason: 'More than 15 new lines in one day.' }) })
    const browser = await member('acme')
    expect((await browser.get(`${home}?show=parked`)).body).to.contain('VPS Parked').and.to.contain('More than 15 new lines')
    expect((await browser.post(`${home}/${s.publicId}/parking`, { _method: 'delete' })).status).to.equal(303)
    expect((await at(s.id)).parkedAt).to.equal(null)
  })

  it('say why customers leave', async () => {
    const { subscription: s } = await subscription()
    await inAcme(() => cancelSubscription(s, { timing: 'end', by: 'customer', reason: 'missing-feature', comment: 'No snapshots' }))
    const page = await (await member('acme')).get(`${home}/reasons`)
    expect(page.body).to.contain('Something is missing').and.to.contain('No snapshots').and.to.contain('100 %')
  })

  it('follow the shop’s own rules, and refuse impossible ones', async () => {
    const browser = await member('acme')
    const rules = { leadDays: '3', trialNoticeDays: '2', reactivateDays: '10', cancelRefund: 'credit' }
    await browser.get(`${home}/rules`)
    expect((await browser.post(`${home}/rules`, { _method: 'put', ...rules, leadDays: '99' })).status).to.equal(422)
    expect((await browser.post(`${home}/rules`, { _method: 'put', ...rules })).status).to.equal(303)
    expect(await inAcme(() => subscriptionRules.read())).to.deep.equal({ leadDays: 3, trialNoticeDays: 2, reactivateDays: 10, cancelRefund: 'credit', customersMayPause: false })
  })

  it('get a coupon from staff that counts from the next renewal on, after showing what it changes', async () => {
    const { subscription: s } = await subscription()
    await inAcme(() => newCoupon({ code: 'STAY25', percentPpm: 250_000, duration: 'periods', periods: 2 }))
    const [browser, path] = [await member('acme'), `${home}/${s.publicId}/coupon`]
    await browser.get(path)
    expect((await browser.post(path, { code: 'NOPE' })).body).to.match(/not known/).and.to.contain('value="NOPE"')
    const preview = await browser.post(path, { code: 'stay25' })
    expect(preview.body).to.contain('$10.00').and.to.contain('$2.50').and.to.contain('$7.50').and.to.contain('December 1, 2026')
    expect(await inAcme(() => CouponRedemption.query().resultSize())).to.equal(0)
    expect((await browser.post(path, { code: 'stay25', sure: 'yes' })).status).to.equal(303)
    expect((await browser.get(`${home}/${s.publicId}`)).body).to.contain('STAY25').and.to.contain('$7.50')
    expect((await browser.post(path, { code: 'stay25', sure: 'yes' })).body).to.match(/has the code STAY25 already/)
    expect((await (await member('acme', 'support')).get(path)).status).to.equal(409)
    expect((await (await member('globex')).get(path)).status).to.equal(404)
    await inAcme(async () => {
      for (const at of ['2026-12-01T00:00:00Z', '2027-01-01T00:00:00Z', '2027-02-01T00:00:00Z']) {
        clock.set(at)
        await renewAll()
        await payOpen(s.userId)
      }
      expect((await Invoice.query().where({ userId: s.userId }).orderBy('id')).map((i) => i.totalMinor)).to.deep.equal([1000, 750, 750, 1000])
    })
  })
})
