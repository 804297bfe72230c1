/** One planted fault for each identity of payments, refunds, credit notes, taxes, transfers and numbers. The older identities: audit.test.ts. */
import { expect } from 'chai'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { newCustomer, newInvoice, newRun, newService, usd } from '../scenarios/billing-world.js'
import { usePaymentWorld } from '../testing/payment-world.js'
import { auditTenant } from './audit.js'
import { createCreditNote } from './invoices/credit-notes/create-credit-note.js'
import { Invoice } from './invoices/invoice.js'
import { chargeInvoice } from './payments/charge-invoice.js'
import { payAll } from './payments/pay-all.js'
import { Payment } from './payments/payment.js'
import { refundPayment } from './payments/refunds/refund-payment.js'
import { failRefund } from './payments/refunds/settle-refund.js'
import { matchTransfer } from './transfers/match-transfer.js'
import { recordTransfer } from './transfers/record-transfer.js'

const one = (table: string, where = '1 = 1'): string => `(select * from (select min(id) from ${table} where ${where}) x)`

const faults: Array<[title: string, sql: string, finds: string]> = [
  ['a payment whose amount was changed', `update payments set amount_minor = amount_minor + 1 where id = ${one('payments', `status = 'succeeded'`)}`, 'payment.unbooked'],
  ['a payment set back', `update payments set status = 'failed' where id = ${one('payments', `status = 'succeeded'`)}`, 'payment.not-taken'],
  ['a payment marked as taken back by hand', `update payments set status = 'reversed' where id = ${one('payments', 'bank_transfer_id is not null')}`, 'payment.reversal'],
  ['an invoice that says more was paid than came in', `update invoices set paid_minor = paid_minor + 1, total_minor = total_minor + 1 where id = ${one('invoices', 'paid_minor > 0')}`, 'invoice.payments'],
  ['an open marker left on a finished payment', `update payment_allocations set is_open = 1 where id = ${one('payment_allocations')}`, 'payment.marker'],
  ['parts that are more than their payment', `update payment_allocations set amount_minor = amount_minor + 1 where payment_id = ${one('payments', `status = 'succeeded'`)}`, 'payment.parts'],
  ['refunds of more than was paid', `update refunds set amount_minor = 999999 where id = ${one('refunds', `status = 'succeeded'`)}`, 'refund.too-much'],
  ['a refund that the ledger has with another amount', `update refunds set amount_minor = amount_minor - 1 where id = ${one('refunds', `destination = 'source'`)}`, 'refund.unbooked'],
  ['a failed refund that was not booked back', `update refunds set status = 'failed' where id = ${one('refunds', `status = 'succeeded'`)}`, 'refund.failed'],
  ['a refund that counts again although it was booked back', `update refunds set status = 'succeeded' where status = 'failed'`, 'refund.failed'],
  ['credit notes over more than the invoice', `update credit_notes set total_minor = 999999`, 'credit-note.too-much'],
  ['a credit note whose lines are another sum', `update credit_note_lines set total_minor = total_minor + 1 where id = ${one('credit_note_lines')}`, 'credit-note.total'],
  ['a credit note without a number', `update credit_notes set number = null where id = ${one('credit_notes')}`, 'credit-note.unbooked'],
  ['a gap in the numbers of credit notes', `update number_series set next_number = next_number + 1 where code = 'credit-note'`, 'number.gap'],
  ['a credit note with a number that was never drawn', `update credit_notes set number = 'CN-2026-00099' where id = ${one('credit_notes')}`, 'number.beyond'],
  ['a gap in the numbers of invoices', `update number_series set next_number = next_number + 1 where code = 'invoice'`, 'number.gap'],
  ['a transfer matched for more than arrived', `update bank_transfers set amount_minor = amount_minor - 1`, 'transfer.too-much'],
  ['a card payment without its id at the gateway', `update payments set gateway_payment_id = null where id = ${one('payments', `status = 'succeeded' and payment_method_id is not null`)}`, 'payment.nameless'],
  ['tax of an invoice that is not its lines’', `update invoices set tax_minor = tax_minor + 1 where id = ${one('invoices', `status = 'open'`)}`, 'invoice.tax'],
  ['tax rates that are not the invoice’s tax', `insert into invoice_taxes (invoice_id, code, label, ppm, treatment, net_minor, tax_minor, created_at) values (${one('invoices', `status = 'open'`)}, 'x', 'x', 1, 'x', 1, 1, '2026-11-10')`, 'invoice.tax-rows'],
  ['a discount that is not its lines’', `update invoices set discount_minor = 5 where id = ${one('invoices', `status = 'open'`)}`, 'invoice.discount'],
  ['entries that do not add up', `update ledger_entries set amount_minor = amount_minor + 1 where id = ${one('ledger_entries')}`, 'ledger.off-balance'],
]

describe('The audit of money', () => {
  const world = usePaymentWorld()
  /** A shop with paid, refunded, credited and transferred invoices. */
  const someBusiness = async (): Promise<void> => {
    const customer = await world.customer()
    const card = await world.card(customer)
    const [a, b, c, d] = [await newInvoice(customer.id, 2000), await newInvoice(customer.id, 1000), await newInvoice(customer.id, 500), await newInvoice(customer.id, 1500)]
    await newInvoice(await newCustomer(), 300)
    await chargeInvoice(a, { method: card, offSession: false })
    await payAll(customer, [b.id, c.id], card, 'f'.repeat(20))
    const payment = (await Payment.query().findOne({ invoiceId: a.id }))!
    await refundPayment({ payment, amount: usd(700), to: 'source', reason: 'r', key: 'one' })
    const failed = await refundPayment({ payment, amount: usd(100), to: 'source', reason: 'r', key: 'two' })
    await tenantTransaction(async (trx) => failRefund(trx, failed, payment, 'Came back', new Date('2026-11-10T09:00:00Z')))
    await createCreditNote({ invoice: await Invoice.findOwned<Invoice>({ id: b.id }), lines: 'rest', reason: 'r', to: 'balance', key: 'cn' })
    const { transfer } = await recordTransfer({ key: 't', receivedOn: '2026-11-09', amountMinor: 1500, currency: 'USD', payer: 'A', reference: '' })
    const owed = (await Invoice.findOwned<Invoice>({ id: d.id })).balance
    await matchTransfer(transfer, [{ userId: customer.id, invoiceId: d.id, amount: owed }, { userId: customer.id, invoiceId: null, amount: usd(1500).sub(owed) }])
  }
  /** Two recurring lines of one subscription; the second month begins before the first has ended. (The same month twice is refused by the index.) */
  const overlapping = async (): Promise<void> => {
    const userId = await newCustomer()
    const [first] = [await newInvoice(userId, 100), await newInvoice(userId, 100)]
    await tenantDb().raw('set foreign_key_checks = 0')
    await tenantDb()('invoice_lines').update({ kind: 'recurring', subscription_id: 7, period_start: tenantDb().raw(`if(invoice_id = ${first.id}, '2026-11-01', '2026-11-15')`), period_end: '2026-12-01' })
    await tenantDb().raw('set foreign_key_checks = 1')
  }
  /** Does the damage, looks, and takes it back. */
  const damaged = async (harm: () => Promise<unknown>): Promise<string[]> => {
    const found: string[] = []
    await tenantTransaction(async () => {
      await harm()
      found.push(...(await auditTenant()).map((f) => f.check))
      throw new Error('taken back')
    }).catch((error: Error) => {
      if (error.message !== 'taken back') throw error
    })
    return found
  }

  it('finds nothing in good books, and each planted fault by its name', () => world.in(async () => {
    await someBusiness()
    expect(await auditTenant()).to.deep.equal([])
    for (const [title, sql, finds] of faults) expect(await damaged(() => tenantDb().raw(sql).then(() => undefined)), title).to.include(finds)
    expect(await auditTenant()).to.deep.equal([])
  })).timeout(60_000)

  it('finds periods of a subscription that overlap', () => world.in(async () => {
    expect(await damaged(overlapping)).to.include('line.periods-overlap')
  }))

  it('finds use on record that nobody metered, runs that are not on record, and other seconds', () => world.in(async () => {
    const userId = await newCustomer()
    const run = await newRun(await newService(userId), '2026-11-01T10:00:00Z', '2026-11-01T10:40:00Z')
    await tenantDb()('kasm_usage_sessions').update({ wholesale_sku: 'kasm.developer_basic' })
    const wholesale = async (): Promise<string[]> => (await auditTenant()).filter((f) => f.check.startsWith('wholesale.')).map((f) => f.check)
    expect(await wholesale()).to.deep.equal(['wholesale.missing'])
    const told = { sku: 'kasm.developer_basic', quantitySeconds: 2700, occurredAt: new Date('2026-11-01T10:00:00Z'), detail: {}, tenant: 'acme' }
    world.directory.usage.push({ ...told, key: `kasm-session:${run}:2026-11` })
    expect(await wholesale()).to.deep.equal([])
    world.directory.usage.push({ ...told, key: `kasm-session:${run}:2026-12`, quantitySeconds: 900 }, { ...told, key: 'kasm-session:999999:2026-11' })
    expect((await wholesale()).sort()).to.deep.equal(['wholesale.seconds', 'wholesale.without-run'])
    world.directory.usage.length = 0
  }))
})
