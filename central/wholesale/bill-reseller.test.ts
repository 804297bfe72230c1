import { expect } from 'chai'
import { centralDb } from '../../shared/database/central-database.js'
import { clock } from '../../shared/time/clock.js'
import { centralDirectory } from '../directory.js'
import { dropReseller } from '../resellers/change-status.js'
import { asStaff, useCentral } from '../testing/central-world.js'
import { billReseller } from './bill-reseller.js'
import { payWholesaleInvoice } from './pay-wholesale-invoice.js'
import { addPriceVersion } from './price-list.js'
import { UsageConflict } from './record-usage.js'
import { WholesaleInvoice, WholesaleLine } from './wholesale-invoice.js'

describe('the wholesale run', function () {
  this.timeout(60_000)
  const world = useCentral()
  const due = new Date('2026-12-01T01:00:00Z')
  const invoicesOf = (tenantId: number) => asStaff(() => WholesaleInvoice.query().where({ tenantId }).orderBy('periodStart'))
  const use = async (slug: string, key: string, seconds: number, at: string) =>
    centralDirectory.recordUsage(await world.tenant(slug), [{ key, sku: 'kasm.developer_basic', quantitySeconds: seconds, occurredAt: new Date(at), detail: {} }])
  const openIn = async (slug: string, at: string, more = {}) => {
    clock.set(at)
    const reseller = await world.open(slug, { monthlyFee: '99.00', discountPercent: '5', ...more })
    clock.set()
    return reseller
  }

  it('makes one invoice a period, however often and by however many it runs at once', async () => {
    const { id } = await openIn('acme', '2026-11-01T00:00:00Z')
    await use('acme', 'kasm-session:1:2026-11', 37 * 900, '2026-11-05T10:00:00Z')
    await Promise.all([1, 2, 3, 4].map(() => asStaff(() => billReseller(id, due))))
    expect(await asStaff(() => billReseller(id, due))).to.equal(0)
    const invoices = await invoicesOf(id)
    expect(invoices).to.have.length(1)
    // 37 quarter hours at $0.105 = $0.97125; 5 % off; plus the fee.
    expect(invoices[0]).to.include({ status: 'open', platformFeeMinor: 9900, usageChargesMinor: 97, discountMinor: 5, totalMinor: 9992, number: 'WS-2026-00001' })
    const lines = await asStaff(() => WholesaleLine.query().where({ wholesaleInvoiceId: invoices[0]!.id }))
    expect(lines.reduce((sum, line) => sum + Number(line.amountMinor), 0)).to.equal(9992)
    const letters = (await asStaff(() => centralDb()('mail_messages').where('letter', 'wholesale-invoice').pluck('to_email'))) as string[]
    expect(letters).to.deep.equal(['owner@acme.test'])
  })

  it('takes back what turned out too much with the next bill, at the price of its day, and never by an edit', async () => {
    const { id } = await openIn('mended', '2026-11-01T00:00:00Z')
    await use('mended', 'kasm-session:1:2026-11', 40 * 900, '2026-11-05T10:00:00Z')
    await asStaff(() => billReseller(id, due))
    for (let n = 0; n < 2; n++) await use('mended', 'kasm-session:1:2026-11:correction:1', -20 * 900, '2026-11-05T10:00:00Z')
    await asStaff(() => billReseller(id, new Date('2027-01-01T01:00:00Z')))
    const [november, december] = await invoicesOf(id)
    // 40 quarter hours at $0.105 an hour cost $1.05, 20 of them $0.525; 5 % off.
    expect([november!.usageChargesMinor, december!.usageChargesMinor, december!.discountMinor, december!.totalMinor]).to.deep.equal([105, -53, -3, 9850])
    const lines = await asStaff(() => WholesaleLine.query().where({ wholesaleInvoiceId: december!.id, kind: 'usage' }))
    expect(lines.map((l) => [l.description, Number(l.quantitySeconds), Number(l.amountMinor)])).to.deep.equal([['Developer Basic workspace (earlier use)', -18_000, -53]])
    const told = await centralDirectory.usageOf(await world.tenant('mended'))
    expect(told.reduce((sum, u) => sum + u.quantitySeconds, 0)).to.equal(20 * 900)
  })

  it('does not bill before the period has ended and an hour has passed', async () => {
    const { id } = await openIn('early', '2026-11-01T00:00:00Z')
    expect(await asStaff(() => billReseller(id, new Date('2026-12-01T00:59:59.999Z')))).to.equal(0)
    expect(await asStaff(() => billReseller(id, due))).to.equal(1)
  })

  it('bills use that is reported late in the next period, once', async () => {
    const { id } = await openIn('late', '2026-11-01T00:00:00Z', { monthlyFee: '0' })
    await use('late', 'kasm-session:1:2026-11', 3600, '2026-11-30T23:00:00Z')
    await asStaff(() => billReseller(id, due))
    await use('late', 'kasm-session:2:2026-11', 7200, '2026-11-30T22:00:00Z')
    await asStaff(() => billReseller(id, new Date('2027-01-01T02:00:00Z')))
    const invoices = await invoicesOf(id)
    expect(invoices.map((i) => i.usageChargesMinor)).to.deep.equal([11, 21])
  })

  it('catches up on every missed period, each at its own dates', async () => {
    const { id } = await openIn('asleep', '2026-09-16T00:00:00Z')
    await asStaff(() => billReseller(id, due))
    const invoices = await invoicesOf(id)
    expect(invoices.map((i) => [i.periodStart.toISOString().slice(0, 10), i.platformFeeMinor])).to.deep.equal([['2026-09-01', 4950], ['2026-10-01', 9900], ['2026-11-01', 9900]])
  })

  it('keeps the price that was valid when the use began', async () => {
    const { id } = await openIn('prices', '2026-11-01T00:00:00Z', { monthlyFee: '0', discountPercent: '0' })
    await use('prices', 'before', 36_000, '2026-11-09T00:00:00Z')
    await use('prices', 'after', 36_000, '2026-11-10T00:00:00Z')
    await asStaff(() => addPriceVersion({ sku: 'kasm.developer_basic', description: 'Developer Basic workspace', unit: 'hour', currency: 'USD', priceMicros: 200_000, validFrom: new Date('2026-11-10T00:00:00Z') }))
    await asStaff(() => billReseller(id, due))
    expect((await invoicesOf(id))[0]!.usageChargesMinor).to.equal(105 + 200)
  })

  it('takes a usage record once, and refuses the same key with another quantity', async () => {
    const { id } = await openIn('keys', '2026-11-01T00:00:00Z')
    await use('keys', 'one', 900, '2026-11-05T00:00:00Z')
    await use('keys', 'one', 900, '2026-11-05T00:00:00Z')
    expect(await asStaff(() => centralDb()('wholesale_usage').where({ tenant_id: id }).pluck('record_key'))).to.deep.equal(['one'])
    let conflict: unknown
    await use('keys', 'one', 1800, '2026-11-05T00:00:00Z').catch((error: unknown) => (conflict = error))
    expect(conflict).to.be.instanceOf(UsageConflict)
  })

  it('charges commission on recorded sales to resellers with such terms', async () => {
    const { id } = await openIn('share', '2026-11-01T00:00:00Z', { monthlyFee: '0', commissionPercent: '10', discountPercent: '0' })
    const tenant = await world.tenant('share')
    for (const key of ['invoice:1:paid', 'invoice:1:paid', 'invoice:2:paid']) await centralDirectory.recordSale(tenant, { key, amountMinor: 5000, currency: 'USD', occurredAt: new Date('2026-11-20T00:00:00Z') })
    await asStaff(() => billReseller(id, due))
    await asStaff(() => billReseller(id, new Date('2027-01-01T02:00:00Z')))
    expect((await invoicesOf(id)).map((i) => i.commissionMinor)).to.deep.equal([1000])
  })

  it('sends a dropped reseller a last bill and then no more', async () => {
    const reseller = await openIn('gone', '2026-11-01T00:00:00Z')
    clock.set('2026-11-16T00:00:00Z')
    await asStaff(() => dropReseller(reseller))
    clock.set()
    await asStaff(() => billReseller(reseller.id, new Date('2027-03-01T02:00:00Z')))
    expect((await invoicesOf(reseller.id)).map((i) => i.platformFeeMinor)).to.deep.equal([4950])
  })

  it('is paid once, of two people at once', async () => {
    const [invoice] = await asStaff(() => WholesaleInvoice.query().where({ status: 'open' }).limit(1))
    const twin = await asStaff(() => WholesaleInvoice.findOwned({ id: invoice!.id }))
    const outcomes = await Promise.allSettled([invoice!, twin].map((one) => asStaff(() => payWholesaleInvoice(one))))
    expect(outcomes.map((o) => o.status).sort()).to.deep.equal(['fulfilled', 'rejected'])
  })
})
