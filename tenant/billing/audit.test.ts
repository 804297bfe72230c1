import { expect } from 'chai'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { setClock } from '../../shared/testing/world.js'
import { newCustomer, newInvoice, newPayment, newRun, newService, usd, useBillingWorld } from '../scenarios/billing-world.js'
import { auditTenant } from './audit.js'
import { addCredit } from './credit/add-credit.js'
import { settleInvoicePayment } from './invoices/settle-invoice-payment.js'
import { voidInvoice } from './invoices/void-invoice.js'
import { billingSource } from '../kasm/billing-source.js'
import { registerUsageSource } from './usage/usage-source.js'
import { closeEndedMonths } from './usage/close-month.js'

const found = async (): Promise<string[]> => [...new Set((await auditTenant()).map((f) => f.check))].sort()

/** A shop with some of everything. */
async function someBusiness(): Promise<void> {
  const userId = await newCustomer()
  await addCredit({ userId, amount: usd(100), key: 'gift', description: 'Gift' })
  const service = await newService(userId)
  await newRun(service, '2026-10-31T23:00:00Z', '2026-11-01T02:00:00Z')
  await newRun(service, '2026-11-05T10:00:00Z', '2026-11-05T20:00:00Z')
  for (const invoice of await closeEndedMonths(userId)) {
    if (invoice.status !== 'open') continue
    const { paymentId, gatewayAccountId } = await newPayment(userId, invoice.id, invoice.balance.minor)
    await tenantTransaction((trx) => settleInvoicePayment(trx, { paymentId, gatewayAccountId, invoiceId: invoice.id, amountMinor: invoice.balance.minor, currency: 'USD', occurredAt: new Date() }))
  }
  await voidInvoice(await newInvoice(userId, 500))
  await newInvoice(userId, 900)
}

/** What goes wrong → what the audit calls it. */
const corruptions: Array<[title: string, sql: string, finds: string[]]> = [
  ['an entry that was changed', `update ledger_entries set amount_minor = amount_minor + 1 where id = (select * from (select min(e.id) from ledger_entries e join ledger_accounts a on a.id = e.account_id where a.kind like 'revenue%') x)`, ['ledger.balance', 'ledger.off-balance']],
  ['a balance that was changed', `update ledger_accounts set balance_minor = balance_minor + 1 where kind = 'revenue'`, ['ledger.balance']],
  ['an entry that is gone', `delete from ledger_entries where payment_id is not null`, ['invoice.ledger', 'ledger.balance', 'payment.unbooked']],
  ['credit below zero', `update ledger_accounts set balance_minor = 5 where kind = 'credit'`, ['credit.negative', 'ledger.balance']],
  ['a total that was changed', `update invoices set total_minor = total_minor + 1 where kind = 'manual' and status = 'open'`, ['invoice.ledger', 'invoice.total']],
  ['a line that was changed', `update invoice_lines set amount_minor = amount_minor + 10 where kind = 'usage'`, ['invoice.total', 'usage.line-amount']],
  ['an invoice marked paid by hand', `update invoices set status = 'paid' where kind = 'manual' and status = 'open'`, ['invoice.ledger', 'invoice.paid']],
  ['a paid invoice opened again', `update invoices set status = 'open', paid_minor = 0 where kind = 'usage' and paid_minor > 0`, ['invoice.ledger']],
  ['a number that is gone', `update invoices set number = null where kind = 'manual' and status = 'open'`, ['invoice.issued', 'number.gap']],
  ['a number that was never drawn', `update invoices set number = 'INV-2026-00099' where kind = 'manual' and status = 'open'`, ['number.beyond', 'number.gap']],
  ['a payment set back', `update payments set status = 'failed'`, ['payment.not-taken']],
  ['a payment that was not booked', `update payments set amount_minor = amount_minor + 1`, ['payment.unbooked']],
  ['a run billed for more than it ran', `update kasm_usage_sessions set duration_billable_seconds = 900 where id = (select * from (select max(id) from kasm_usage_sessions) x)`, ['usage.billed-twice']],
  ['a slice that is gone', `delete from kasm_billed_slices where id = (select * from (select max(id) from kasm_billed_slices) x)`, ['usage.line', 'usage.slices']],
  ['a workspace running without a meter', `update kasm_workspaces set status = 'running'`, ['meter.not-running']],
  ['a meter left running', `update kasm_usage_sessions set stopped_at = null, duration_billable_seconds = null where id = (select * from (select max(id) from kasm_usage_sessions) x)`, ['meter.left-running']],
]

describe('The audit', () => {
  const world = useBillingWorld(true)
  before(async () => {
    setClock('2026-12-01T02:00:00.000Z')
    registerUsageSource(billingSource)
    await world.in(someBusiness)
  })
  /** Does the damage, looks, and takes it back. */
  const damaged = async <T>(sql: string, look: () => Promise<T>): Promise<T> => {
    const box: T[] = []
    await tenantTransaction(async () => {
      await tenantDb().raw(sql)
      box.push(await look())
      throw new Error('taken back')
    }).catch((error: Error) => {
      if (error.message !== 'taken back') throw error
    })
    return box[0]!
  }

  it('finds nothing in good books', () => world.in(async () => {
    expect(await auditTenant()).to.deep.equal([])
  }))

  for (const [title, sql, finds] of corruptions) {
    it(`finds ${title}`, () => world.in(async () => {
      expect(await damaged(sql, found)).to.include.members(finds)
      expect(await auditTenant()).to.deep.equal([])
    }))
  }

  it('names what is wrong so that a person can look it up', () => world.in(async () => {
    const finding = (await damaged(`update invoices set status = 'paid' where kind = 'manual' and status = 'open'`, auditTenant)).find((f) => f.check === 'invoice.ledger')
    expect(finding?.subject).to.match(/^invoice \d+$/)
    expect(finding?.message).to.equal('It is paid with 0 left to pay, the ledger says 900.')
  }))
})
