import { expect } from 'chai'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import type { Browser } from '../../../shared/testing/browser.js'
import { clock } from '../../../shared/time/clock.js'
import { Coupon } from '../../../tenant/billing/coupons/coupon.js'
import { redeemCoupons } from '../../../tenant/billing/coupons/redeem-coupons.js'
import { newCustomer, newOrder, newSubscription } from '../../../tenant/testing/pricing-world.js'
import { useDesk } from '../../testing/desk-world.js'

describe('Coupons at the desk', function () {
  this.timeout(60_000)
  const { inAcme, ...desk } = useDesk()
  let owner: Browser
  let staff: Browser
  before(async () => {
    owner = await desk.member('acme')
    staff = await desk.staff()
  })
  const kept = (code: string): Promise<Coupon | undefined> => inAcme(async () => Coupon.query().findOne({ code }))
  const percent = { code: 'spring-25', name: 'Spring', kind: 'percent', percent: '12.5', duration: 'periods', periods: '3', limitPerCustomer: '1', stackable: 'on' }

  it('makes a coupon, in capitals, and says what is wrong with one, with the input kept', async () => {
    expect((await owner.get('/reseller/coupons')).body).to.match(/No coupons yet/)
    await owner.get('/reseller/coupons/new')
    const wrong: Array<[Record<string, string>, RegExp]> = [
      [{ percent: '0' }, /above 0/], [{ percent: '101' }, /up to 100/], [{ periods: '' }, /how many periods/], [{ code: 'a b' }, /letters, digits/], [{ startsAt: '2027-02-01', endsAt: '2027-02-01' }, /end after it begins/],
      [{ startsAt: '2027-02-30' }, /not in the calendar/], [{ kind: 'fixed' }, /at least one currency/], [{ kind: 'fixed', amount_USD: '1.005' }, /amount in USD/],
    ]
    for (const [change, sentence] of wrong) {
      const answer = await owner.post('/reseller/coupons', { ...percent, ...change })
      expect(answer.status, JSON.stringify(change)).to.equal(422)
      expect(answer.body).to.match(sentence).and.to.match(/value="Spring"/)
    }
    expect((await owner.post('/reseller/coupons', percent)).status).to.equal(303)
    const coupon = (await kept('SPRING-25'))!
    expect([coupon.percentPpm, coupon.duration, coupon.periods, coupon.limitPerCustomer, coupon.stackable, coupon.firstOrderOnly]).to.deep.equal([125_000, 'periods', 3, 1, true, false])
    expect((await owner.follow()).body).to.match(/12\.5 % off, for 3 periods/)
    expect((await owner.post('/reseller/coupons', percent)).body).to.match(/this code already/)
  })
  it('keeps amounts by currency, products, prices and days of the shop', async () => {
    const { productId, planId } = await inAcme(async () => newSubscription(await newCustomer()))
    await owner.get('/reseller/coupons/new')
    await owner.post('/reseller/coupons', { code: 'FIVE', name: 'Five off', kind: 'fixed', duration: 'once', amount_USD: '5', amount_EUR: '4.50', minimum_EUR: '20', [`product_${productId}`]: 'on', [`plan_${planId}`]: 'on', endsAt: '2027-01-01' })
    const coupon = (await kept('FIVE'))!
    expect([coupon.amounts, coupon.minimums, coupon.productIds, coupon.planIds, coupon.endsAt?.toISOString()]).to.deep.equal([{ USD: 500, EUR: 450 }, { EUR: 2000 }, [productId], [planId], '2027-01-01T00:00:00.000Z'])
    const form = await owner.get(`/reseller/coupons/${coupon.publicId}/edit`)
    expect(form.body).to.match(/name="amount_EUR"[^>]*value="4\.50"/).and.to.match(new RegExp(`name="product_${productId}"[^>]*checked`))
    await owner.post(`/reseller/coupons/${coupon.publicId}`, { _method: 'put', code: 'FIVE', name: 'Five off', kind: 'fixed', duration: 'once', amount_USD: '6' })
    expect([(await kept('FIVE'))!.amounts, (await kept('FIVE'))!.productIds]).to.deep.equal([{ USD: 600 }, []])
  })
  it('makes a batch of different codes for one use each, and gives them as CSV', async () => {
    await owner.get('/reseller/coupons/batches/new')
    const wish = { batch: 'Fair 2026', prefix: 'fair', count: '250', name: 'Fair', kind: 'percent', percent: '10', duration: 'once', limitTotal: '1' }
    expect((await owner.post('/reseller/coupons/batches', { ...wish, count: '1001' })).status).to.equal(422)
    expect((await owner.post('/reseller/coupons/batches', wish)).status).to.equal(303)
    expect((await owner.post('/reseller/coupons/batches', wish)).body).to.match(/batch of this name already/)
    const csv = (await owner.get('/reseller/coupons.csv?batch=Fair+2026')).body.trim().split('\r\n')
    expect(csv).to.have.length(251)
    expect(new Set(csv.slice(1).map((row) => row.split(',')[0])).size).to.equal(250)
    expect(csv[1]).to.match(/^FAIR-[A-Z2-9]{10},Fair,"10 % off, once",Fair 2026,active,0,1,/)
  })
  it('stops the chosen ones only after showing them, and they can no longer be redeemed', async () => {
    const [spring, five] = [(await kept('SPRING-25'))!, (await kept('FIVE'))!]
    await staff.get('/tenants/acme/coupons')
    const chosen = { act: 'stop', [`c_${spring.publicId}`]: 'on', [`c_${five.publicId}`]: 'on' }
    expect((await staff.post('/tenants/acme/coupons/bulk', { act: 'stop' })).body).to.match(/Tick the coupons first/)
    const preview = await staff.post('/tenants/acme/coupons/bulk', chosen)
    expect(preview.body).to.match(/SPRING-25[\s\S]*Stop them|FIVE[\s\S]*Stop them/)
    expect((await kept('FIVE'))!.status).to.equal('active')
    await staff.post('/tenants/acme/coupons/bulk', { ...chosen, sure: 'yes' })
    expect([(await kept('SPRING-25'))!.status, (await kept('FIVE'))!.status]).to.deep.equal(['stopped', 'stopped'])
    const refused: unknown = await inAcme(async () => {
      const userId = await newCustomer()
      return tenantTransaction(async (trx) => redeemCoupons(trx, { userId, codes: ['FIVE'], orderId: await newOrder(userId), subscriptionIds: [], now: clock.now() })).catch((error: { code: string }) => error.code)
    })
    expect(refused).to.equal('coupon.ended')
    await staff.post('/tenants/acme/coupons/bulk', { act: 'resume', [`c_${spring.publicId}`]: 'on', sure: 'yes' })
    expect((await kept('SPRING-25'))!.status).to.equal('active')
  })
  it('stops a whole batch, more codes than fit on a page', async () => {
    const stopped = (): Promise<unknown> => inAcme(async () => Coupon.query().where({ batch: 'Fair 2026', status: 'stopped' }).resultSize())
    expect((await owner.post('/reseller/coupons/bulk', { act: 'stop', batch: 'Fair 2026' })).body).to.match(/250 coupons of the batch Fair 2026/).and.to.match(/and 150 more/)
    expect(await stopped()).to.equal(0)
    await owner.post('/reseller/coupons/bulk', { act: 'stop', batch: 'Fair 2026', sure: 'yes' })
    expect(await stopped()).to.equal(250)
  })
  it('shows who used it', async () => {
    await inAcme(async () => {
      const userId = await newCustomer({ name: 'Ursula Uses' })
      await tenantTransaction(async (trx) => redeemCoupons(trx, { userId, codes: ['SPRING-25'], orderId: await newOrder(userId), subscriptionIds: [], now: clock.now() }))
    })
    expect((await owner.get(`/reseller/coupons/${(await kept('SPRING-25'))!.publicId}`)).body).to.match(/Ursula Uses/)
    expect((await owner.get('/reseller/coupons?q=spring')).body).to.match(/SPRING-25/).and.to.not.match(/FIVE/)
  })
  it('lets support look and change nothing', async () => {
    const support = await desk.member('acme', 'support')
    const before = await inAcme(() => tenantDb()('coupons').count({ n: '*' }).first())
    expect((await support.get('/reseller/coupons')).status).to.equal(200)
    for (const [path, body] of [['/reseller/coupons', percent], ['/reseller/coupons/batches', {}], ['/reseller/coupons/bulk', { act: 'stop' }]] as const) expect((await support.post(path, body)).status, path).to.equal(409)
    expect((await support.get('/reseller/coupons/new')).status).to.equal(409)
    expect(await inAcme(() => tenantDb()('coupons').count({ n: '*' }).first())).to.deep.equal(before)
  })
})
