import { expect } from 'chai'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { setClock } from '../../shared/testing/world.js'
import { auditTenant } from '../billing/audit.js'
import { addCredit } from '../billing/credit/add-credit.js'
import { Invoice } from '../billing/invoices/invoice.js'
import { InvoiceLine } from '../billing/invoices/invoice-line.js'
import { Payment } from '../billing/payments/payment.js'
import { Subscription } from '../billing/subscriptions/subscription.js'
import type { Plan } from '../catalog/plan.js'
import { Customer } from '../customers/customer.js'
import { newProduct } from '../testing/catalog-world.js'
import { connectShop, usePaymentWorld } from '../testing/payment-world.js'
import { newSubscription } from '../testing/subscription-world.js'
import { newCustomer, usd } from './billing-world.js'
import type { Orders } from './month-end-worker.js'
import { aMinutePasses, dice, seedOf, Workers } from './mortal-workers.js'

/** KILLS=200 is the whole proof (some ten minutes on two cores); by default as many as most of a minute holds. */
const KILLS = Number(process.env['KILLS'] ?? 6)
/** A worker lives for so many packets at most; every third dies talking to the gateway. */
const REACH = 110
const MADE = Date.parse('2026-11-24T00:30:00.000Z')
const DUE = Date.parse('2026-12-01T00:00:00.000Z')
/**
 * When invoices are made; when they are due and collected; when lost nudges are looked for; when lost answers are; a day later. After a kill the looks begin anew, but the
 * day later stays where it was, as long as it lies ahead: else a life with many deaths would go on into the next week, and renew what is due then.
 */
const instantsFrom = (ms: number): string[] => {
  const [due, last] = [Math.max(ms, DUE), DUE + 28 * 3_600_000]
  const looks = [0, 11, 90].map((minutes) => due + minutes * 60_000)
  return [...(ms < DUE ? [ms] : []), ...looks, Math.max(last, looks.at(-1)! + 60_000)].map((at) => new Date(at).toISOString())
}
/** What the gateway does with the next charge: acts and never answers; acts and answers 500; says that it is too busy. */
const faults = ['timeout-after', 'error-after', 'rate-limit'] as const

describe('Renewals and charges under workers that are killed, at a gateway that loses answers', function () {
  this.timeout(120_000 + KILLS * 30_000)
  const world = usePaymentWorld()
  let workers: Workers | undefined
  let ids: number[] = []
  let plan: Plan
  afterEach(() => workers?.stop())

  /** Two subscriptions and a card; credit for all of it; credit for a part and a card; a card that is declined; a weekly one and a card. */
  async function newShop(): Promise<void> {
    await world.clean()
    world.stripe.store.accounts.clear()
    setClock('2026-11-01T00:00:00.000Z')
    await world.in(async () => {
      await connectShop(world.stripe, 'acme')
      plan = (await newProduct({}, [{ cycle: 'monthly', price: '10.00' }])).plan
      const weekly = (await newProduct({}, [{ cycle: 'weekly', price: '2.00' }])).plan
      ids = []
      for (const [i, card] of ['pm_card_visa', null, 'pm_card_visa', 'pm_card_chargeCustomerFail', 'pm_card_visa'].entries()) {
        const userId = await newCustomer({ name: `Customer ${i}` })
        ids.push(userId)
        await newSubscription({ plan: i === 4 ? weekly : plan, userId })
        if (i === 0) await newSubscription({ plan, userId })
        if (i === 1 || i === 2) await addCredit({ userId, amount: usd(i === 1 ? 1000 : 300), key: `gift:${i}`, description: 'Gift' })
        if (card) await world.card(await Customer.findOwned({ id: userId }), card)
      }
    })
  }

  /** All that must be equal, with customers by their place and without row numbers. */
  async function outcome(): Promise<unknown> {
    return world.in(async () => {
      const who = (id: number | null) => (id === null ? null : ids.indexOf(id))
      const invoices = await Invoice.query().orderBy('userId').orderBy('dueAt').orderBy('totalMinor')
      const payments = (await Payment.query().where({ status: 'succeeded' }).orderBy('userId').orderBy('amountMinor')).map((p) => [who(p.userId), p.amountMinor])
      const lines = (await InvoiceLine.query().orderBy('subscriptionId').orderBy('periodStart')).map((l) => [l.kind, l.periodStart, l.periodEnd, l.amountMinor])
      const accounts = (await tenantDb()('ledger_accounts').orderBy('kind').orderBy('user_id').select('kind', 'user_id', 'balance_minor')) as Array<{ kind: string; user_id: number | null; balance_minor: number }>
      const charged = world.stripe.account('acme').all('payment_intent').filter((p) => p.status === 'succeeded').map((p) => p['amount'] as number).sort((a, b) => a - b)
      return {
        invoices: invoices.map((i) => [who(i.userId), i.kind, i.totalMinor, i.paidMinor, i.creditedMinor, i.status]), numbers: invoices.map((i) => i.number).sort(), lines, payments, charged,
        subscriptions: (await Subscription.query().orderBy('id')).map((s) => [s.status, s.billedUntil, s.paidUntil, s.currentPeriodEnd]),
        ledger: accounts.map((a) => [a.kind, who(a.user_id), a.balance_minor]), open: await Payment.query().whereIn('status', ['pending', 'processing', 'unknown', 'requires_action']).resultSize(), findings: await auditTenant(),
      }
    })
  }

  const orders = (ms: number, killAt: number, outside = false): Orders => ({ tenant: world.acme, password: world.acme.db.password, instants: instantsFrom(ms), killAt, outside, patienceMs: 500 })

  it(`${KILLS} times leave, after restarts, what an undisturbed run leaves: nothing lost, nothing double, nobody charged twice`, async () => {
    const roll = dice(seedOf('KILL_SEED', process.env))
    workers = new Workers(process.env)
    await newShop()
    await workers.run(orders(MADE, 0))
    const undisturbed = await outcome() as { findings: unknown; charged: number[]; open: number }
    expect([undisturbed.findings, undisturbed.charged, undisturbed.open]).to.deep.equal([[], [200, 200, 200, 200, 700, 2000], 0])

    for (let kills = 0; kills < KILLS;) {
      await newShop()
      for (let now = MADE, finished = false; !finished;) {
        world.stripe.faults.clear()
        if (kills < KILLS) world.stripe.faults.request({ kind: faults[roll(faults.length) - 1]!, method: 'POST', path: '/v1/payment_intents', times: 1 })
        const outside = kills % 3 === 2
        const end = await workers.run(orders(now, kills < KILLS ? roll(outside ? 6 : REACH) : 0, outside && kills < KILLS))
        finished = end.packets !== null
        if (!finished) kills++
        if (!finished && kills % 20 === 0) console.log(`      ${kills} kills`)
        now = Date.parse(end.at) + 61_000
        await aMinutePasses(world)
      }
      expect(await outcome(), `after ${kills} kills`).to.deep.equal(undisturbed)
    }
  })
})
