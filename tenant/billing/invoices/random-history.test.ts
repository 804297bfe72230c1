import { expect } from 'chai'
import { Refusal } from '../../../shared/errors.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { setClock } from '../../../shared/testing/world.js'
import { clock } from '../../../shared/time/clock.js'
import { newCustomer, newPayment, useBillingWorld, usd } from '../../scenarios/billing-world.js'
import { rate, register } from '../../testing/pricing-world.js'
import { auditTenant } from '../audit.js'
import { addCredit } from '../credit/add-credit.js'
import { taxSettings } from '../tax/tax-settings.js'
import { createCreditNote } from './credit-notes/create-credit-note.js'
import { draftInvoice } from './draft-invoice.js'
import { InvoiceLine } from './invoice-line.js'
import { Invoice, type InvoiceKind } from './invoice.js'
import { issueInvoice } from './issue-invoice.js'
import { settleInvoicePayment } from './settle-invoice-payment.js'
import { statementOf } from './statements/statement.js'
import { invoiceTerms } from './terms.js'
import { voidAndReissue } from './void-and-reissue.js'
import { voidInvoice } from './void-invoice.js'
import { writeOff } from './write-off.js'

/** The same numbers for the same seed, on every machine. */
function dice(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

describe('Any history of 200 acts', function () {
  this.timeout(120_000)
  const world = useBillingWorld()

  async function act(roll: (below: number) => number, customers: readonly number[], step: number): Promise<string> {
    const userId = customers[roll(customers.length)]!
    const known = await Invoice.query().where({ userId }).whereNotNull('issuedAt').orderBy('id')
    const invoice = known[roll(Math.max(1, known.length))]
    const kind = roll(12)
    if (kind < 3 || !invoice) return issue(roll, userId, step)
    if (kind < 6) return pay(invoice, 1 + roll(invoice.totalMinor > 0 ? invoice.totalMinor + 50 : 500))
    if (kind === 6) return addCredit({ userId, amount: usd(1 + roll(700)), key: `g${step}`, description: 'Gift' }).then(() => 'gift')
    if (kind === 7) return voidInvoice(invoice, { release: roll(2) === 1 }).then(() => 'void')
    if (kind === 8) return voidAndReissue(invoice).then(() => 'reissue')
    if (kind === 9) return writeOff(invoice).then(() => 'write-off')
    return credit(roll, invoice, step)
  }
  async function issue(roll: (below: number) => number, userId: number, step: number): Promise<string> {
    const kinds: readonly InvoiceKind[] = ['order', 'renewal', 'manual', 'change']
    const lines = Array.from({ length: 1 + roll(3) }, (_v, i) => ({ businessKey: `r${step}:${i}`, kind: 'manual' as const, description: 'Part', amountMinor: roll(8) === 0 ? -roll(900) : roll(2000) }))
    await tenantTransaction(async (trx) => issueInvoice((await draftInvoice(trx, { businessKey: `r${step}`, userId, kind: kinds[roll(4)]!, currency: 'USD', lines })).invoice))
    return 'issue'
  }
  async function pay(invoice: Invoice, amountMinor: number): Promise<string> {
    const { paymentId, gatewayAccountId } = await newPayment(invoice.userId, invoice.id, amountMinor)
    const { paidMinor } = invoice
    const after = await tenantTransaction((trx) => settleInvoicePayment(trx, { paymentId, invoiceId: invoice.id, gatewayAccountId, amountMinor, currency: 'USD', occurredAt: clock.now() }))
    await tenantDb()('payment_allocations').where({ payment_id: paymentId }).update({ applied_minor: after.paidMinor - paidMinor })
    return 'pay'
  }
  async function credit(roll: (below: number) => number, invoice: Invoice, step: number): Promise<string> {
    const lines = await InvoiceLine.query().where({ invoiceId: invoice.id })
    const line = lines[roll(lines.length)]!
    const part = [{ lineId: line.id, amountMinor: 1 + roll(Math.max(1, line.totalMinor)) }]
    await createCreditNote({ invoice, lines: roll(3) ? part : 'rest', to: roll(2) ? 'balance' : 'invoice', reason: 'x', key: `c${step}` })
    return 'note'
  }

  for (const seed of [1, 20_261_105]) {
    it(`leaves every identity of the books true, and statements close with the ledger (seed ${seed})`, () => world.in(async () => {
      const roll = dice(seed)
      setClock('2026-11-01T00:00:00Z')
      await register('DE')
      await rate('DE', 190_000)
      await taxSettings.write({ ...await taxSettings.read(), pricesInclusive: seed === 1 })
      await invoiceTerms.write({ days: 7, proforma: seed !== 1 })
      const customers = [await newCustomer({ country: 'DE' }), await newCustomer({ country: 'DE' }), await newCustomer()]
      const done = new Set<string>()
      for (let step = 0; step < 200; step++) {
        setClock(new Date(Date.parse('2026-11-01T00:00:00Z') + step * 3_600_000))
        await act(roll, customers, step).then((what) => done.add(what), (error: unknown) => {
          if (!(error instanceof Refusal)) throw error
        })
      }
      expect([...done].sort()).to.deep.equal(['gift', 'issue', 'note', 'pay', 'reissue', 'void', 'write-off'])
      expect(await auditTenant()).to.deep.equal([])
      for (const userId of customers) {
        const statement = await statementOf(userId, 'USD', { start: new Date('2026-11-03T00:00:00Z'), end: new Date('2027-01-01T00:00:00Z') })
        const { sum } = (await tenantDb()('ledger_accounts').where({ user_id: userId }).sum({ sum: 'balance_minor' }).first()) as { sum: string | null }
        expect(statement.closing.minor).to.equal(Number(sum ?? 0))
      }
    }))
  }
})
