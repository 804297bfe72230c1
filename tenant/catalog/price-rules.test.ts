import { expect } from 'chai'
import { Money } from '../../shared/money/money.js'
import { savingPercent } from './cycle.js'
import { changedByPercent, faultOfPrice, microsText, parseMicros } from './price-rules.js'

describe('What a price may be', () => {
  it('reads and writes prices exactly, in every currency’s own decimals', () => {
    for (const [text, micros] of [['0', 0], ['5', 5_000_000], ['4.99', 4_990_000], ['0,15', 150_000], ['0.000001', 1], ['9999999.999999', 9_999_999_999_999]] as const) expect(parseMicros(text), text).to.equal(micros)
    for (const text of ['', '-1', '1e3', '.5', '5.', '1.0000001', '12345678', '1 000', '٣', '0x5']) expect(parseMicros(text), text).to.equal(null)
    expect([microsText(5_000_000, 'USD'), microsText(405_000, 'USD'), microsText(500_000_000, 'JPY'), microsText(500_000, 'JPY'), microsText(950_000, 'KWD')]).to.deep.equal(['5.00', '0.405', '500', '0.5', '0.950'])
  })
  it('keeps renewing prices whole in their currency, and free plans free', () => {
    const ok = (micros: number, cycle: Parameters<typeof faultOfPrice>[1], currency: string) => faultOfPrice(micros, cycle, currency) === null
    expect([ok(4_990_000, 'monthly', 'USD'), ok(4_995_000, 'monthly', 'USD'), ok(4_995_000, 'monthly', 'KWD'), ok(4_500_000, 'monthly', 'JPY'), ok(1_234_500, 'hourly', 'USD'), ok(1_234_550, 'hourly', 'USD')]).to.deep.equal([true, false, true, false, true, false])
    expect([ok(0, 'free', 'USD'), ok(10_000, 'free', 'USD'), ok(-10_000, 'monthly', 'USD'), ok(1e12, 'monthly', 'USD'), ok(1e12 + 10_000, 'monthly', 'USD'), ok(NaN, 'monthly', 'USD')]).to.deep.equal([true, false, false, true, false, false])
  })
  it('rounds a percent change once, halves up, to the step that was asked for', () => {
    // 4.99 × 1.025 = 5.11475; 5.00 × 1.001 = 5.005 → 5.01; ¥505 × 1.025 = 517.625
    expect([changedByPercent(4_990_000, 250, 'minor', 'monthly', 'USD'), changedByPercent(5_000_000, 10, 'minor', 'monthly', 'USD'), changedByPercent(505_000_000, 250, 'minor', 'monthly', 'JPY')]).to.deep.equal([5_110_000, 5_010_000, 518_000_000])
    expect([changedByPercent(4_490_000, 0, 'whole', 'monthly', 'USD'), changedByPercent(4_500_000, 0, 'whole', 'monthly', 'USD'), changedByPercent(150_000, 333, 'whole', 'hourly', 'USD'), changedByPercent(10_000, -9000, 'minor', 'monthly', 'USD')]).to.deep.equal([4_000_000, 5_000_000, 155_000, 0])
  })
  it('never promises a larger saving than there is', () => {
    const usd = (minor: number): Money => Money.of(minor, 'USD')
    expect([savingPercent(usd(5000), 'annual', usd(500)), savingPercent(usd(5999), 'annual', usd(500)), savingPercent(usd(6000), 'annual', usd(500)), savingPercent(usd(7000), 'annual', usd(500))]).to.deep.equal([16, 0, 0, 0])
    expect([savingPercent(usd(0), 'annual', usd(500)), savingPercent(usd(1), 'annual', usd(0)), savingPercent(usd(100), 'one-time', usd(500)), savingPercent(Money.of(1, 'JPY'), 'annual', usd(500))]).to.deep.equal([100, 0, 0, 0])
  })
})
