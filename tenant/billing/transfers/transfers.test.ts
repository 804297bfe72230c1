import { expect } from 'chai'
import { balances, newCustomer, newInvoice, usd, useBillingWorld } from '../../scenarios/billing-world.js'
import { runAsPlatform } from '../../../shared/tenancy/context.js'
import { codeOf } from '../../../shared/testing/code-of.js'
import { setClock } from '../../../shared/testing/world.js'
import { auditTenant } from '../audit.js'
import { creditBalance } from '../credit/credit.js'
import { createCreditNote } from '../invoices/credit-notes/create-credit-note.js'
import { Invoice } from '../invoices/invoice.js'
import { InvoiceLine } from '../invoices/invoice-line.js'
import { refundPayment } from '../payments/refunds/refund-payment.js'
import { ibanFault } from './bank-details.js'
import { BankTransfer } from './bank-transfer.js'
import { matchTransfer, type TransferPart } from './match-transfer.js'
import { amountOrWhy, readAmount } from './read-amount.js'
import { readDate, readStatement } from './read-statement.js'
import { recordTransfer } from './record-transfer.js'
import { suggest } from './suggest-matches.js'
import { undoMatch } from './undo-match.js'
import '../../timetable.js'

describe('An amount on a bank’s statement', () => {
  const read = (text: string, currency: string): string | undefined => readAmount(text, currency)?.toString()
  it('has thousands in threes, and three decimals where the currency has three', () => {
    expect(['1.250', '1,234.500', '12.5', '1.250.000', '1,250,000', '12'].map((text) => read(text, 'KWD'))).to.deep.equal(['1.250', '1234.500', '12.500', '1250000.000', '1250000.000', '12.000'])
    expect(['1.250', '1,250', '1.250,75', '12,50', '1234.5', '-3.00'].map((text) => read(text, 'USD'))).to.deep.equal(['1250.00', '1250.00', '1250.75', '12.50', '1234.50', '-3.00'])
    expect(['1.250', '12,500', '12.5'].map((text) => read(text, 'JPY'))).to.deep.equal(['1250', '12500', undefined])
  })
  it('that may mean two amounts is not guessed', () => {
    expect(amountOrWhy('12,500', 'KWD')).to.contain('may be two amounts')
    for (const wrong of ['1.2.3', '12,34,567', '1,23.45', '1.234.56', 'abc', '']) expect(amountOrWhy(wrong, 'USD'), wrong).to.contain('is not an amount')
  })
  it('of another currency is none of ours, by code or by sign', () => {
    expect([read('USD 100.00', 'USD'), read('100.00 USD', 'USD'), read('$100.00', 'USD'), read('€ 100,00', 'EUR')]).to.deep.equal(['100.00', '100.00', '100.00', '100.00'])
    expect(amountOrWhy('GBP 100.00', 'USD')).to.equal('"GBP 100.00" is in GBP, not in USD.')
    for (const wrong of ['€100.00', '£100.00']) expect(amountOrWhy(wrong, 'USD')).to.contain('is not in USD')
  })
  it('is skipped with a reason when a column or a heading says another currency', () => {
    const { lines, skipped } = readStatement('date,amount,currency,name,reference\n2026-11-05,"100,00",EUR,A,x\n2026-11-06,5.00,usd,B,y\n2026-11-07,6.00,,C,z', 'USD')
    expect(lines.map((l) => [l.amountMinor, l.payer])).to.deep.equal([[500, 'B'], [600, 'C']])
    expect(skipped).to.deep.equal([{ line: 2, why: 'This line is in EUR, the account in USD.' }])
    expect(readStatement('Datum;Betrag (EUR);Name;Verwendungszweck\n05.11.2026;10,00;A;x', 'USD').skipped[0]!.why).to.equal('This line is in EUR, the account in USD.')
  })
})

describe('A bank’s statement', () => {
  it('is read with any separator, order of columns, quotes, dates and amounts', () => {
    const german = 'Buchungstag;Verwendungszweck;Auftraggeber;Betrag\n05.11.2026;"RE INV-2026-00007; danke";"Müller ""Mü"" GmbH";1.234,56\n5.1.26;;X;12'
    expect(readStatement(german, 'EUR').lines.map(({ key: _key, ...l }) => l)).to.deep.equal([
      { line: 2, receivedOn: '2026-11-05', amountMinor: 123_456, payer: 'Müller "Mü" GmbH', reference: 'RE INV-2026-00007; danke' }, { line: 3, receivedOn: '2026-01-05', amountMinor: 1200, payer: 'X', reference: '' },
    ])
    expect(readStatement('amount,payer,date,reference\n"1,234.56",A,2026-11-05,x', 'USD').lines[0]).to.include({ amountMinor: 123_456 })
    expect(() => readStatement('a;b\n1;2', 'USD')).to.throw(RangeError, 'none for the date')
  })
  it('knows amounts and days, and what is neither', () => {
    const amounts: Array<[string, number | null]> = [['1,234.56', 123_456], ['1.234,56', 123_456], ['1.234', 123_400], ['12,5', 1250], ['12.345', 1_234_500], ['€ 9,99', 999], ['+7', 700], ['-3,00', -300], ['abc', null], ['', null]]
    for (const [text, minor] of amounts) expect(readAmount(text, 'EUR')?.minor ?? null, text).to.equal(minor)
    expect(['2026-02-30', '31.02.2026', '2026-2-1', '1/2/2026', ''].map(readDate)).to.deep.equal([null, null, null, '2026-02-01', null])
  })
  it('counts two equal lines as two, and the same statement again as none', () => {
    const text = 'date,amount,name,reference\n2026-11-05,5,A,x\n2026-11-05,5,A,x'
    const [first, again] = [readStatement(text, 'USD').lines.map((l) => l.key), readStatement(text, 'USD').lines.map((l) => l.key)]
    expect(new Set(first).size).to.equal(2)
    expect(again).to.deep.equal(first)
  })
  it('is told from a mistyped IBAN', () => {
    expect(['DE89 3704 0044 0532 0130 00', 'GB82 WEST 1234 5698 7654 32', '123-456 789'].map(ibanFault)).to.deep.equal([null, null, null])
    expect(ibanFault('DE88 3704 0044 0532 0130 00')).to.include('check digits')
  })
})

describe('Whose transfer it is', () => {
  const candidates = [
    { invoiceId: 1, label: 'INV-2026-00001', balanceMinor: 1000, names: ['Ada Lovelace', ''] }, { invoiceId: 2, label: 'INV-2026-00002', balanceMinor: 2500, names: ['Bob', 'Bob Ltd.'] }, { invoiceId: 3, label: 'INV-2026-00003', balanceMinor: 2500, names: ['Cay Long', ''] },
  ]
  it('is guessed by number first, then by amount, then by name', () => {
    const of = (reference: string, amountMinor: number, payer: string) => suggest({ reference, amountMinor, payer }, candidates).map((s) => [s.invoiceId, s.why])
    expect(of('inv 2026 00001 thanks', 2500, 'Cay Long')).to.deep.equal([[1, 'Number in the reference'], [3, 'Same amount, same name'], [2, 'Same amount']])
    expect(of('', 1, 'LOVELACE ADA')).to.deep.equal([])
    expect(of('', 1, 'Ada Lovelace and sons')).to.deep.equal([[1, 'Same name']])
  })
})

describe('A bank transfer', () => {
  const world = useBillingWorld()
  beforeEach(() => setClock('2026-11-10T09:00:00Z'))
  let key = 0
  const arrived = async (amountMinor: number): Promise<BankTransfer> => (await recordTransfer({ key: `t${key++}`, receivedOn: '2026-11-09', amountMinor, currency: 'USD', payer: 'Ada', reference: 'x' })).transfer
  const part = (invoice: Invoice, minor: number): TransferPart => ({ invoiceId: invoice.id, amount: usd(minor) })
  const status = async (invoice: Invoice): Promise<string> => (await Invoice.findOwned<Invoice>({ id: invoice.id })).status

  it('pays invoices of two customers and leaves the rest as credit, to the cent', () => world.in(async () => {
    const [ada, bob] = [await newCustomer(), await newCustomer()]
    const [a1, a2, b1] = [await newInvoice(ada, 1000), await newInvoice(ada, 700), await newInvoice(bob, 900)]
    const transfer = await arrived(3000)
    await matchTransfer(transfer, [part(a1, 1000), part(a2, 500), part(b1, 900), { userId: bob, amount: usd(600) }])
    expect(await Promise.all([a1, a2, b1].map(status))).to.deep.equal(['paid', 'open', 'paid'])
    expect((await Invoice.findOwned<Invoice>({ id: a2.id })).balance.minor).to.equal(200)
    expect((await creditBalance(bob, 'USD')).minor).to.equal(600)
    expect(await balances()).to.include({ cash: 3000, 'revenue:other': -2600 })
    expect((await BankTransfer.findOwned<BankTransfer>({ id: transfer.id })).status).to.equal('matched')
    expect(await auditTenant()).to.deep.equal([])
  }))

  it('is never spent twice: of ten people who match it at once, one gets through', async () => {
    const { transfer, invoices } = await world.in(async () => {
      const userId = await newCustomer()
      const invoices: Invoice[] = []
      for (let i = 0; i < 10; i++) invoices.push(await newInvoice(userId, 800))
      return { transfer: await arrived(1000), invoices }
    })
    const codes = await Promise.all(invoices.map((invoice) => runAsPlatform(() => world.in(() => codeOf(matchTransfer(transfer, [part(invoice, 800)]))))))
    expect(codes.filter((c) => c === 'done')).to.have.length(1)
    expect(codes.filter((c) => c === 'transfer.too-much')).to.have.length(9)
    await world.in(async () => expect(await auditTenant()).to.deep.equal([]))
  })

  it('that was matched by mistake is taken back by reversing entries, and matched anew', () => world.in(async () => {
    const [ada, bob] = [await newCustomer(), await newCustomer()]
    const [wrong, right] = [await newInvoice(ada, 1000), await newInvoice(bob, 1500)]
    const transfer = await arrived(1500)
    const [payment] = await matchTransfer(transfer, [part(wrong, 1000), { userId: ada, invoiceId: null, amount: usd(500) }])
    await undoMatch(payment!, 'Not hers')
    expect([await status(wrong), (await creditBalance(ada, 'USD')).minor]).to.deep.equal(['open', 0])
    expect(await codeOf(undoMatch(payment!, 'again'))).to.equal('transfer.not-matched')
    await matchTransfer(transfer, [part(right, 1500)])
    expect([await status(wrong), await status(right)]).to.deep.equal(['open', 'paid'])
    expect(await auditTenant()).to.deep.equal([])
  }))

  it('cannot be taken back when a credit note has given back what it paid; a note that leaves enough does not matter', () => world.in(async () => {
    const ada = await newCustomer()
    const invoice = await newInvoice(ada, 1000)
    const [first, second] = [await matchTransfer(await arrived(400), [part(invoice, 400)]), await matchTransfer(await arrived(600), [part(invoice, 600)])]
    const [line] = await InvoiceLine.query().where({ invoiceId: invoice.id })
    await createCreditNote({ invoice: await Invoice.findOwned<Invoice>({ id: invoice.id }), lines: [{ lineId: line!.id, amountMinor: 401 }], reason: 'x', to: 'balance', key: 'n1' })
    expect(await codeOf(undoMatch(second[0]!, 'oops'))).to.equal('transfer.credited')
    expect(await auditTenant()).to.deep.equal([])
    expect(await codeOf(undoMatch(first[0]!, 'oops'))).to.equal('done')
    expect(await auditTenant()).to.deep.equal([])
  }))

  it('cannot be taken back when its credit is spent or it was refunded', () => world.in(async () => {
    const ada = await newCustomer()
    const [spent] = await matchTransfer(await arrived(500), [{ userId: ada, invoiceId: null, amount: usd(500) }])
    await newInvoice(ada, 400)
    expect(await codeOf(undoMatch(spent!, 'oops'))).to.equal('transfer.credit-spent')
    const invoice = await newInvoice(ada, 1000)
    const [paid] = await matchTransfer(await arrived(1000), [part(invoice, 900)])
    const refund = await refundPayment({ payment: paid!, amount: usd(100), to: 'source', reason: 'Too much', key: 'r' })
    expect(refund.status).to.equal('succeeded')
    expect(await codeOf(undoMatch(paid!, 'oops'))).to.equal('transfer.refunded')
    expect(await auditTenant()).to.deep.equal([])
  }))
})
