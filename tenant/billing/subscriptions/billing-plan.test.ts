import { expect } from 'chai'
import { anchorAt, anchorOn, firstMoment, invoiceDay, issueAt, momentsOf, periodAround, periodFrom, termsAt, type Anchored } from './billing-plan.js'
import type { Subscription } from './subscription.js'
import type { Terms } from './subscription-change.js'

const at = (iso: string): Date => new Date(iso)
const iso = (dates: readonly Date[]): string[] => dates.map((d) => d.toISOString())
const zones = ['America/New_York', 'Europe/London', 'Australia/Lord_Howe', 'Pacific/Apia']
const lead = { days: 7, shopZone: 'UTC' }

/** A row as far as the rules read it. */
function row(more: Partial<Subscription> = {}): Subscription {
  const base = { id: 1, parentId: null, status: 'active', isLive: true, billingCycle: 'monthly', timeZone: 'UTC', amountMinor: 1000, ...anchorOn(at('2026-01-31T10:00:00Z'), 'UTC'), billedUntil: at('2026-02-28T00:00:00Z'),
    currentPeriodEnd: at('2026-02-28T00:00:00Z'), trialEnd: null, cancelAt: null, pauseAt: null, parkedAt: null }
  return { ...base, ...more } as unknown as Subscription
}

function chain(of: Anchored, count: number): Date[] {
  const starts = [of.anchoredAt]
  for (let i = 0; i < count; i++) starts.push(periodFrom(of, starts.at(-1)!).end)
  return starts
}

describe('The periods of a subscription', () => {
  it('return to the 31st after a short month', () => {
    expect(iso(chain({ ...anchorOn(at('2026-01-31T10:00:00Z'), 'UTC'), billingCycle: 'monthly', timeZone: 'UTC' }, 4)).map((d) => d.slice(0, 10))).to.deep.equal(['2026-01-31', '2026-02-28', '2026-03-31', '2026-04-30', '2026-05-31'])
  })
  for (const zone of zones) for (const day of [29, 30, 31]) it(`follow each other without gap or overlap for two years from the ${day}th in ${zone}`, () => {
    const of: Anchored = { ...anchorOn(at(`2026-01-${day}T12:00:00Z`), zone), billingCycle: 'monthly', timeZone: zone }
    const starts = chain(of, 25)
    for (const [i, start] of starts.slice(0, -1).entries()) {
      expect(periodAround(of, start)).to.deep.equal({ start, end: starts[i + 1] })
      expect(periodAround(of, new Date(starts[i + 1]!.getTime() - 1)).start).to.deep.equal(start)
    }
    expect(new Set(starts.map(Number)).size).to.equal(26)
  })
  it('begin at the very instant of a change of cycle, and at midnight from then on', () => {
    const of: Anchored = { ...anchorAt(at('2026-03-15T13:45:10Z'), 'UTC'), billingCycle: 'annual', timeZone: 'UTC' }
    expect(periodAround(of, of.anchoredAt)).to.deep.equal({ start: at('2026-03-15T13:45:10Z'), end: at('2027-03-15T00:00:00Z') })
  })
  it('keep the 31st when a cycle changes on its own at the end of February', () => {
    const terms = { billingCycle: 'quarterly' } as Terms
    const changed = termsAt(row(), { effectiveAt: at('2026-02-28T00:00:00Z'), terms }, at('2026-02-28T00:00:00Z'))
    expect(periodFrom(changed, at('2026-02-28T00:00:00Z')).end).to.deep.equal(at('2026-05-31T00:00:00Z'))
    expect(termsAt(row(), { effectiveAt: at('2026-02-28T00:00:00Z'), terms }, at('2026-02-27T23:59:59Z')).billingCycle).to.equal('monthly')
  })
})

describe('The invoice of a period', () => {
  it('is made seven days before, at midnight of the shop, and not a millisecond earlier', () => {
    const due = issueAt(row(), at('2026-02-28T00:00:00Z'), lead)
    expect(due).to.deep.equal(at('2026-02-21T00:00:00Z'))
    const moment = (now: Date) => firstMoment(momentsOf(row(), null, lead), now)?.kind ?? null
    expect([moment(new Date(due.getTime() - 1)), moment(due)]).to.deep.equal([null, 'bill'])
  })
  it('of one local day is one invoice, wherever its midnight is', () => {
    const kiribati = row({ id: 2, timeZone: 'Pacific/Kiritimati', billedUntil: at('2026-02-27T10:00:00Z') })
    expect([invoiceDay(row(), row().billedUntil!), invoiceDay(kiribati, kiribati.billedUntil!)]).to.deep.equal(['2026-02-28', '2026-02-28'])
    expect(issueAt(kiribati, kiribati.billedUntil!, { days: 0, shopZone: 'UTC' })).to.deep.equal(at('2026-02-27T10:00:00Z'))
  })
  it('that ends a trial comes at its end', () => {
    const trial = row({ status: 'trialing', trialEnd: at('2026-02-28T00:00:00Z') })
    expect(issueAt(trial, trial.billedUntil!, lead)).to.deep.equal(at('2026-02-28T00:00:00Z'))
  })
  it('is not made for time after the end or after a pause begins', () => {
    const kinds = (more: Partial<Subscription>) => momentsOf(row(more), null, lead).map((m) => m.kind)
    expect(kinds({ cancelAt: at('2026-02-28T00:00:00Z') })).to.deep.equal(['end', 'roll'])
    expect(kinds({ cancelAt: at('2026-02-28T00:00:00.001Z') })).to.include('bill')
    expect(kinds({ pauseAt: at('2026-02-28T00:00:00Z') })).to.not.include('bill')
    expect(kinds({ parkedAt: at('2026-02-01T00:00:00Z') })).to.deep.equal([])
  })
})
