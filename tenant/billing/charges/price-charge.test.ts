import { expect } from 'chai'
import fc from 'fast-check'
import type { CouponTerms } from '../coupons/coupon-terms.js'
import type { ChargeLine, LineTax, PricedCharge } from './charge.js'
import { chooseOffers, type TypedOffer } from './choose-offers.js'
import type { AppliedRate, TaxMode } from './line-taxes.js'
import { usesOf } from './offers-for.js'
import { priceCharge, type TaxPosition } from './price-charge.js'

const rate = (ratePpm: number, name = 'VAT', compound = false): AppliedRate => ({ code: `${name}-${ratePpm / 10_000}`, label: name, ratePpm, compound, country: 'DE', region: '' })
const taxed: TaxPosition = { treatment: 'taxed', country: 'DE', region: '', note: null, proof: { country: 'DE', number: null, proofId: null } }
const line = (amountMinor: number, more: Partial<ChargeLine> = {}, key = `l${counter++}`): ChargeLine => ({ key, kind: 'recurring', amountMinor, ...more })
let counter = 0

interface Case { rates?: readonly AppliedRate[] | Record<string, readonly AppliedRate[]>; mode?: Partial<TaxMode>; currency?: string; offers?: readonly TypedOffer[]; position?: TaxPosition }
function price(lines: readonly ChargeLine[], { rates = [], mode = {}, currency = 'EUR', offers = [], position = taxed }: Case = {}): PricedCharge {
  const table = Array.isArray(rates) ? { standard: rates as readonly AppliedRate[] } : rates as Record<string, readonly AppliedRate[]>
  return priceCharge({ currency, lines, offers, applied: [], rejected: [], position, ratesFor: (taxClass) => table[taxClass] ?? [], mode: { inclusive: false, rounding: 'line', ...mode } })
}
const sums = (priced: PricedCharge): number[] => [priced.subtotal, priced.discount, priced.net, priced.tax, priced.total].map((m) => m.minor)
const terms = (more: Partial<CouponTerms>): CouponTerms => ({ kind: 'percent', percentPpm: null, amounts: {}, duration: 'once', periods: null, includesSetup: false, productIds: [], planIds: [], ...more })
const coupon = (lines: readonly ChargeLine[], more: Partial<CouponTerms>, couponId = 1, stackable = true): TypedOffer =>
  ({ couponId, redemptionId: null, code: `C${couponId}`, label: `Coupon ${couponId}`, terms: terms(more), stackable, uses: usesOf(terms(more), lines, []), drawn: new Map() })
const percent = (ppm: number): Partial<CouponTerms> => ({ kind: 'percent', percentPpm: ppm })
const fixed = (minor: number, currency = 'EUR'): Partial<CouponTerms> => ({ kind: 'fixed', amounts: { [currency]: minor } })

describe('Tax of a charge, to the cent', () => {
  const germany = { standard: [rate(190_000)], reduced: [rate(70_000)] }

  it('adds 19 % and 7 % to prices without tax', () => {
    const priced = price([line(1000), line(1000, { taxClass: 'reduced' })], { rates: germany })
    expect(sums(priced)).to.deep.equal([2000, 0, 2000, 260, 2260])
    expect(priced.taxes.map((t) => [t.code, t.net.minor, t.tax.minor])).to.deep.equal([['VAT-19', 1000, 190], ['VAT-7', 1000, 70]])
  })
  it('takes 19 % and 7 % out of prices with tax', () => {
    const priced = price([line(1190), line(1070, { taxClass: 'reduced' }), line(999)], { rates: germany, mode: { inclusive: true } })
    expect(priced.lines.map((l) => [l.netMinor, l.taxMinor])).to.deep.equal([[1000, 190], [1000, 70], [839, 160]])
    expect(sums(priced)).to.deep.equal([3259, 0, 2839, 420, 3259])
  })
  it('differs by a cent when it is rounded on the total instead of on each line, and the lines still add up', () => {
    const lines = [line(10), line(10), line(10)]
    const byLine = price(lines, { rates: [rate(250_000)] })
    const onTotal = price(lines, { rates: [rate(250_000)], mode: { rounding: 'total' } })
    expect([byLine.tax.minor, onTotal.tax.minor]).to.deep.equal([9, 8])
    expect(onTotal.lines.map((l) => l.taxMinor)).to.deep.equal([3, 3, 2])
  })
  it('rounds each rate on its own total', () => {
    const priced = price([line(105), line(105), line(107, { taxClass: 'reduced' })], { rates: germany, mode: { rounding: 'total' } })
    expect(priced.taxes.map((t) => t.tax.minor)).to.deep.equal([40, 7])
    expect(priced.lines.map((l) => l.taxMinor)).to.deep.equal([20, 20, 7])
  })
  it('computes a compound tax on the price with the taxes before it (PST on GST)', () => {
    const rates = [rate(50_000, 'GST'), rate(95_000, 'PST', true)]
    expect(price([line(10_000)], { rates }).lines[0]!.taxes.map((t) => t.amountMinor)).to.deep.equal([500, 998])
    const inclusive = price([line(11_498)], { rates, mode: { inclusive: true } })
    expect([inclusive.net.minor, ...inclusive.lines[0]!.taxes.map((t) => t.amountMinor)]).to.deep.equal([10_000, 500, 998])
    expect(price([line(10_000)], { rates: [rate(50_000, 'GST'), rate(99_750, 'QST')] }).tax.minor).to.equal(500 + 998)
  })
  it('counts in whole yen and in thousandths of a dinar', () => {
    expect(sums(price([line(999), line(1)], { rates: [rate(100_000)], currency: 'JPY' }))).to.deep.equal([1000, 0, 1000, 100, 1100])
    expect(sums(price([line(1005)], { rates: [rate(50_000)], currency: 'KWD' }))).to.deep.equal([1005, 0, 1005, 50, 1055])
    expect(price([line(1010)], { rates: [rate(50_000)], currency: 'KWD' }).tax.minor).to.equal(51)
  })
  it('takes back the tax that was charged, whatever the rate is today', () => {
    const old: LineTax[] = [{ ...rate(160_000), code: 'VAT-16', amountMinor: 160 }]
    const priced = price([line(-500, { kind: 'change-credit', detail: { taxes: old } }), line(1000, { kind: 'change-charge' })], { rates: germany })
    expect(priced.lines.map((l) => [l.netMinor, l.taxMinor])).to.deep.equal([[-500, -80], [1000, 190]])
    expect(priced.taxes.map((t) => [t.code, t.tax.minor])).to.deep.equal([['VAT-16', -80], ['VAT-19', 190]])
    expect(price([line(-1190, { kind: 'change-credit', detail: { taxes: [{ ...rate(190_000), amountMinor: 190 }] } })], { mode: { inclusive: true } }).lines[0]).to.include({ netMinor: -1000, taxMinor: -190 })
    expect(price([line(-500, { detail: { taxes: [] } })], { rates: germany }).tax.minor).to.equal(0)
  })
  it('says why a charge bears no tax, and how much that was', () => {
    const position: TaxPosition = { treatment: 'reverse-charge', country: 'FR', region: '', note: 'Reverse charge.', proof: { country: 'FR', number: 'FR1', proofId: 3 } }
    const priced = price([line(1000), line(500)], { rates: germany, position })
    expect([priced.notes, priced.tax.minor, priced.taxes.map((t) => [t.code, t.net.minor, t.country])]).to.deep.equal([['Reverse charge.'], 0, [['reverse-charge', 1500, 'FR']]])
  })
  it('never taxes what is exempt, nor money that is taken on account', () => {
    expect(price([line(1000, { taxClass: 'exempt' }), line(1000, { kind: 'deposit' })], { rates: germany }).tax.minor).to.equal(0)
  })
})

describe('Coupons on a charge, to the cent', () => {
  it('split a percentage and a fixed amount over the lines without loss, the percentage first', () => {
    const lines = [line(333), line(333), line(334)]
    const priced = price(lines, { offers: [coupon(lines, fixed(100), 1), coupon(lines, percent(100_000), 2)], rates: [rate(190_000)] })
    expect(priced.lines.map((l) => l.discounts.map((d) => [d.code, d.amountMinor]))).to.deep.equal([[['C2', 33], ['C1', 34]], [['C2', 33], ['C1', 33]], [['C2', 34], ['C1', 33]]])
    expect(sums(priced)).to.deep.equal([1000, 200, 800, 153, 953])
  })
  it('come off before tax, also out of prices with tax', () => {
    const lines = [line(1190)]
    expect(sums(price(lines, { offers: [coupon(lines, percent(500_000))], rates: [rate(190_000)], mode: { inclusive: true } }))).to.deep.equal([1190, 595, 500, 95, 595])
  })
  it('never take more than the price, and leave setup fees, credits and metered use alone', () => {
    const lines = [line(300), line(500, { kind: 'setup' }), line(700, { kind: 'usage' }), line(-50, { kind: 'change-credit' }), line(200, { planId: 9 })]
    expect(price(lines, { offers: [coupon(lines, fixed(10_000))] }).lines.map((l) => l.discountMinor)).to.deep.equal([300, 0, 0, 0, 200])
    expect(price(lines, { offers: [coupon(lines, { ...percent(1_000_000), includesSetup: true, planIds: [9] })] }).lines.map((l) => l.discountMinor)).to.deep.equal([0, 0, 0, 0, 200])
  })
  it('have an amount for each currency', () => {
    const lines = [line(1000)]
    expect(price(lines, { currency: 'JPY', offers: [coupon(lines, { kind: 'fixed', amounts: { EUR: 500, JPY: 300 } })] }).discount.minor).to.equal(300)
  })
  it('run out in a preview of later periods too', () => {
    const months = [0, 1, 2, 3].map((periodsAhead) => [line(1000, { subscriptionId: 5, periodsAhead })])
    const discount = (more: Partial<CouponTerms>): number[] => months.map((lines) => price(lines, { offers: [coupon(lines, { ...percent(100_000), ...more })] }).discount.minor)
    expect(discount({ duration: 'once' })).to.deep.equal([100, 0, 0, 0])
    expect(discount({ duration: 'periods', periods: 3 })).to.deep.equal([100, 100, 100, 0])
    expect(discount({ duration: 'forever' })).to.deep.equal([100, 100, 100, 100])
  })
  it('that cannot be combined give way to what saves the customer most, the older one on a tie', () => {
    const lines = [line(1000)]
    const choose = (...typed: TypedOffer[]) => { const { chosen, rejected } = chooseOffers(lines, [], typed, 'EUR'); return [chosen.map((o) => o.code), rejected.map((r) => r.code)] }
    const [ten, twenty] = [coupon(lines, percent(100_000), 1), coupon(lines, percent(200_000), 2)]
    expect(choose(ten, twenty)).to.deep.equal([['C1', 'C2'], []])
    expect(choose(ten, twenty, coupon(lines, fixed(281), 3, false))).to.deep.equal([['C3'], ['C1', 'C2']])
    expect(choose(ten, twenty, coupon(lines, fixed(280), 3, false))).to.deep.equal([['C1', 'C2'], ['C3']])
    expect(choose(coupon(lines, fixed(500), 5, false), coupon(lines, percent(500_000), 4, false))).to.deep.equal([['C4'], ['C5']])
  })
})

describe('Any charge at all', () => {
  const rates = fc.array(fc.record({ ppm: fc.integer({ min: 0, max: 330_000 }), compound: fc.boolean() }), { maxLength: 3 })
  const kinds = fc.constantFrom('recurring', 'setup', 'addon', 'usage', 'manual') as fc.Arbitrary<ChargeLine['kind']>
  const lineOf = fc.record({ amount: fc.integer({ min: 0, max: 5_000_000 }), kind: kinds, reduced: fc.boolean(), credit: fc.integer({ min: 0, max: 9 }) })
  const offerOf = fc.record({ fixed: fc.boolean(), size: fc.integer({ min: 1, max: 1_000_000 }), setup: fc.boolean() })

  it('adds up: lines to totals, net and tax to what is paid, discounts to no more than their line', () => {
    fc.assert(fc.property(fc.array(lineOf, { minLength: 1, maxLength: 12 }), rates, rates, fc.array(offerOf, { maxLength: 3 }), fc.boolean(), fc.boolean(), (rows, standard, reduced, coupons, inclusive, onTotal) => {
      const table = { standard: standard.map((r, i) => rate(r.ppm, `A${i}`, r.compound)), reduced: reduced.map((r, i) => rate(r.ppm, `B${i}`, r.compound)) }
      const lines = rows.map((row, i) => line(row.credit === 0 ? -row.amount : row.amount, { kind: row.kind, taxClass: row.reduced ? 'reduced' : 'standard' }, `k${i}`))
      const offers = coupons.map((c, i) => coupon(lines, { ...(c.fixed ? fixed(c.size) : percent(c.size)), includesSetup: c.setup }, i + 1))
      const priced = price(lines, { rates: table, offers, mode: { inclusive, rounding: onTotal ? 'total' : 'line' } })
      const sum = (pick: (l: PricedCharge['lines'][number]) => number): number => priced.lines.reduce((total, l) => total + pick(l), 0)
      expect(sums(priced)).to.deep.equal([sum((l) => l.amountMinor), sum((l) => l.discountMinor), sum((l) => l.netMinor), sum((l) => l.taxMinor), sum((l) => l.netMinor + l.taxMinor)])
      expect(priced.taxes.reduce((total, t) => total + t.tax.minor, 0)).to.equal(priced.tax.minor)
      for (const l of priced.lines) {
        expect(l.discountMinor).to.be.within(0, Math.max(0, l.amountMinor))
        expect(l.discounts.reduce((total, d) => total + d.amountMinor, 0)).to.equal(l.discountMinor)
        expect(l.taxes.reduce((total, t) => total + t.amountMinor, 0)).to.equal(l.taxMinor)
        const paid = l.amountMinor - l.discountMinor
        expect(inclusive ? l.netMinor + l.taxMinor : l.netMinor).to.equal(paid)
        if (inclusive) expect(Math.sign(l.netMinor) * Math.sign(paid), 'a net amount of the other sign').to.be.at.least(0)
      }
    }), { numRuns: 300 })
  })
  it('bears the tax of each rate on its sum, to half a cent, when tax is rounded on the total', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1, maxLength: 20 }), fc.integer({ min: 0, max: 300_000 }), (amounts, ppm) => {
      const { tax, net } = price(amounts.map((amount) => line(amount)), { rates: [rate(ppm)], mode: { rounding: 'total' } })
      expect(Math.abs(tax.minor * 1_000_000 - net.minor * ppm)).to.be.at.most(500_000)
    }), { numRuns: 200 })
  })
})
