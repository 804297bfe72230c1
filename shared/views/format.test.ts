import { expect } from 'chai'
import { formatCount, formatDate, formatDuration, formatMoney, formatPlainAmount, formatRate, formatRelative, initials } from './format.js'

const at = new Date('2026-11-01T04:30:00Z')

describe('How things read', () => {
  it('money shows its currency and exactly its minor units', () => {
    expect(formatMoney(123456, 'USD')).to.equal('$1,234.56')
    expect(formatMoney(-500, 'USD')).to.equal('-$5.00')
    expect(formatMoney(5, 'USD')).to.equal('$0.05')
    expect(formatMoney(1500, 'JPY')).to.equal('¥1,500')
    expect(formatMoney(1234, 'KWD').replace('\u00a0', ' ')).to.equal('KWD 1.234')
    expect(formatMoney(123456, 'EUR', 'de-DE').replace('\u00a0', ' ')).to.equal('1.234,56 €')
  })

  it('money beyond what floating point holds loses no cent', () => {
    expect(formatMoney(9007199254740993n, 'USD')).to.equal('$90,071,992,547,409.93')
  })

  it('a rate shows as many decimals as it needs', () => {
    expect(formatRate({ micros: 150000, currency: 'USD', per: 'hour' })).to.equal('$0.15/h')
    expect(formatRate({ micros: 600000n, currency: 'USD' })).to.equal('$0.60/h')
    expect(formatRate({ micros: 12500, currency: 'USD', per: 'hour' })).to.equal('$0.0125/h')
    expect(formatRate({ micros: 2000000, currency: 'USD', per: 'month' })).to.equal('$2.00/month')
    expect(formatRate({ micros: 25000000, currency: 'JPY' })).to.equal('¥25/h')
  })

  it('a plain amount fits an input', () => {
    expect([formatPlainAmount(1234, 'USD'), formatPlainAmount(-5, 'USD'), formatPlainAmount(900, 'JPY')]).to.deep.equal(['12.34', '-0.05', '900'])
  })

  it('a duration names two units and never rounds up', () => {
    expect([0, 45, 59.9, 60, 3599, 3600, 9420, 86400, 90000, 93599, -5].map(formatDuration))
      .to.deep.equal(['0 s', '45 s', '59 s', '1 min', '59 min', '1 h', '2 h 37 min', '1 d', '1 d 1 h', '1 d 1 h', '0 s'])
  })

  it('a date is the one of the reader’s zone', () => {
    expect(formatDate(at, 'UTC')).to.equal('Nov 1, 2026')
    expect(formatDate(at, 'America/Chicago')).to.equal('Oct 31, 2026')
    expect(formatDate(at, 'America/Chicago', 'en-US', 'datetime')).to.equal('Oct 31, 2026, 11:30 PM')
    expect(formatDate(at, 'Europe/Berlin', 'de-DE', 'long')).to.equal('1. November 2026')
  })

  it('an hour that comes twice in autumn is told apart by its zone name', () => {
    const [first, second] = [new Date('2026-11-01T05:30:00Z'), new Date('2026-11-01T06:30:00Z')].map((d) => formatDate(d, 'America/New_York', 'en-US', 'full'))
    expect(first).to.include('1:30:00 AM EDT')
    expect(second).to.include('1:30:00 AM EST')
  })

  it('relative time says how long ago', () => {
    const now = new Date('2026-11-22T12:00:00Z')
    const ago = (ms: number): string => formatRelative(new Date(now.getTime() - ms), now)
    expect([ago(5000), ago(300_000), ago(86_400_000), ago(-3 * 86_400_000)]).to.deep.equal(['just now', '5 minutes ago', 'yesterday', 'in 3 days'])
  })

  it('one is one, everything else is many', () => {
    expect([0, 1, 2, 1200].map((n) => formatCount(n, 'workspace'))).to.deep.equal(['0 workspaces', '1 workspace', '2 workspaces', '1,200 workspaces'])
    expect(formatCount(2, 'reply', 'replies')).to.equal('2 replies')
  })

  it('initials come from a name or an address', () => {
    expect(['Ada Lovelace', 'support@acme.example', 'Jean-Luc van Dam', ''].map(initials)).to.deep.equal(['AL', 'S', 'JD', '?'])
  })
})
