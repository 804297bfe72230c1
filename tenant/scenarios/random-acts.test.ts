import { expect } from 'chai'
import fc from 'fast-check'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { setClock } from '../../shared/testing/world.js'
import { auditTenant } from '../billing/audit.js'
import { creditBalance } from '../billing/credit/credit.js'
import { moneyBalance } from '../billing/invoices/credit-notes/money-left.js'
import { Invoice } from '../billing/invoices/invoice.js'
import { Dispute } from '../billing/payments/disputes/dispute.js'
import { partsOf } from '../billing/payments/payment-allocation.js'
import { Payment } from '../billing/payments/payment.js'
import { Refund } from '../billing/payments/refunds/refund.js'
import { connectShop, saveCard } from '../testing/payment-world.js'
import { newProduct } from '../testing/catalog-world.js'
import { newCoupon, rate, register } from '../testing/pricing-world.js'
import { useCustomerWorld } from './customer-world.js'
import { doings, perform, type Act, type ActName, type Stage } from './random-acts.js'

const RUNS = Number(process.env['ACTS_RUNS'] ?? 1)
const LENGTH = Number(process.env['ACTS_LENGTH'] ?? 200)
/** More of what makes histories long, less of what ends them. */
const weights: Partial<Record<ActName, number>> = { 'time passes': 10, order: 5, pay: 6, change: 5, 'credit note': 4, refund: 3, dispute: 3, void: 1, 'write off': 1 }

const act = fc.record<Act>({
  what: fc.oneof(...(Object.keys(doings) as ActName[]).map((what) => ({ weight: weights[what] ?? 2, arbitrary: fc.constant(what) }))),
  who: fc.nat(7), which: fc.nat(11), much: fc.nat(9999),
})

describe('Any history of customers and staff', function () {
  this.timeout(600_000)
  const world = useCustomerWorld()

  async function shop(): Promise<Stage> {
    await world.clean()
    world.stripe.store.accounts.clear()
    setClock('2027-01-29T10:00:00Z')
    return world.in(async () => {
      await connectShop(world.stripe, 'acme')
      await register('US')
      await rate('US', 77_000, { name: 'Tax' })
      await newCoupon({ code: 'SAVE', percentPpm: 150_000, duration: 'periods', periods: 3 })
      await newCoupon({ code: 'THREE', kind: 'fixed', percentPpm: null, amounts: { USD: 333 }, duration: 'forever' })
      const monthly = await newProduct({}, [{ cycle: 'monthly', price: '9.99', setup: '1.23' }, { cycle: 'annual', price: '99.95' }])
      const weekly = await newProduct({ downgradePolicy: 'now' }, [{ cycle: 'weekly', price: '3.31' }, { cycle: 'monthly', price: '30.01' }])
      const customers = []
      for (const [country, zone] of [['US', 'America/New_York'], ['DE', 'Europe/Berlin']] as const) {
        const customer = await world.customer({ country, time_zone: zone, address_line1: '1 High Street', city: 'Springfield' })
        await saveCard(world.stripe, customer)
        await saveCard(world.stripe, customer, 'pm_card_chargeCustomerFail')
        customers.push(customer.id)
      }
      return { world, customers, plans: [...monthly.plans, ...weekly.plans] }
    })
  }

  /** Rows that must not be there: somebody got back, or was given, more than came in. */
  const tooMuch: Record<string, string> = {
    'refunds above their payment': `select p.id from payments p join refunds r on r.payment_id = p.id and r.status <> 'failed' group by p.id, p.amount_minor having sum(r.amount_minor) > p.amount_minor`,
    'credit notes above what was sold': `select i.id from invoices i join credit_notes n on n.invoice_id = i.id group by i.id, i.total_minor
      having sum(n.total_minor) > i.total_minor + coalesce((select -sum(c.net_minor + c.tax_minor) from invoice_lines c where c.invoice_id = i.id and c.kind = 'change-credit'), 0)`,
    'a change credit above what its line cost': `select c.id from invoice_lines c join invoice_lines l on l.id = cast(substring_index(c.business_key, ':', -1) as unsigned) and l.subscription_id = c.subscription_id
      where c.kind = 'change-credit' and c.released_at is null and -c.amount_minor > l.amount_minor - l.discount_minor`,
  }
  /** Of each customer: credit against what came in, less what was sent back and what banks have taken. Money may leave after credit was given for it; then its invoice shows that. */
  async function creditAboveMoney(): Promise<string[]> {
    const broken: string[] = []
    for (const userId of (await tenantDb()('users').pluck('id')) as number[]) {
      const payments = await Payment.query().where({ userId, status: 'succeeded' })
      let money = payments.reduce((sum, p) => sum + p.amountMinor, 0)
      for (const refund of await Refund.query().where({ userId, destination: 'source' }).whereNot({ status: 'failed' })) money -= refund.amountMinor
      for (const lost of await Dispute.query().where({ userId }).whereIn('status', ['open', 'lost'])) {
        const applied = (await partsOf(lost.paymentId)).reduce((sum, part) => sum + part.appliedMinor, 0)
        money -= lost.creditTakenMinor + Math.min(applied, lost.amountMinor - lost.creditTakenMinor)
      }
      for (const invoice of await Invoice.query().where({ userId }).whereNotIn('status', ['draft', 'void'])) {
        money -= Math.min(0, await moneyBalance(invoice))
        if (invoice.kind === 'manual') money -= Math.min(0, invoice.totalMinor)
      }
      const credit = (await creditBalance(userId, 'USD')).minor
      if (credit > money) broken.push(`customer ${userId} has credit of ${credit}, and only ${money} of their money is here`)
    }
    return broken
  }
  async function identities(): Promise<unknown[]> {
    const broken: unknown[] = [...await auditTenant(), ...await creditAboveMoney()]
    for (const [name, sql] of Object.entries(tooMuch)) for (const row of ((await tenantDb().raw(sql)) as [Array<{ id: number }>])[0]) broken.push(`${name}: ${row.id}`)
    return broken
  }

  async function nothingBroken(told: readonly string[]): Promise<void> {
    const broken = await world.in(identities)
    if (broken.length) throw new Error(`${told.slice(-21).join('\n')}\n${broken.map((finding) => JSON.stringify(finding)).join('\n')}`)
  }

  it(`of ${LENGTH} acts leaves every identity of the books true, and credits never exceed what was paid`, async () => {
    const seed = Number(process.env['ACTS_SEED'] ?? 944_628)
    console.log(`      seed ${seed} (repeat with ACTS_SEED=${seed})`)
    await fc.assert(fc.asyncProperty(fc.array(act, { minLength: LENGTH, maxLength: LENGTH }), async (history) => {
      const stage = await shop()
      const told: string[] = []
      for (const [n, each] of history.entries()) {
        const outcome = await world.in(() => perform(each, stage)).catch((error: Error) => { throw new Error(`${told.slice(-12).join('\n')}\n${n} ${JSON.stringify(each)} broke: ${error.stack}`) })
        told.push(`${n} ${each.what} ${each.who % 2} ${each.which} ${each.much}: ${outcome}`)
        if (each.what === 'time passes') await world.step()
        if (n % 20 === 19 || process.env['ACTS_CLOSE']) await nothingBroken(told)
      }
      await world.turn()
      await nothingBroken(told)
      const done = told.filter((line) => line.endsWith('done')).length
      expect(done, 'acts that were not refused').to.be.above(LENGTH / 4)
    }), { numRuns: RUNS, seed, endOnFailure: true })
  })
})
