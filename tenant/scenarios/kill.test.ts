import { expect } from 'chai'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { setClock } from '../../shared/testing/world.js'
import { auditTenant } from '../billing/audit.js'
import { addCredit } from '../billing/credit/add-credit.js'
import { Invoice } from '../billing/invoices/invoice.js'
import { Payment } from '../billing/payments/payment.js'
import { Customer } from '../customers/customer.js'
import { connectShop, usePaymentWorld } from '../testing/payment-world.js'
import { newCustomer, newRun, newService, usd } from './billing-world.js'
import type { Orders } from './month-end-worker.js'
import { aMinutePasses, dice, seedOf, Workers } from './mortal-workers.js'

const KILLS = 20
/** A worker lives for so many packets at most; an undisturbed one needs about 700, so the deaths spread over the whole work. Every fourth dies talking to the gateway. */
const REACH = 90
const FIRST = Date.parse('2026-12-01T02:00:00.000Z')
/** From where the clock stands: now; when lost nudges are looked for; when lost answers are; a day later. */
const instantsFrom = (ms: number): string[] => [0, 11, 90, 28 * 60].map((minutes) => new Date(ms + minutes * 60_000).toISOString())

describe('A worker that is killed at a month’s end', function () {
  this.timeout(900_000)
  const world = usePaymentWorld()
  let workers: Workers | undefined
  let ids: number[] = []
  afterEach(() => workers?.stop())

  /** Five customers: card; credit; some credit and card; neither; two workspaces and a card that is declined. */
  async function newMonth(): Promise<void> {
    await world.clean()
    world.stripe.store.accounts.clear()
    setClock('2026-11-30T12:00:00.000Z')
    await world.in(async () => {
      await connectShop(world.stripe, 'acme')
      ids = []
      for (const [i, card] of ['pm_card_visa', null, 'pm_card_visa', null, 'pm_card_chargeCustomerFail'].entries()) {
        const id = await newCustomer({ name: `Customer ${i}` })
        ids.push(id)
        if (card) await world.card(await Customer.findOwned({ id }), card)
        if (i === 1) await addCredit({ userId: id, amount: usd(10_000), key: `gift:${i}`, description: 'Gift' })
        if (i === 2) await addCredit({ userId: id, amount: usd(100), key: `gift:${i}`, description: 'Gift' })
        for (let n = 0; n <= (i === 4 ? 1 : 0); n++) {
          const service = await newService(id, `box-${i}-${n}`, 600_000)
          await newRun(service, '2026-11-03T10:00:00Z', `2026-11-03T1${i + 1}:05:00Z`)
          await newRun(service, '2026-11-10T20:00:00Z', `2026-11-11T0${n + 1}:00:00Z`)
        }
      }
    })
  }

  /** All that must be equal, with customers by their place and without row numbers. */
  async function outcome(): Promise<unknown> {
    return world.in(async () => {
      const who = (id: number | null) => (id === null ? null : ids.indexOf(id))
      const invoices = await Invoice.query().orderBy('userId').orderBy('periodStart')
      const payments = await Payment.query().orderBy('userId').orderBy('id')
      const accounts = (await tenantDb()('ledger_accounts').orderBy('kind').orderBy('user_id').select('kind', 'user_id', 'balance_minor')) as Array<{ kind: string; user_id: number | null; balance_minor: number }>
      const acts = (await tenantDb()('ledger_transactions').pluck('business_key')) as string[]
      return {
        invoices: invoices.map((i) => [who(i.userId), i.totalMinor, i.paidMinor, i.creditedMinor, i.status]), numbers: invoices.map((i) => i.number).sort(),
        payments: payments.map((p) => [who(p.userId), p.amountMinor, p.status, p.attemptNo]), taken: world.taken(),
        ledger: accounts.map((a) => [a.kind, who(a.user_id), a.balance_minor]), acts: acts.map((key) => key.replace(/txn_\w+/, 'txn').replaceAll(/\d+/g, 'n')).sort(), findings: await auditTenant(),
      }
    })
  }

  const orders = (ms: number, killAt: number, outside = false): Orders => ({ tenant: world.acme, password: world.acme.db.password, instants: instantsFrom(ms), killAt, outside })

  it(`at ${KILLS} random points leaves, after restarts, the invoices, payments and ledger of an undisturbed run`, async () => {
    const roll = dice(seedOf('KILL_SEED', process.env))
    workers = new Workers(process.env)
    await newMonth()
    await workers.run(orders(FIRST, 0))
    const undisturbed = await outcome()
    expect(undisturbed).to.deep.include({ findings: [], taken: 2, numbers: [1, 2, 3, 4, 5].map((n) => `INV-2026-0000${n}`) })

    for (let kills = 0; kills < KILLS;) {
      await newMonth()
      for (let now = FIRST, finished = false; !finished;) {
        const outside = kills % 4 === 2
        const end = await workers.run(orders(now, kills < KILLS ? roll(outside ? 4 : REACH) : 0, outside && kills < KILLS))
        finished = end.packets !== null
        if (!finished) kills++
        now = Date.parse(end.at) + 61_000
        await aMinutePasses(world)
      }
      expect(await outcome(), `after ${kills} kills`).to.deep.equal(undisturbed)
    }
  })
})
