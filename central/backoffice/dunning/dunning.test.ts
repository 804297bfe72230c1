import { expect } from 'chai'
import { runDueJobs } from '../../../shared/jobs/run-due-jobs.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { StripeSimulator } from '../../../shared/simulators/stripe/server.js'
import type { Browser } from '../../../shared/testing/browser.js'
import { clock } from '../../../shared/time/clock.js'
import { auditTenant } from '../../../tenant/billing/audit.js'
import { addCredit } from '../../../tenant/billing/credit/add-credit.js'
import { exemptCase, pauseCase } from '../../../tenant/billing/dunning/case-actions.js'
import { DunningCase } from '../../../tenant/billing/dunning/dunning-case.js'
import { openCase } from '../../../tenant/billing/dunning/run-dunning.js'
import { Invoice } from '../../../tenant/billing/invoices/invoice.js'
import { Payment } from '../../../tenant/billing/payments/payment.js'
import { Customer } from '../../../tenant/customers/customer.js'
import { newCustomer, newInvoice, usd } from '../../../tenant/scenarios/billing-world.js'
import { connectShop, saveCard } from '../../../tenant/testing/payment-world.js'
import '../../../tenant/timetable.js'
import { hidden, useDesk, words } from '../../testing/desk-world.js'

interface Owed { dunning: DunningCase; invoice: Invoice; customer: Customer }

describe('Many dunning cases at the desk', function () {
  this.timeout(60_000)
  const { inAcme, inShop, member } = useDesk({ at: '2026-11-01T00:00:00Z' })
  const home = '/reseller/dunning'
  let stripe: StripeSimulator
  let browser: Browser

  before(async () => {
    stripe = await StripeSimulator.start({})
    await inAcme(() => connectShop(stripe, 'acme').then(() => undefined))
  })
  beforeEach(async () => {
    clock.set('2026-11-22T12:00:00Z')
    browser = await member('acme')
  })
  after(async () => { clock.set(); await stripe.stop() })

  /** Owes so much since two days, with a saved card where one is named. */
  const owed = (name: string, minor: number, card?: string): Promise<Owed> => inAcme(async () => {
    const customer = await Customer.findOwned<Customer>({ id: await newCustomer({ name, email: `${name.toLowerCase()}@mail.example` }) })
    if (card) await saveCard(stripe, customer, card)
    const made = await newInvoice(customer.id, minor)
    const invoice = await Invoice.query().patchAndFetchById(made.id, { dueAt: new Date('2026-11-20T12:00:00Z') })
    await openCase(invoice)
    return { dunning: (await DunningCase.query().findOne({ invoiceId: invoice.id }))!, invoice, customer }
  })
  const fresh = (o: Owed) => inAcme(async () => (await DunningCase.query().findById(o.dunning.id))!)
  const events = (type: string, o: Owed) => inAcme(async () => Number((await tenantDb()('events').where({ type, subject_id: o.dunning.id }).count({ n: '*' }).first<{ n: number }>()).n))
  const picks = (all: readonly Owed[]): Record<string, string> => Object.fromEntries(all.map((o) => [`pick_${o.dunning.publicId}`, 'on']))
  const preview = async (act: string, all: readonly Owed[], by = browser) => { await by.get(home); return by.post(`${home}/selection`, { act, ...picks(all) }) }
  const confirmed = (act: string, fields: Record<string, string> = {}): Record<string, string> => ({ act, ids: hidden(browser.last!.body, 'ids'), formKey: hidden(browser.last!.body, 'formKey'), ...fields })

  it('are paused until the shop’s own midnight and go on again; the same form twice writes nothing twice', async () => {
    const [a, b, exempt, raced] = [await owed('Ada', 1000), await owed('Bea', 2050), await owed('Cleo', 300), await owed('Dora', 400)]
    await inAcme(() => exemptCase(exempt.dunning, 'A friend'))
    const page = words((await preview('pause', [a, b, exempt, raced])).body)
    expect(page).to.match(/INV\S+ Ada \$10\.00 Overdue|INV\S+ Ada \$10\.00/).and.to.contain('$20.50').and.to.contain('Left alone: It is exempt from dunning. Take that back first.').and.to.contain('Pause 3 cases')
    expect(page).to.contain('Remind, Nov 17, 2026')
    const form = confirmed('pause', { until: '2026-12-01', reason: 'Christmas' })
    for (const until of ['', 'soon', '2026-11-20']) expect((await browser.post(`${home}/selection/acts`, { ...form, until })).status, until).to.equal(422)
    expect(browser.last!.body).to.contain('Choose a day that lies ahead.').and.to.contain('value="Christmas"')
    expect((await fresh(a)).status).to.equal('open')
    await inAcme(async () => { await addCredit({ userId: raced.customer.id, amount: usd(400), key: 'raced', description: 'Paid' }); await (await DunningCase.query().findById(raced.dunning.id))!.become('repaired') })
    for (let again = 0; again < 2; again++) expect(words((await browser.post(`${home}/selection/acts`, form)).body)).to.contain('1 case left alone').and.to.match(/Dora \$0\.00 \S+( \S+)? — Left alone This invoice is settled/)
    const zone = await inAcme(async () => (await fresh(a)).pausedUntil!.toISOString())
    expect([(await fresh(a)).status, (await fresh(b)).reason, zone, await events('dunning.paused', a)]).to.deep.equal(['paused', 'Christmas', '2026-12-01T00:00:00.000Z', 1])
    expect(words((await preview('resume', [a, b, exempt])).body)).to.contain('The exemption ends').and.to.contain('Go on with 3 cases')
    const on = confirmed('resume')
    for (const said of ['All of them are done', '3 cases left alone']) expect(words((await browser.post(`${home}/selection/acts`, on)).body)).to.contain(said)
    expect([(await fresh(a)).status, (await fresh(exempt)).status, await events('dunning.resumed', a), await events('dunning.resumed', exempt)]).to.deep.equal(['open', 'open', 1, 1])
  })

  it('are charged to the saved methods, and each says how it ended; nobody is charged twice', async () => {
    const [good, bad, none, settled] = [await owed('Gil', 1234, 'pm_card_visa'), await owed('Hal', 500, 'pm_card_chargeCustomerFail'), await owed('Ira', 600), await owed('Jo', 700)]
    await inAcme(async () => { await addCredit({ userId: settled.customer.id, amount: usd(700), key: 'settled', description: 'Paid' }).then(() => undefined) })
    const page = words((await preview('retry', [good, bad, none, settled])).body)
    expect(page).to.contain('Visa ending 4242 is charged $12.34').and.to.contain('Nothing to try: no saved method').and.to.contain('Left alone: This invoice is already paid.').and.to.contain('Charge 3 cases')
    const form = confirmed('retry')
    const result = words((await browser.post(`${home}/selection/acts`, form)).body)
    expect(result).to.match(/Gil .{0,60}Paid/).and.to.match(/Hal \$5\.00 .{0,80}Declined/).and.to.match(/Ira .{0,80}Nothing to try/)
    const taken = () => stripe.account('acme').all('payment_intent').filter((p) => p.status === 'succeeded').map((p) => p.amount)
    const tries = () => inAcme(() => Payment.query().where({ userId: bad.customer.id }).resultSize())
    expect([taken(), await tries()]).to.deep.equal([[1234], 1])
    await browser.post(`${home}/selection/acts`, form)
    expect([taken(), await tries()]).to.deep.equal([[1234], 1])
    await runDueJobs()
    expect((await fresh(good)).status).to.equal('repaired')
    const hurried = await owed('Pat', 4242, 'pm_card_visa')
    await preview('retry', [hurried])
    const double = confirmed('retry')
    await Promise.all([browser.post(`${home}/selection/acts`, double), browser.post(`${home}/selection/acts`, double)])
    expect(taken()).to.deep.equal([1234, 4242])
  })

  it('are exempted or written off with the exact loss, once; what was paid meanwhile is left alone', async () => {
    const [waived, lost, paid] = [await owed('Kim', 900), await owed('Lou', 1599), await owed('Mia', 100)]
    await preview('exempt', [waived])
    const waive = confirmed('exempt', { reason: 'Our mistake' })
    for (const said of ['All of them are done', 'It is exempt from dunning']) expect(words((await browser.post(`${home}/selection/acts`, waive)).body)).to.contain(said)
    expect([(await fresh(waived)).status, (await fresh(waived)).reason]).to.deep.equal(['exempt', 'Our mistake'])
    expect(words((await preview('write-off', [lost, paid, waived])).body)).to.contain('$15.99').and.to.contain('Write off 3 cases')
    const form = confirmed('write-off', { reason: 'Gone abroad' })
    await inAcme(() => addCredit({ userId: paid.customer.id, amount: usd(100), key: 'mia', description: 'Paid' }).then(() => undefined))
    expect(words((await browser.post(`${home}/selection/acts`, form)).body)).to.contain('1 case left alone').and.to.match(/Mia .{0,60}Left alone Only an open invoice can be written off/)
    await browser.post(`${home}/selection/acts`, form)
    const entries = await inAcme(async () => tenantDb()('ledger_entries as e').join('ledger_accounts as a', 'a.id', 'e.account_id').where({ 'a.code': 'write-offs', 'e.invoice_id': lost.invoice.id }).pluck('e.amount_minor') as Promise<unknown[]>)
    expect([entries.map(Number), (await fresh(lost)).status, (await fresh(waived)).status]).to.deep.equal([[1599], 'ended', 'ended'])
    expect(await inAcme(auditTenant)).to.deep.equal([])
  })

  it('are looked at by support only, and are not found by another shop', async () => {
    const o = await owed('Nia', 800)
    const support = await member('acme', 'support')
    expect((await support.get(home)).body).to.not.contain(`pick_${o.dunning.publicId}`)
    expect((await support.post(`${home}/selection`, { act: 'exempt', ...picks([o]) })).status).to.equal(409)
    const typed = { act: 'exempt', ids: o.dunning.publicId, formKey: 'aaaaaaaaaaaaaaaaaaaa', reason: 'Because' }
    expect((await support.post(`${home}/selection/acts`, typed)).status).to.equal(409)
    const other = await member('globex')
    await other.get(home)
    expect((await other.post(`${home}/selection/acts`, typed)).body).to.contain('None of these cases exists any more.')
    await browser.get(home)
    expect((await browser.post(`${home}/selection/acts`, { ...typed, act: 'constructor' })).status).to.equal(422)
    expect((await fresh(o)).status).to.equal('open')
  })

  it('are given as CSV: exactly the list, with amounts, states, the last step and the next', async () => {
    const o = await owed('=Olga', 4321)
    await inAcme(() => pauseCase(o.dunning, new Date('2026-12-01T00:00:00Z'), 'Asked'))
    const file = await browser.get(`${home}.csv?show=paused&q=olga`)
    expect([file.headers['content-type'], file.headers['cache-control']]).to.deep.equal(['text/csv; charset=utf-8', 'private, no-store'])
    expect(file.body.split('\r\n')).to.deep.equal([
      'customer,email,invoice,balance,currency,due,state,last_step,last_at,next_step,next_at',
      `'=Olga,'=olga@mail.example,${o.invoice.label},43.21,USD,2026-11-20T12:00:00.000Z,paused,,,Remind,2026-12-01T00:00:00.000Z`, '',
    ])
    expect((await browser.get(`${home}.csv?show=overdue`)).body).to.not.contain('Olga')
    expect((await browser.get(`${home}?show=paused`)).body).to.contain('/reseller/dunning.csv?')
    expect(await inShop('globex', () => DunningCase.query().resultSize())).to.equal(0)
  })
})
