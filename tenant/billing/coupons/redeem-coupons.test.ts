import { expect } from 'chai'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { Refusal } from '../../../shared/errors.js'
import { setClock, useWorld } from '../../../shared/testing/world.js'
import { clock } from '../../../shared/time/clock.js'
import { newCoupon, newCustomer, newOrder, newSubscription } from '../../testing/pricing-world.js'
import { auditTenant } from '../audit.js'
import { priceLines } from '../charges/price-lines.js'
import { draftInvoice } from '../invoices/draft-invoice.js'
import { issueInvoice } from '../invoices/issue-invoice.js'
import type { Invoice } from '../invoices/invoice.js'
import { voidInvoice } from '../invoices/void-invoice.js'
import { Coupon } from './coupon.js'
import { redeemCoupons, releaseRedemption } from './redeem-coupons.js'

describe('Redeeming coupons', function () {
  this.timeout(60_000)
  const world = useWorld()
  const acme = <T>(work: () => Promise<T>): Promise<T> => world.as(world.acme, work)
  beforeEach(async () => {
    await world.clean()
    setClock('2026-11-01T00:00:00Z')
  })
  const redeem = (userId: number, orderId: number, codes = ['SAVE'], subscriptionIds: number[] = []): Promise<void> =>
    tenantTransaction((trx) => redeemCoupons(trx, { userId, codes, orderId, subscriptionIds, now: clock.now() }))
  const refusalOf = (work: Promise<unknown>): Promise<string> => work.then(() => 'none', (error: unknown) => (error instanceof Refusal ? error.code : String(error)))
  const month = (n: number) => ({ start: new Date(Date.UTC(2026, 10 + n, 1)), end: new Date(Date.UTC(2026, 11 + n, 1)) })
  let bills = 0
  /** One invoice for month `n` of these subscriptions. */
  const bill = (userId: number, subs: Array<{ id: number; planId: number; productId: number }>, n: number, codes: string[] = []): Promise<Invoice> => tenantTransaction(async (trx) => {
    const key = `bill:${bills++}`
    const lines = subs.map((sub) => ({ businessKey: `${key}:${sub.id}`, kind: 'recurring' as const, subscriptionId: sub.id, planId: sub.planId, productId: sub.productId, description: 'VPS', amountMinor: 1000, period: month(n) }))
    return issueInvoice((await draftInvoice(trx, { businessKey: key, userId, kind: 'renewal', currency: 'EUR', lines, codes })).invoice, clock.now())
  })

  it('lets exactly one of 50 parallel orders have a coupon for one use', () => acme(async () => {
    await newCoupon({ limitTotal: 1 })
    const orders = await Promise.all(Array.from({ length: 50 }, async () => { const userId = await newCustomer(); return { userId, orderId: await newOrder(userId) } }))
    const outcomes = await Promise.all(orders.map(({ userId, orderId }) => world.as(world.acme, () => refusalOf(redeem(userId, orderId)))))
    expect(outcomes.filter((code) => code === 'none')).to.have.length(1)
    expect(outcomes.filter((code) => code === 'coupon.used-up')).to.have.length(49)
    expect((await Coupon.query().findOne({ code: 'SAVE' }))!.redeemedCount).to.equal(1)
  }))
  it('lets one customer use it once, however many orders arrive together', () => acme(async () => {
    await newCoupon({ limitPerCustomer: 1 })
    const userId = await newCustomer()
    const orders = await Promise.all(Array.from({ length: 10 }, () => newOrder(userId)))
    const outcomes = await Promise.all(orders.map((orderId) => world.as(world.acme, () => refusalOf(redeem(userId, orderId)))))
    expect(outcomes.filter((code) => code === 'none')).to.have.length(1)
  }))
  it('counts a repeat of the same order once, and gives the use of an expired order back once', () => acme(async () => {
    await newCoupon({ limitTotal: 1 })
    const userId = await newCustomer()
    const [first, second] = [await newOrder(userId), await newOrder(userId)]
    await redeem(userId, first)
    await redeem(userId, first)
    expect(await refusalOf(redeem(userId, second))).to.equal('coupon.used-up')
    for (let i = 0; i < 2; i++) await tenantTransaction((trx) => releaseRedemption(trx, { orderId: first, now: clock.now() }))
    expect((await Coupon.query().findOne({ code: 'SAVE' }))!.redeemedCount).to.equal(0)
    expect(await refusalOf(redeem(userId, second))).to.equal('none')
  }))
  it('begins and ends at its instants, and is for first orders only where it says so', () => acme(async () => {
    const [startsAt, endsAt] = [new Date('2026-11-02T00:00:00Z'), new Date('2026-11-03T00:00:00Z')]
    await newCoupon({ startsAt, endsAt, firstOrderOnly: true })
    const userId = await newCustomer()
    const orderId = await newOrder(userId)
    const at = async (instant: string): Promise<string> => { setClock(instant); return refusalOf(tenantTransaction(async (trx) => { await redeemCoupons(trx, { userId, codes: ['save'], orderId, subscriptionIds: [], now: clock.now() }); throw new Refusal('fine', '') })) }
    expect([await at('2026-11-01T23:59:59.999Z'), await at('2026-11-02T00:00:00Z'), await at('2026-11-02T23:59:59.999Z'), await at('2026-11-03T00:00:00Z')]).to.deep.equal(['coupon.not-yet', 'fine', 'fine', 'coupon.ended'])
    await newOrder(userId)
    expect(await at('2026-11-02T12:00:00Z')).to.equal('coupon.first-order')
  }))
  it('is for the products it names, and combines only with what may be combined', () => acme(async () => {
    const userId = await newCustomer()
    const [mine, other] = [await newSubscription(userId), await newSubscription(userId)]
    await newCoupon({ productIds: [other.productId] })
    await newCoupon({ code: 'MORE', stackable: true })
    expect(await refusalOf(redeem(userId, await newOrder(userId), ['SAVE'], [mine.id]))).to.equal('coupon.not-for-this')
    expect(await refusalOf(redeem(userId, await newOrder(userId), ['SAVE', 'MORE'], [other.id]))).to.equal('coupon.not-stackable')
    expect(await refusalOf(redeem(userId, await newOrder(userId), ['NOBODY']))).to.equal('coupon.unknown')
    expect(await refusalOf(redeem(userId, await newOrder(userId), ['SAVE'], [other.id]))).to.equal('none')
  }))

  it('says in the cart what is wrong with a code, and prices without it', () => acme(async () => {
    const userId = await newCustomer()
    await newCoupon({ minimums: { EUR: 2001 } })
    await newCoupon({ code: 'DOLLARS', kind: 'fixed', percentPpm: null, amounts: { USD: 500 } })
    const lines = [{ key: 'a', kind: 'recurring' as const, amountMinor: 2000, planId: 1 }]
    const priced = await priceLines({ userId, currency: 'EUR', codes: [' save', 'DOLLARS', 'nobody', '<b>'], lines, now: clock.now() })
    expect(priced.rejected.map((r) => r.code)).to.deep.equal(['SAVE', 'DOLLARS', 'NOBODY', '<B>'])
    expect(priced.rejected[0]!.reason).to.match(/at least €20\.01/)
    expect([priced.applied, priced.total.minor]).to.deep.equal([[], 2000])
    const enough = await priceLines({ userId, currency: 'EUR', codes: ['save'], lines: [{ ...lines[0]!, amountMinor: 2001 }], now: clock.now() })
    expect([enough.applied, enough.discount.minor]).to.deep.equal([['SAVE'], 200])
  }))
  it('discounts as many periods as it says, one by one, by itself', () => acme(async () => {
    const userId = await newCustomer()
    const sub = await newSubscription(userId)
    await newCoupon({ duration: 'periods', periods: 3, percentPpm: 250_000 })
    await redeem(userId, await newOrder(userId), ['SAVE'], [sub.id])
    const discounts: number[] = []
    for (let n = 0; n < 4; n++) discounts.push((await bill(userId, [sub], n, n === 0 ? ['SAVE'] : [])).discountMinor)
    expect(discounts).to.deep.equal([250, 250, 250, 0])
  }))
  it('gives the period of a voided invoice back', () => acme(async () => {
    const userId = await newCustomer()
    const sub = await newSubscription(userId)
    await newCoupon()
    await redeem(userId, await newOrder(userId), ['SAVE'], [sub.id])
    const first = await bill(userId, [sub], 0)
    expect(first.discountMinor).to.equal(100)
    await voidInvoice(first, { release: true })
    expect((await bill(userId, [sub], 0)).discountMinor).to.equal(100)
    expect((await bill(userId, [sub], 1)).discountMinor).to.equal(0)
  }))
  it('keeps what a customer was promised when the coupon is changed or stopped later', () => acme(async () => {
    const userId = await newCustomer()
    const sub = await newSubscription(userId)
    const coupon = await newCoupon({ duration: 'forever' })
    await redeem(userId, await newOrder(userId), ['SAVE'], [sub.id])
    await coupon.$query().patch({ percentPpm: 900_000, status: 'stopped' })
    expect((await bill(userId, [sub], 0)).discountMinor).to.equal(100)
  }))
  it('takes a fixed amount once a period for all that was ordered together', () => acme(async () => {
    const userId = await newCustomer()
    const [a, b] = [await newSubscription(userId), await newSubscription(userId)]
    await newCoupon({ kind: 'fixed', percentPpm: null, amounts: { EUR: 1500 }, duration: 'periods', periods: 2 })
    await redeem(userId, await newOrder(userId), ['SAVE'], [a.id, b.id])
    expect((await bill(userId, [a, b], 0)).discountMinor).to.equal(1500)
    expect([(await bill(userId, [a], 1)).discountMinor, (await bill(userId, [b], 1)).discountMinor]).to.deep.equal([1000, 500])
    expect((await bill(userId, [a, b], 2)).discountMinor).to.equal(0)
  }))
  it('discounts the rest of a period that it discounted before, in proportion, and no period more', () => acme(async () => {
    const userId = await newCustomer()
    const sub = await newSubscription(userId)
    await newCoupon({ kind: 'fixed', percentPpm: null, amounts: { EUR: 500 } })
    await redeem(userId, await newOrder(userId), ['SAVE'], [sub.id])
    await bill(userId, [sub], 0)
    const change = (n: number) => priceLines({ userId, currency: 'EUR', now: clock.now(), lines: [{
      key: 'c', kind: 'change-charge', amountMinor: 1000, subscriptionId: sub.id, planId: sub.planId, productId: sub.productId, period: { start: new Date(month(n).start.getTime() + 15 * 86_400_000), end: month(n).end },
    }] })
    expect((await change(0)).discount.minor).to.equal(250)
    expect((await change(1)).discount.minor).to.equal(0)
  }))
  it('is found out by the audit when uses, periods or discounts do not hold', () => acme(async () => {
    const userId = await newCustomer()
    const sub = await newSubscription(userId)
    await newCoupon()
    await redeem(userId, await newOrder(userId), ['SAVE'], [sub.id])
    for (const n of [0, 1]) await bill(userId, [sub], n)
    expect(await auditTenant()).to.deep.equal([])
    await tenantDb()('coupons').update({ redeemed_count: 2 })
    const [row] = await tenantDb()('coupon_applications').select<Array<Record<string, unknown>>>('*')
    const again = Object.fromEntries(Object.entries(row!).filter(([column]) => column !== 'id' && column !== 'live'))
    await tenantDb()('coupon_applications').insert({ ...again, period_start: month(1).start })
    expect([...new Set((await auditTenant()).map((finding) => finding.check))].sort()).to.deep.equal(['coupon.discounts', 'coupon.periods', 'coupon.uses'])
  }))
  it('never books one period twice, even when two invoices were priced before either was issued', () => acme(async () => {
    const userId = await newCustomer()
    const sub = await newSubscription(userId)
    await newCoupon()
    await redeem(userId, await newOrder(userId), ['SAVE'], [sub.id])
    await bill(userId, [sub], 0)
    const rows = await tenantDb()('coupon_applications').select('*')
    expect(rows).to.have.length(1)
    const again = Object.fromEntries(Object.entries(rows[0] as Record<string, unknown>).filter(([column]) => column !== 'id' && column !== 'live'))
    const errno = await tenantDb()('coupon_applications').insert(again).then(() => 0, (error: { errno: number }) => error.errno)
    expect(errno).to.equal(1062)
  }))
})
