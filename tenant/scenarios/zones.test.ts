import { expect } from 'chai'
import { DateTime } from 'luxon'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { setClock } from '../../shared/testing/world.js'
import { clock } from '../../shared/time/clock.js'
import { auditTenant } from '../billing/audit.js'
import { Invoice } from '../billing/invoices/invoice.js'
import { InvoiceLine } from '../billing/invoices/invoice-line.js'
import { cancelSubscription } from '../billing/subscriptions/cancel-subscription.js'
import { Subscription } from '../billing/subscriptions/subscription.js'
import { newProduct } from '../testing/catalog-world.js'
import { newCoupon } from '../testing/pricing-world.js'
import { change, newSubscription, pass, renewAll } from '../testing/subscription-world.js'
import { newCustomer, useBillingWorld } from './billing-world.js'

const zones = [
  'UTC', 'America/New_York', 'Europe/London', 'Australia/Lord_Howe', 'Pacific/Apia', 'Asia/Kathmandu', 'America/St_Johns', 'Pacific/Chatham', 'America/Sao_Paulo', 'Africa/Cairo', 'Pacific/Kiritimati', 'Asia/Beirut',
]
const anchors = [1, 15, 28, 29, 30, 31]
/** Hours: within a night, by day, over weeks. */
const strides = [1, 1, 5, 24, 24, 13, 72, 240, 24, 7, 100]

/** Midnight of a day as its zone's people know it, or the first instant after it where clocks jump over it. Asks the calendar alone, none of our code. */
function dayBegins(zone: string, year: number, month: number, day: number): number {
  const shown = (ms: number): string => DateTime.fromMillis(ms, { zone }).toISODate()!
  const wanted = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
  let [before, after] = [Date.UTC(year, month - 1, day) - 15 * 3_600_000, Date.UTC(year, month - 1, day) + 15 * 3_600_000]
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (shown(middle) < wanted) before = middle
    else after = middle
  }
  return after
}

describe('Renewals around the world', function () {
  this.timeout(300_000)
  const world = useBillingWorld()

  it(`bill each period of 400 days exactly once, in ${zones.length} zones and on ${anchors.length} days of the month`, () => world.in(async () => {
    const { plan } = await newProduct({}, [{ cycle: 'monthly', price: '1.00' }])
    const made: Array<{ zone: string; anchor: number; id: number }> = []
    const owners = new Map<string, number>()
    for (const anchor of anchors) for (const zone of zones) {
      const at = DateTime.fromObject({ year: 2027, month: 1, day: anchor, hour: 12 }, { zone }).toJSDate()
      setClock(at)
      const userId = owners.get(zone) ?? await newCustomer({ time_zone: zone })
      owners.set(zone, userId)
      made.push({ zone, anchor, id: (await newSubscription({ plan, userId, timeZone: zone, at: at.toISOString() })).subscription.id })
    }
    const end = Date.UTC(2027, 0, 31, 12) + 400 * 86_400_000
    for (let i = 0; clock.real().getTime() < end; i++) {
      setClock(new Date(Math.min(end, clock.real().getTime() + strides[i % strides.length]! * 3_600_000)))
      await renewAll()
    }
    for (const { zone, anchor, id } of made) {
      const lines = await InvoiceLine.query().where({ subscriptionId: id }).whereNull('releasedAt').orderBy('periodStart')
      const starts = lines.map((line) => line.periodStart!.getTime())
      const wanted = lines.map((_line, n) => dayBegins(zone, 2027 + Math.floor(n / 12), (n % 12) + 1, Math.min(anchor, new Date(Date.UTC(2027, n + 1, 0)).getUTCDate())))
      expect(starts, `${zone} from the ${anchor}th`).to.deep.equal(wanted)
      expect(lines.slice(1).map((line) => line.periodStart!.getTime()), `${zone} ${anchor}: gaps`).to.deep.equal(lines.slice(0, -1).map((line) => line.periodEnd!.getTime()))
      expect(lines.at(-1)!.periodEnd!.getTime(), `${zone} ${anchor}: the end`).to.be.above(end)
      expect([...new Set(lines.map((line) => line.amountMinor))]).to.deep.equal([100])
    }
    expect(await auditTenant()).to.deep.equal([])
  }))
})

describe('A year of renewals', function () {
  this.timeout(300_000)
  const world = useBillingWorld()

  /** Weekly; monthly from the 31st in New York with a coupon for three periods; quarterly with a trial; a year; one that is left; one that becomes smaller. */
  async function customers(): Promise<number[]> {
    setClock('2026-01-31T18:00:00Z')
    await newCoupon({ code: 'SAVE', percentPpm: 333_333, duration: 'periods', periods: 3 })
    const small = (await newProduct({}, [{ cycle: 'monthly', price: '3.33' }])).plan
    const [a, b] = [await newSubscription({ cycle: 'weekly', price: '1.01' }), await newSubscription({ cycle: 'monthly', price: '7.77', timeZone: 'America/New_York', codes: ['SAVE'] })]
    const [c, d] = [await newSubscription({ cycle: 'quarterly', price: '9.99', setup: '5.00', trialDays: 10, timeZone: 'Australia/Lord_Howe' }), await newSubscription({ cycle: 'annual', price: '50.00', userId: a.userId })]
    const [e, f] = [await newSubscription({ price: '4.00', userId: b.userId, timeZone: 'America/New_York' }), await newSubscription({ price: '6.00' })]
    await cancelSubscription(e.subscription, { timing: 'end', by: 'customer' })
    await change(f.subscription, small)
    return [...new Set([a, b, c, d, f].map((s) => s.userId))]
  }

  /** Every booking by its business key: invoices by theirs, customers by their place. */
  async function books(users: readonly number[]): Promise<{ entries: string[]; lines: string[]; states: unknown[]; findings: unknown[] }> {
    const place = (text: string): string => text.replace(/^renewal:(\d+)/, (_all, id: string) => `renewal:customer ${users.indexOf(Number(id))}`).replace(/:t\d+/, ':trial').replace(/^order:.*/, 'order')
    const invoices = await Invoice.query().orderBy('id')
    const names = new Map(invoices.map((i) => [i.id, `${users.indexOf(i.userId)} ${place(i.businessKey)}`]))
    const rows = (await tenantDb()('ledger_entries as e').join('ledger_transactions as t', 't.id', 'e.transaction_id').join('ledger_accounts as a', 'a.id', 'e.account_id').select('t.business_key', 'a.kind', 'a.user_id', 'e.amount_minor', 'e.invoice_id')) as
      Array<{ business_key: string; kind: string; user_id: number | null; amount_minor: number; invoice_id: number | null }>
    const entries = rows.map((r) => `${r.business_key.replace(/\d+/, (id) => names.get(Number(r.invoice_id ?? id)) ?? '')} ${r.kind} ${r.user_id === null ? '' : users.indexOf(r.user_id)} ${r.amount_minor}`)
    const lines = (await InvoiceLine.query().orderBy('id')).map((l) => `${names.get(l.invoiceId)} ${l.kind} ${l.periodStart?.toISOString()} ${l.periodEnd?.toISOString()} ${l.amountMinor} ${l.discountMinor} ${l.netMinor} ${l.taxMinor}`)
    const states = (await Subscription.query().orderBy('id')).map((s) => [s.status, s.amountMinor, s.currentPeriodStart, s.currentPeriodEnd, s.billedUntil, s.paidUntil, s.endedAt])
    return { entries: entries.sort(), lines: lines.sort(), states, findings: await auditTenant() }
  }

  async function year(steps: () => Promise<void>): ReturnType<typeof books> {
    await world.clean()
    return world.in(async () => {
      const users = await customers()
      await steps()
      return books(users)
    })
  }
  const end = '2027-01-31T18:00:00Z'

  it('in one step leaves the ledger, line by line, of a year that begins in hours and goes on in days and weeks', async () => {
    const once = await year(() => pass(end, { stepHours: 24 * 365 }))
    const often = await year(async () => {
      await pass('2026-02-12T18:00:00Z', { stepHours: 1 })
      for (let i = 0; clock.real().getTime() < Date.parse(end); i++) await pass(new Date(Math.min(Date.parse(end), clock.real().getTime() + strides[i % strides.length]! * 3_600_000)).toISOString(), { stepHours: 1000 })
    })
    expect(often.entries.filter((entry) => !once.entries.includes(entry)), 'booked only in small steps').to.deep.equal([])
    expect(often).to.deep.equal(once)
    expect(once.findings).to.deep.equal([])
    expect(once.lines.length).to.be.above(53 + 12 + 4)
    expect(once.entries.length).to.be.above(2 * once.lines.length)
  })
})
