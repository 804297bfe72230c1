import { expect } from 'chai'
import { tenantDb } from '../../../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../../../shared/database/transaction.js'
import { codeOf } from '../../../../shared/testing/code-of.js'
import { setClock } from '../../../../shared/testing/world.js'
import { clock } from '../../../../shared/time/clock.js'
import { balances, insertRow, newCustomer, newPayment, newRun, newService, useBillingWorld, usd } from '../../../scenarios/billing-world.js'
import { rate, register } from '../../../testing/pricing-world.js'
import { auditTenant } from '../../audit.js'
import { addCredit } from '../../credit/add-credit.js'
import { creditBalance } from '../../credit/credit.js'
import { taxSettings } from '../../tax/tax-settings.js'
import { closeEndedMonths } from '../../usage/close-month.js'
import { createCreditNote, type NewCreditNote } from './create-credit-note.js'
import { CreditNote, CreditNoteLine } from './credit-note.js'
import { draftInvoice } from '../draft-invoice.js'
import { InvoiceLine } from '../invoice-line.js'
import { Invoice } from '../invoice.js'
import { issueInvoice } from '../issue-invoice.js'
import { settleInvoicePayment } from '../settle-invoice-payment.js'
import { statementOf } from '../statements/statement.js'
import { invoiceTerms } from '../terms.js'
import { voidAndReissue } from '../void-and-reissue.js'
import { voidInvoice } from '../void-invoice.js'
import { writeOff } from '../write-off.js'

const NOON = new Date('2026-11-05T12:00:00.000Z')
const events = async (): Promise<string[]> => (await tenantDb()('events').orderBy('id').pluck('type')) as string[]
const again = (invoice: Invoice): Promise<Invoice> => Invoice.findOwned({ id: invoice.id })
let keys = 0
const note = (invoice: Invoice, lines: NewCreditNote['lines'], to: NewCreditNote['to'], key = `k${++keys}`): Promise<CreditNote> => createCreditNote({ invoice, lines, to, key, reason: 'Outage' })

async function issued(userId: number, amounts: readonly number[], currency = 'USD'): Promise<{ invoice: Invoice; lines: InvoiceLine[] }> {
  const key = `t${++keys}`
  const invoice = await tenantTransaction(async (trx) => issueInvoice((await draftInvoice(trx, {
    businessKey: key, userId, kind: 'manual', currency, lines: amounts.map((amountMinor, i) => ({ businessKey: `${key}:${i}`, kind: 'manual', description: `Part ${i}`, amountMinor, detail: { serviceType: i % 2 ? 'game' : 'vps' } })),
  })).invoice))
  return { invoice, lines: await InvoiceLine.query().where({ invoiceId: invoice.id }).orderBy('sortOrder') }
}
async function pay(invoice: Invoice, amountMinor: number): Promise<void> {
  const { paymentId, gatewayAccountId } = await newPayment(invoice.userId, invoice.id, amountMinor)
  await tenantTransaction((trx) => settleInvoicePayment(trx, { paymentId, invoiceId: invoice.id, gatewayAccountId, amountMinor, currency: invoice.currency, occurredAt: clock.now() }))
}
async function germany(inclusive: boolean): Promise<void> {
  await register('DE')
  await rate('DE', 190_000)
  await taxSettings.write({ ...await taxSettings.read(), pricesInclusive: inclusive, rounding: 'line' })
}

describe('A credit note', () => {
  const world = useBillingWorld()
  beforeEach(() => setClock(NOON))

  it('over a split of three lines with tax in the prices gives back each cent of tax, in several parts', () => world.in(async () => {
    await germany(true)
    const userId = await newCustomer({ country: 'DE' })
    const { invoice, lines } = await issued(userId, [333, 500, 167])
    expect([invoice.totalMinor, invoice.taxMinor, invoice.subtotalMinor]).to.deep.equal([1000, 160, 1000])
    expect(lines.map((l) => [l.netMinor, l.taxMinor])).to.deep.equal([[280, 53], [420, 80], [140, 27]])
    const first = await note(invoice, [{ lineId: lines[0]!.id, amountMinor: 100 }, { lineId: lines[1]!.id, amountMinor: 250 }], 'invoice')
    expect([first.totalMinor, first.taxMinor, first.number]).to.deep.equal([350, 56, 'CN-2026-00001'])
    const second = await note(invoice, [{ lineId: lines[0]!.id, amountMinor: 100 }], 'invoice')
    const last = await note(invoice, 'rest', 'invoice')
    expect(first.taxMinor + second.taxMinor + last.taxMinor).to.equal(160)
    expect(first.totalMinor + second.totalMinor + last.totalMinor).to.equal(1000)
    expect(await balances()).to.deep.equal({})
    expect(await auditTenant()).to.deep.equal([])
    expect((await CreditNoteLine.query().where({ invoiceLineId: lines[0]!.id })).reduce((sum, l) => sum + l.netMinor, 0)).to.equal(280)
  }))

  it('never takes back more than is left of a line or of the invoice, also when ten come at once', async () => {
    const { invoice, lineId } = await world.in(async () => {
      const made = await issued(await newCustomer(), [1000])
      await pay(made.invoice, 1000)
      expect(await codeOf(note(made.invoice, [{ lineId: made.lines[0]!.id, amountMinor: 1001 }], 'balance'))).to.equal('credit-note.too-much')
      expect(await codeOf(note(made.invoice, [{ lineId: 999_999, amountMinor: 1 }], 'balance'))).to.equal('credit-note.line')
      return { invoice: made.invoice, lineId: made.lines[0]!.id }
    })
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => world.in(() => codeOf(note(invoice, [{ lineId, amountMinor: 300 }], 'balance')))))
    expect(outcomes.sort()).to.deep.equal([...Array<string>(7).fill('credit-note.too-much'), 'done', 'done', 'done'])
    await world.in(async () => {
      expect((await creditBalance(invoice.userId, 'USD')).minor).to.equal(900)
      expect((await CreditNote.query().orderBy('id')).map((n) => n.number)).to.deep.equal(['CN-2026-00001', 'CN-2026-00002', 'CN-2026-00003'])
      expect(await auditTenant()).to.deep.equal([])
    })
  })

  it('that repeats its key is the same note', () => world.in(async () => {
    const { invoice } = await issued(await newCustomer(), [1000])
    const [a, b] = [await note(invoice, 'rest', 'invoice', 'same'), await note(invoice, 'rest', 'invoice', 'same')]
    expect(b.id).to.equal(a.id)
    expect(await CreditNote.query().resultSize()).to.equal(1)
  }))

  it('closes an unpaid invoice without saying that it was paid, so that nothing starts', () => world.in(async () => {
    const { invoice } = await issued(await newCustomer(), [700, 300])
    await note(invoice, 'rest', 'invoice')
    expect((await again(invoice)).status).to.equal('paid')
    expect(await events()).to.include('invoice.credited').and.not.include('invoice.paid')
    const partly = await issued(invoice.userId, [1000])
    await pay(partly.invoice, 600)
    await note(partly.invoice, [{ lineId: partly.lines[0]!.id, amountMinor: 400 }], 'invoice')
    expect((await events()).filter((type) => type === 'invoice.paid')).to.have.length(1)
  }))

  it('gives money only for what was paid, and takes off only what is open', () => world.in(async () => {
    const { invoice, lines } = await issued(await newCustomer(), [1000])
    const part = (amountMinor: number) => [{ lineId: lines[0]!.id, amountMinor }]
    expect(await codeOf(note(invoice, part(1), 'balance'))).to.equal('credit-note.unpaid')
    await pay(invoice, 600)
    expect(await codeOf(note(invoice, part(601), 'balance'))).to.equal('credit-note.unpaid')
    expect(await codeOf(note(invoice, part(401), 'invoice'))).to.equal('credit-note.paid')
    const { paymentId } = await newPayment(invoice.userId, invoice.id, 400, 'processing')
    expect(await codeOf(note(invoice, part(10), 'invoice'))).to.equal('invoice.being-paid')
    await tenantDb()('payment_allocations').where({ payment_id: paymentId }).update({ is_open: 0 })
    await note(invoice, part(600), 'balance')
    // The credit paid what was still open, at once.
    expect([(await again(invoice)).balance.minor, (await creditBalance(invoice.userId, 'USD')).minor]).to.deep.equal([0, 200])
    const draft = await tenantTransaction((trx) => draftInvoice(trx, { businessKey: 'd', userId: invoice.userId, kind: 'manual', currency: 'USD', lines: [] }))
    expect(await codeOf(note(draft.invoice, 'rest', 'invoice'))).to.equal('invoice.not-issued')
  }))

  it('counts in yen and in thousandths of a dinar as in cents', () => world.in(async () => {
    await germany(false)
    for (const [currency, amount, taxMinor] of [['JPY', 1001, 190], ['KWD', 12_345, 2346]] as const) {
      const { invoice, lines } = await issued(await newCustomer({ country: 'DE', currency }), [amount], currency)
      expect([invoice.taxMinor, invoice.totalMinor], currency).to.deep.equal([taxMinor, amount + taxMinor])
      const first = await note(invoice, [{ lineId: lines[0]!.id, amountMinor: 333 }], 'invoice')
      const rest = await note(invoice, 'rest', 'invoice')
      expect([first.taxMinor + rest.taxMinor, first.netMinor + rest.netMinor]).to.deep.equal([taxMinor, amount])
    }
    expect(await auditTenant()).to.deep.equal([])
  }))
})

describe('Invoices that change their mind', () => {
  const world = useBillingWorld()
  beforeEach(() => setClock(NOON))

  it('are voided and issued anew with the same keys, and no number is missing', () => world.in(async () => {
    const userId = await newCustomer()
    const planId = (await newService(userId)) && (await tenantDb()('plans').first<{ id: number }>('id')).id
    const subscriptionId = await insertRow('subscriptions', {
      public_id: 'a'.repeat(20), user_id: userId, plan_id: planId, status: 'active', billing_cycle: 'monthly', currency: 'USD', selection: '{}', items: '[]', amount_minor: 1000, anchor_day: 1, started_on: '2026-11-01', time_zone: 'UTC', anchored_at: NOON, created_at: NOON, updated_at: NOON,
    })
    const period = { start: new Date('2026-12-01T00:00:00Z'), end: new Date('2027-01-01T00:00:00Z') }
    const line = { businessKey: `sub:${subscriptionId}:recurring:x`, kind: 'recurring', subscriptionId, description: 'December', amountMinor: 1000, period } as const
    const facts = { businessKey: `renewal:${userId}:USD:2026-12-01`, userId, kind: 'renewal', currency: 'USD', lines: [line], dueAt: period.start } as const
    const first = await tenantTransaction(async (trx) => issueInvoice((await draftInvoice(trx, facts)).invoice))
    expect(first.collectAt).to.deep.equal(period.start)
    expect(await codeOf(tenantTransaction((trx) => draftInvoice(trx, { ...facts, businessKey: 'other', lines: [{ ...line, businessKey: 'other:1' }] })))).to.contain('UniqueViolation')
    await addCredit({ userId, amount: usd(300), key: 'gift', description: 'Gift' })
    const { voided, invoice } = await voidAndReissue(first, { lines: [{ ...line, amountMinor: 1500 }] }, { reason: 'Upgrade before payment' })
    expect([voided.status, voided.number, voided.closingReason]).to.deep.equal(['void', 'INV-2026-00001', 'Upgrade before payment'])
    expect([invoice.number, invoice.businessKey, invoice.totalMinor, invoice.balance.minor, invoice.replacesId]).to.deep.equal(['INV-2026-00002', facts.businessKey, 1500, 1200, first.id])
    expect(invoice.dueAt).to.deep.equal(period.start)
    const third = (await voidAndReissue(invoice)).invoice
    expect([third.number, third.totalMinor, third.balance.minor]).to.deep.equal(['INV-2026-00003', 1500, 1200])
    expect(await auditTenant()).to.deep.equal([])
  }))

  it('take their metered use along when they are issued anew', () => world.in(async () => {
    setClock('2026-12-01T02:00:00.000Z')
    const userId = await newCustomer()
    await newRun(await newService(userId, 'box', 600_000), '2026-11-05T10:00:00Z', '2026-11-05T12:00:00Z')
    const [old] = await closeEndedMonths(userId)
    const { invoice } = await voidAndReissue(old!)
    expect([invoice.totalMinor, (await tenantDb()('kasm_billed_slices').pluck('invoice_id') as number[])[0]]).to.deep.equal([120, invoice.id])
    expect(await closeEndedMonths(userId)).to.deep.equal([])
    expect(await auditTenant()).to.deep.equal([])
  }))

  it('cannot be voided once something was paid, and give credit back that was spent on them', () => world.in(async () => {
    const userId = await newCustomer()
    await addCredit({ userId, amount: usd(400), key: 'gift', description: 'Gift' })
    const { invoice } = await issued(userId, [1000])
    expect(invoice.creditedMinor).to.equal(400)
    await voidInvoice(invoice)
    expect((await creditBalance(userId, 'USD')).minor).to.equal(400)
    const { invoice: other } = await issued(userId, [1000])
    await pay(other, 1)
    expect(await codeOf(voidInvoice(other))).to.equal('invoice.partly-paid')
    expect(await auditTenant()).to.deep.equal([])
  }))

  it('that were given up can still be paid, in parts, and the loss is taken back', () => world.in(async () => {
    const { invoice } = await issued(await newCustomer(), [1000])
    await writeOff(invoice, { reason: 'Bankrupt' })
    expect(await balances()).to.deep.equal({ 'revenue:vps': -1000, 'write-offs': 1000 })
    expect(await codeOf(writeOff(await again(invoice)))).to.equal('invoice.not-open')
    await pay(invoice, 400)
    expect(await again(invoice)).to.include({ status: 'uncollectible', paidMinor: 400 })
    expect(await auditTenant()).to.deep.equal([])
    await pay(invoice, 600)
    expect((await again(invoice)).status).to.equal('paid')
    const after = await balances()
    expect([after['write-offs'], after['receivable'], after['revenue:vps']]).to.deep.equal([undefined, undefined, -1000])
    expect(await events()).to.include.members(['invoice.written-off', 'invoice.paid'])
    expect(await auditTenant()).to.deep.equal([])
  }))

  it('that come to less than nothing become credit, which pays what is open', () => world.in(async () => {
    const userId = await newCustomer()
    const { invoice: open } = await issued(userId, [300])
    const { invoice } = await issued(userId, [200, -1000])
    expect(invoice).to.include({ status: 'paid', totalMinor: -800, creditedMinor: -800 })
    expect([(await again(open)).status, (await creditBalance(userId, 'USD')).minor]).to.deep.equal(['paid', 500])
    expect(await auditTenant()).to.deep.equal([])
  }))

  it('spend credit that comes twice, also after they took over another one', () => world.in(async () => {
    const userId = await newCustomer()
    const { invoice } = await issued(userId, [1000])
    await addCredit({ userId, amount: usd(200), key: 'a', description: 'A' })
    await Invoice.query().patch({ creditedMinor: 0, totalMinor: 800 }).where({ id: invoice.id })
    await addCredit({ userId, amount: usd(100), key: 'b', description: 'B' })
    expect([(await again(invoice)).creditedMinor, (await creditBalance(userId, 'USD')).minor]).to.deep.equal([100, 0])
  }))

  it('are proforma until they are paid where the shop wants it, and no number is lost by those that never are', () => world.in(async () => {
    await invoiceTerms.write({ days: 14, proforma: true })
    const userId = await newCustomer()
    const order = async (): Promise<Invoice> => tenantTransaction(async (trx) => issueInvoice((await draftInvoice(trx, { businessKey: `o${++keys}`, userId, kind: 'order', currency: 'USD', lines: [{ businessKey: `ol${keys}`, kind: 'setup', description: 'Setup', amountMinor: 500 }] })).invoice))
    const [left, paid] = [await order(), await order()]
    expect([left.number, left.label, paid.label, paid.isProforma]).to.deep.equal([null, 'PRO-2026-00001', 'PRO-2026-00002', true])
    expect(left.dueAt).to.deep.equal(new Date('2026-11-19T12:00:00Z'))
    expect([await codeOf(note(left, 'rest', 'invoice')), await codeOf(writeOff(left))]).to.deep.equal(['invoice.proforma', 'invoice.proforma'])
    await voidInvoice(left)
    setClock('2026-11-07T12:00:00Z')
    await pay(paid, 500)
    expect(await again(paid)).to.deep.include({ number: 'INV-2026-00001', proformaNumber: 'PRO-2026-00002', issuedAt: new Date('2026-11-07T12:00:00Z') })
    expect((await issued(userId, [100])).invoice.number).to.equal('INV-2026-00002')
    expect(await auditTenant()).to.deep.equal([])
  }))

  it('make a statement that opens, lists and closes with the ledger', () => world.in(async () => {
    const userId = await newCustomer()
    setClock('2026-10-20T00:00:00Z')
    const { invoice: old } = await issued(userId, [500])
    setClock('2026-11-02T00:00:00Z')
    await pay(old, 500)
    const { invoice, lines } = await issued(userId, [1000])
    await addCredit({ userId, amount: usd(300), key: 'gift', description: 'Gift' })
    await note(invoice, [{ lineId: lines[0]!.id, amountMinor: 50 }], 'invoice')
    await voidInvoice((await issued(userId, [70])).invoice)
    const span = { start: new Date('2026-11-01T00:00:00Z'), end: new Date('2026-12-01T00:00:00Z') }
    const statement = await statementOf(userId, 'USD', span)
    expect(statement.opening.minor).to.equal(500)
    expect(statement.entries.map((e) => [e.text, e.document, e.amount.minor])).to.deep.equal([
      ['Payment received', 'INV-2026-00001', -500], ['Invoice issued', 'INV-2026-00002', 1000], ['Gift', null, -300], ['Credit note', 'CN-2026-00001', -50], ['Invoice issued', 'INV-2026-00003', 70], ['Invoice voided', 'INV-2026-00003', -70],
    ])
    const now = await tenantDb()('ledger_accounts').where({ user_id: userId }).sum({ sum: 'balance_minor' }).first<{ sum: string }>()
    expect([statement.closing.minor, Number(now.sum), statement.entries.at(-1)!.balance.minor]).to.deep.equal([650, 650, 650])
    expect((await statementOf(userId, 'USD', { start: span.end, end: new Date('2027-01-01T00:00:00Z') })).opening.minor).to.equal(650)
  }))
})
