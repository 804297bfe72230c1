import { expect } from 'chai'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { StripeSimulator } from '../../../shared/simulators/stripe/server.js'
import type { Browser } from '../../../shared/testing/browser.js'
import { auditTenant } from '../../../tenant/billing/audit.js'
import { addCredit } from '../../../tenant/billing/credit/add-credit.js'
import { openCase } from '../../../tenant/billing/dunning/run-dunning.js'
import { Invoice } from '../../../tenant/billing/invoices/invoice.js'
import { chargeInvoice } from '../../../tenant/billing/payments/charge-invoice.js'
import { Payment } from '../../../tenant/billing/payments/payment.js'
import { AuditFinding } from '../../../tenant/billing/reconcile/audit-finding.js'
import { storeFindings } from '../../../tenant/billing/reconcile/store-findings.js'
import { BankTransfer } from '../../../tenant/billing/transfers/bank-transfer.js'
import { Customer } from '../../../tenant/customers/customer.js'
import { newCustomer, newInvoice, usd } from '../../../tenant/scenarios/billing-world.js'
import { connectShop, saveCard } from '../../../tenant/testing/payment-world.js'
import { hidden as onPage, useDesk, words } from '../../testing/desk-world.js'

describe('The desk of money', function () {
  this.timeout(60_000)
  const { inAcme: at, ...desk } = useDesk()
  const by: Record<string, Browser> = {}
  let stripe: StripeSimulator
  const owner = (): Browser => by['owner']!
  const hidden = (name: string): string => onPage(owner().last!.body, name)

  before(async () => {
    stripe = await StripeSimulator.start({})
    Object.assign(by, { owner: await desk.member('acme'), globex: await desk.member('globex'), staff: await desk.staff() })
    await at(() => connectShop(stripe, 'acme').then(() => undefined))
  })
  after(() => stripe.stop())

  /** A customer who has paid $20.00 by card, owes $10.00 and holds $3.00. */
  const business = (): Promise<{ customer: Customer; payment: Payment; open: Invoice }> => at(async () => {
    const customer = await Customer.findOwned<Customer>({ id: await newCustomer({ name: 'Ada Lovelace' }) })
    const card = await saveCard(stripe, customer)
    const paid = await newInvoice(customer.id, 2000)
    await chargeInvoice(paid, { method: card, offSession: false })
    const open = await newInvoice(customer.id, 1000)
    return { customer, payment: (await Payment.query().where({ userId: customer.id }).first())!, open: await Invoice.query().patchAndFetchById(open.id, { dueAt: new Date(Date.now() - 86_400_000) }) }
  })

  it('shows every page to the owner and to staff, empty and filled, and nothing of it to another shop', async () => {
    const empty = ['/payments', '/payments.csv', '/refunds', '/refunds.csv', '/transfers', '/transfers.csv', '/transfers/new', '/transfers/import', '/transfers/settings', '/dunning', '/dunning/rules', '/dunning/letters', '/ledger', '/ledger.csv', '/findings']
    const visit = async (paths: string[]): Promise<void> => {
      for (const [name, base] of [['owner', '/reseller'], ['staff', '/tenants/acme']] as const) for (const path of paths) expect((await by[name]!.get(`${base}${path}`)).status, `${base}${path}`).to.equal(200)
    }
    await visit(empty)
    const { customer, payment, open } = await business()
    await at(() => openCase(open))
    const dunning = await at(async () => (await tenantDb()('dunning_cases').first<{ public_id: string }>('public_id')).public_id)
    await visit([...empty, `/payments/${payment.publicId}`, `/payments/${payment.publicId}/refund`, `/dunning/${dunning}`, `/dunning/${dunning}/pause`, `/dunning/${dunning}/exemption`, `/dunning/${dunning}/forgiveness`, `/dunning/${dunning}/skip?step=warn`, `/ledger/customers/${customer.publicId}`, `/ledger/customers/${customer.publicId}.csv`])
    for (const path of [`/payments/${payment.publicId}`, `/dunning/${dunning}`, `/ledger/customers/${customer.publicId}`]) expect((await by['globex']!.get(`/reseller${path}`)).status).to.equal(404)
    expect(words((await owner().get('/reseller/payments')).body)).to.include('$20.00').and.to.include('Visa ending 4242')
  })

  it('refunds after showing what will happen, once however often the button is pressed', async () => {
    const { payment } = await business()
    await owner().get(`/reseller/payments/${payment.publicId}/refund`)
    const fields = { amount: '7.50', to: 'source', reason: 'Too slow', formKey: hidden('formKey') }
    expect((await owner().post(`/reseller/payments/${payment.publicId}/refund`, { ...fields, amount: '20.01' })).status).to.equal(422)
    const preview = await owner().post(`/reseller/payments/${payment.publicId}/refund`, fields)
    expect(words(preview.body)).to.include('Refund $7.50?').and.to.include('$12.50 of this payment can be refunded afterwards')
    for (let again = 0; again < 2; again++) expect((await owner().post(`/reseller/payments/${payment.publicId}/refund`, { ...fields, confirmed: 'yes' })).status).to.equal(303)
    const page = words((await owner().follow()).body)
    expect(page).to.include('The refund is done').and.to.include('$12.50')
    expect(stripe.account('acme').all('refund').filter((r) => r.payment_intent === payment.gatewayPaymentId).map((r) => r.amount)).to.deep.equal([750])
  })

  it('reads a statement, proposes whose money it is, books it split, and takes it back', async () => {
    const { customer, open } = await business()
    const statement = `Booking date;Amount;Name;Purpose\n05.11.2026;17,50;Ada Lovelace;${open.label} thanks\n06.11.2026;-5,00;Bank;Fee\nsoon;1,00;X;Y`
    await owner().get('/reseller/transfers/import')
    const preview = words((await owner().post('/reseller/transfers/import', { statement })).body)
    expect(preview).to.include('1 new transfer over $17.50')
    for (const part of ['No money came in.', 'is not a day']) expect(preview).to.include(part)
    for (const said of ['1 transfer is recorded.', '0 transfers are recorded.']) {
      await owner().post('/reseller/transfers/import', { statement, confirmed: 'yes' })
      expect(words((await owner().follow()).body)).to.include(said)
    }
    const transfer = await at(() => BankTransfer.query().first().then((t) => t!))
    const shown = await owner().get(`/reseller/transfers/${transfer.publicId}`)
    expect(words(shown.body)).to.include('received 2026-11-05').and.to.include('Number in the reference, same name')
    expect(shown.body).to.include('value="10.00"')
    expect((await owner().post(`/reseller/transfers/${transfer.publicId}/matches`, { invoice: open.publicId, amount: '10.00', email: customer.email, creditAmount: '7.51' })).status).to.equal(409)
    await owner().post(`/reseller/transfers/${transfer.publicId}/matches`, { invoice: open.publicId, amount: '10.00', email: customer.email, creditAmount: '7.50' })
    expect(words((await owner().follow()).body)).to.include('Booked. The customer gets a receipt.').and.to.include('Matched')
    const payment = await at(() => Payment.query().findOne({ bankTransferId: transfer.id }).then((p) => p!))
    expect((await at(() => Invoice.findOwned<Invoice>({ id: open.id }))).status).to.equal('paid')
    const undo = `/reseller/transfers/${transfer.publicId}/matches/${payment.publicId}/undo`
    expect((await owner().get(undo)).status).to.equal(200)
    expect((await owner().post(undo, { reason: 'Wrong Ada' })).status).to.equal(303)
    expect((await at(() => Invoice.findOwned<Invoice>({ id: open.id }))).status).to.equal('open')
    expect(await at(auditTenant)).to.deep.equal([])
  })

  it('keeps rules and letters of dunning, and says what is wrong with them', async () => {
    await owner().get('/reseller/dunning/rules')
    const good = { _method: 'put', reminders: '-3, 0, 5', warn: '6', suspend: '9', terminate: '', graceDays: '2', retry: 'on', hourlyLimit: '25.00', types: 'game: 2, 4, -' }
    for (const bad of [{ reminders: 'soon' }, { warn: '9' }, { types: 'game 2 4' }, { hourlyLimit: '-1' }, { graceDays: '0' }]) expect((await owner().post('/reseller/dunning/rules', { ...good, ...bad })).status, JSON.stringify(bad)).to.equal(422)
    expect(owner().last!.body).to.include('value="-3, 0, 5"')
    expect((await owner().post('/reseller/dunning/rules', good)).status).to.equal(303)
    expect((await owner().follow()).body).to.include('game: 2, 4, -')
    await owner().get('/reseller/dunning/letters')
    const letters = Object.fromEntries(['before', 'overdue', 'warning', 'suspended', 'terminated'].flatMap((n) => [[`${n}Subject`, 'Pay {{amount}}'], [`${n}Body`, 'Hello {{name}}']]))
    expect((await owner().post('/reseller/dunning/letters', { _method: 'put', ...letters, overdueBody: '{{constructor}}' })).status).to.equal(422)
    expect((await owner().post('/reseller/dunning/letters', { _method: 'put', ...letters })).status).to.equal(303)
  })

  it('adds the ledger up for any day, and gives every balance of a customer', async () => {
    const { customer } = await business()
    await at(() => addCredit({ userId: customer.id, amount: usd(1300), key: `gift:${customer.id}`, description: 'Gift' }).then(() => undefined))
    const page = words((await owner().get(`/reseller/ledger/customers/${customer.publicId}`)).body)
    expect(page).to.include('Holds as credit $3.00')
    expect(words((await owner().get(`/reseller/ledger/customers/${customer.publicId}?day=2020-01-01`)).body)).to.include('Nothing was booked')
    expect((await owner().get('/reseller/ledger')).body).not.to.include('off balance')
    expect((await owner().get('/reseller/ledger?day=yesterday')).status).to.equal(400)
  })

  it('lists findings until they are explained or gone', async () => {
    const found = [{ check: 'gateway.amount', subject: 'payment x', message: 'We booked 1 USD, Stripe lists 2 USD.' }]
    await at(() => storeFindings(found, (c) => c.startsWith('gateway.'), new Date()).then(() => undefined))
    const finding = await at(() => AuditFinding.query().findOne({ subject: 'payment x' }).then((f) => f!))
    await owner().get(`/reseller/findings/${finding.publicId}`)
    expect((await owner().post(`/reseller/findings/${finding.publicId}/note`, { _method: 'put', note: 'x' })).status).to.equal(422)
    expect((await owner().post(`/reseller/findings/${finding.publicId}/note`, { _method: 'put', note: 'A fee of the gateway' })).status).to.equal(303)
    expect(words((await owner().get('/reseller/findings')).body)).not.to.include('payment x')
    expect(words((await owner().get('/reseller/findings?show=explained')).body)).to.include('A fee of the gateway')
    await owner().get('/reseller/findings')
    await owner().post('/reseller/findings/audit')
    expect(words((await owner().follow()).body)).to.include('The books agree everywhere')
  })
})
