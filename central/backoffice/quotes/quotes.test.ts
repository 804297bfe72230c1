import { expect } from 'chai'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { runAsPlatform } from '../../../shared/tenancy/context.js'
import type { Browser } from '../../../shared/testing/browser.js'
import { clock } from '../../../shared/time/clock.js'
import { addCredit } from '../../../tenant/billing/credit/add-credit.js'
import { newCustomer } from '../../../tenant/scenarios/billing-world.js'
import { Invoice } from '../../../tenant/billing/invoices/invoice.js'
import { quoteHtml } from '../../../tenant/ordering/quote-document.js'
import { Quote } from '../../../tenant/ordering/quote.js'
import { expireQuotes } from '../../../tenant/ordering/expire-quotes.js'
import { newProduct, type TestProduct } from '../../../tenant/testing/catalog-world.js'
import { tenantApp } from '../../../tenant/app.js'
import { runDueJobs } from '../../../shared/jobs/run-due-jobs.js'
import { hidden, useDesk } from '../../testing/desk-world.js'
import '../../../tenant/timetable.js'

describe('orders, quotes and set-ups at the desk', function () {
  this.timeout(60_000)
  const { inAcme, member, browser } = useDesk({ tenantApp })
  let vps: TestProduct
  let owner: Browser
  let email: string
  let customerId: number
  const shop = (): Browser => browser('acme.test')
  const jobs = () => runAsPlatform(() => runDueJobs())

  before(async () => {
    vps = await inAcme(() => newProduct({ name: 'VPS M', maxQuantity: 5 }, [{ cycle: 'monthly', price: '33.33', setup: '10.01' }], [{ name: 'Memory', choices: { '4 GB': { 1: '0.00' }, '8 GB': { 1: '3.00' } } }]))
    email = `${Date.now()}@example.com`
    customerId = await inAcme(() => newCustomer({ email, address_line1: '1 Road', city: 'Town', country: 'US' }))
    owner = await member('acme')
  })

  /** Written, filled and sent through the pages; answers its row and the link of the letter. */
  async function sentQuote(): Promise<{ quote: Quote; link: string }> {
    await owner.get('/reseller/quotes/new')
    const day = new Date(clock.now().getTime() + 5 * 86_400_000).toISOString().slice(0, 10)
    const written = await owner.post('/reseller/quotes', { email, validUntil: day, discount: '12.5', note: 'As discussed' })
    expect(written.status, written.body.slice(0, 3000)).to.equal(303)
    const href = written.headers.location!
    const option = vps.option('Memory', '8 GB')
    await owner.get(`${href}/lines/new?plan=${vps.plan.publicId}`)
    expect((await owner.post(`${href}/lines`, { plan: vps.plan.publicId, quantity: '1', name: 'web-1', [`option_${option.optionId}`]: String(option.choiceId) })).status).to.equal(303)
    expect((await owner.post(`${href}/texts`, { text: 'Migration', amount: '99.99' })).status).to.equal(303)
    // (33.33 + 3.00) 36.33 − 4.54, 10.01 − 1.25, 99.99 − 12.50 (each rounded for itself).
    expect((await owner.get(href)).body).to.contain('$128.04').and.to.contain('$36.33 a month')
    expect((await owner.post(`${href}/sending`)).status).to.equal(303)
    const quote = await inAcme(() => Quote.findOwned<Quote>({ publicId: href.split('/').at(-1)! }))
    const letter = await inAcme(async () => (await tenantDb()('mail_messages').where({ letter: 'quote-sent' }).orderBy('id', 'desc').first('text')) as { text: string })
    return { quote, link: /\/quotes\/[a-z0-9]{20}\?key=[\w-]+/.exec(letter.text.replace(/\n/g, ''))![0] }
  }
  const invoices = () => inAcme(() => Invoice.query().orderBy('id', 'desc').execute())

  it('are written, sent, and accepted by link exactly once, to the cent and at the price of that day', async () => {
    const { quote, link } = await sentQuote()
    expect(quote).to.include({ status: 'sent', discountPpm: 125_000 }) && expect(quote.number).to.match(/\d/)
    const file = await owner.get('/reseller/quotes.csv?show=sent')
    expect([file.headers['cache-control'], file.body.split('\r\n').length]).to.deep.equal(['private, no-store', 3])
    expect(file.body.split('\r\n')[1]).to.match(new RegExp(`^${quote.number!},Casey Customer,${email},sent,.*,146\\.33,18\\.29,128\\.04,USD$`))
    expect((await owner.get('/reseller/quotes.csv?show=draft')).body).to.not.contain(email)
    await inAcme(async () => tenantDb()('plans').where({ id: vps.plan.id }).update({ price_micros: 99_000_000, version: 2 }))
    const guest = shop()
    const page = await guest.get(link)
    expect(page.body).to.contain('$128.04').and.to.contain('Accept quote')
    const fields = { terms: 'on', terms_version: hidden(page.body, 'terms_version'), seen: hidden(page.body, 'seen') }
    const accept = link.replace('?', '/acceptance?')
    expect((await guest.post(accept, { ...fields, seen: '1' })).status).to.equal(409)
    const answers = await Promise.all(Array.from({ length: 6 }, () => guest.post(accept, fields)))
    expect(answers.map((a) => a.status)).to.deep.equal(Array.from({ length: 6 }, () => 303))
    const [invoice, ...others] = await invoices()
    expect(others).to.have.length(0)
    expect(invoice).to.include({ totalMinor: 12_804, status: 'open' })
    expect(await inAcme(async () => tenantDb()('subscriptions').pluck('amount_minor'))).to.deep.equal([3633])
    await inAcme(async () => tenantDb()('plans').where({ id: vps.plan.id }).update({ price_micros: 33_330_000, version: 3 }))
  })

  it('show themselves to nobody but their customer, and never as drafts', async () => {
    const { quote, link } = await sentQuote()
    const path = `/quotes/${quote.publicId}`
    expect((await shop().get(path)).headers.location).to.contain('/sign-in')
    expect((await shop().get(`${path}?key=${'x'.repeat(43)}`)).status).to.equal(404)
    expect((await browser('globex.test').get(link)).status).to.equal(404)
    await inAcme(async () => tenantDb()('quotes').where({ id: quote.id }).update({ status: 'draft' }))
    expect((await shop().get(link)).status).to.equal(404)
    const globex = await member('globex')
    expect((await globex.get(`/reseller/quotes/${quote.publicId}`)).status).to.equal(404)
  })

  it('stand on paper as on their page, for the shop and for whoever has the link', async () => {
    const { quote, link } = await sentQuote()
    const [a4, letter] = await inAcme(async () => [await quoteHtml(quote, 'A4'), await quoteHtml(quote, 'Letter')])
    for (const said of ['$128.04', '$36.33 a month', '12.5 %', 'Migration', 'VPS M', '8 GB', quote.number!, 'As discussed']) expect(a4).to.contain(said)
    expect([/size:\s*A4/.test(a4), /size:\s*Letter/i.test(letter), /https?:\/\//.test(a4)]).to.deep.equal([true, true, false])
    for (const answer of [await owner.get(`/reseller/quotes/${quote.publicId}/pdf`), await shop().get(link.replace('?', '/pdf?'))]) expect([answer.status, answer.headers['content-type'], answer.body.slice(0, 5)]).to.deep.equal([200, 'application/pdf', '%PDF-'])
    expect((await shop().get(link.replace('?', '/pdf?').replace(/key=.*/, 'key=x'))).status).to.equal(404)
    const person = await inAcme(async () => (await tenantDb()('users').where({ id: customerId }).first('public_id')) as { public_id: string })
    const statement = await owner.get(`/reseller/ledger/customers/${person.public_id}/statement?from=2026-01-01&until=2026-12-31`)
    expect([statement.status, statement.headers['content-disposition'], statement.body.slice(0, 5)]).to.deep.equal([200, 'inline; filename="statement-2026-01-01.pdf"', '%PDF-'])
  })

  it('end at the instant they name', async () => {
    const { quote, link } = await sentQuote()
    await inAcme(() => expireQuotes(new Date(quote.validUntil.getTime() - 1)))
    expect((await inAcme(() => Quote.findOwned<Quote>({ id: quote.id }))).status).to.equal('sent')
    await inAcme(() => expireQuotes(quote.validUntil))
    expect((await shop().get(link)).body).to.contain('not valid any more').and.to.not.contain('Accept quote')
  })

  it('lead from the paid order to a set-up, and from there to a service with sealed details', async () => {
    const [invoice] = await invoices()
    await inAcme(() => addCredit({ userId: customerId, amount: invoice!.balance, key: 'test:pay', description: 'Paid' }, clock.now()))
    for (let n = 0; n < 4; n++) await jobs()
    const list = await owner.get('/reseller/setups')
    expect(list.body).to.contain('web-1').and.to.contain('VPS M')
    const task = /\/reseller\/setups\/[a-z0-9]{20}/.exec(list.body)![0]
    expect((await owner.get(task)).body).to.contain('Mark ready')
    expect((await owner.post(`${task}/readiness`, { label_1: 'IP address', value_1: '192.0.2.9', label_2: 'Password', value_2: 'correct horse', hidden_2: 'on' })).status).to.equal(303)
    const service = await inAcme(async () => (await tenantDb()('services').whereNot('status', 'pending').first('public_id', 'status')) as { public_id: string; status: string })
    expect(service.status).to.equal('active')
    const href = `/reseller/services/${service.public_id}`
    expect((await owner.get(href)).body).to.contain('192.0.2.9').and.to.not.contain('correct horse')
    expect((await inAcme(async () => (await tenantDb()('service_details').whereNotNull('value_sealed').first('value_sealed')) as { value_sealed: string })).value_sealed).to.not.contain('correct')
    expect((await owner.post(`${href}/suspension`, { reason: 'Abuse report 17' })).status).to.equal(303)
    expect((await owner.get('/reseller/setups')).body).to.contain('Suspend')
    expect((await owner.post(`${href}/suspension`, { _method: 'delete' })).status).to.equal(303)
    expect((await owner.get('/reseller/setups')).body).to.not.contain('Suspend')
    expect((await owner.post(`${href}/termination`, { confirm: 'web-2' })).status).to.equal(422)
    expect((await owner.post(`${href}/termination`, { confirm: 'web-1' })).status).to.equal(303)
    expect((await owner.get('/reseller/setups')).body).to.contain('Remove')
    expect((await owner.get('/reseller/orders')).body).to.contain(email)
    const orders = await owner.get('/reseller/orders.csv')
    expect([orders.headers['cache-control'], orders.body.split('\r\n')[0]]).to.deep.equal(['private, no-store', 'ordered,customer,what,total,currency,state'])
    const { public_id: publicId } = await inAcme(async () => (await tenantDb()('users').where({ id: customerId }).first('public_id')) as { public_id: string })
    const account = await owner.get(`/reseller/ledger/customers/${publicId}.csv?currency=USD`)
    expect([account.headers['cache-control'], account.body.split('\r\n')[0]]).to.deep.equal(['private, no-store', 'date,what,key,account,amount,balance,currency'])
    expect(account.body.trim().split('\r\n').at(-1)).to.match(/,0\.00,USD$/)
    for (const path of ['/reseller/orders/settings', '/reseller/services', '/reseller/quotes', '/reseller/setups?show=done']) expect((await owner.get(path)).status, path).to.equal(200)
  })
})
