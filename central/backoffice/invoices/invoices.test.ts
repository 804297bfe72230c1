import { expect } from 'chai'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { newPublicId } from '../../../shared/security/token.js'
import { clock } from '../../../shared/time/clock.js'
import { creditBalance } from '../../../tenant/billing/credit/credit.js'
import { CreditNote } from '../../../tenant/billing/invoices/credit-notes/credit-note.js'
import { Invoice } from '../../../tenant/billing/invoices/invoice.js'
import { newCustomer, newInvoice } from '../../../tenant/scenarios/billing-world.js'
import { useDesk, words } from '../../testing/desk-world.js'

describe('Customers and invoices at the desk', function () {
  this.timeout(60_000)
  const { inAcme, member, staff } = useDesk()
  const customer = (name: string): Promise<{ id: number; publicId: string }> => inAcme(async () => {
    const id = await newCustomer({ name })
    return { id, publicId: (await tenantDb()('users').where({ id }).first<{ public_id: string }>('public_id')).public_id }
  })
  const bill = (userId: number, amount: number): Promise<Invoice> => inAcme(() => newInvoice(userId, amount))
  const again = (invoice: Invoice): Promise<Invoice> => inAcme(() => Invoice.findOwned({ id: invoice.id }))
  const formKey = (body: string): string => /name="formKey" value="([^"]+)"/.exec(body)![1]!

  it('show the shop its own invoices, to its members and to staff, and nobody else', async () => {
    const { id, publicId } = await customer('Ada Lovelace')
    const invoice = await bill(id, 1234)
    for (const [browser, base] of [[await member('acme'), '/reseller'], [await staff(), '/tenants/acme']] as const) {
      const list = await browser.get(`${base}/invoices?q=Lovelace`)
      expect(list.status).to.equal(200)
      for (const text of [invoice.number!, '$12.34', 'Ada Lovelace', `${base}/customers/${publicId}`, `pick_${invoice.publicId}`]) expect(list.body).to.contain(text)
      const shown = await browser.get(`${base}/invoices/${invoice.publicId}`)
      expect(words(shown.body)).to.contain('Send again').and.contain('Write off')
      expect(shown.body).to.not.contain('href="/services/').and.not.contain('href="/invoices/')
      const page = await browser.get(`${base}/customers/${publicId}`)
      for (const text of ['Ada Lovelace', invoice.number!, 'Give credit', 'Disable account']) expect(words(page.body)).to.contain(text)
      expect((await browser.get(`${base}/customers?q=lovelace`)).body).to.contain('Ada Lovelace')
    }
    const stranger = await member('globex')
    for (const path of [`/invoices/${invoice.publicId}`, `/invoices/${invoice.publicId}/pdf`, `/invoices/${invoice.publicId}/void`, `/customers/${publicId}`, `/customers/${publicId}/statement`]) expect((await stranger.get(`/reseller${path}`)).status, path).to.equal(404)
  })

  it('let support look and write notes, but change no money', async () => {
    const { id, publicId } = await customer('Grace Hopper')
    const invoice = await bill(id, 500)
    const browser = await member('acme', 'support')
    const page = await browser.get(`/reseller/customers/${publicId}`)
    expect(words(page.body)).to.not.contain('Give credit').and.not.contain('Disable account')
    expect((await browser.post(`/reseller/customers/${publicId}/notes`, { body: 'Asks for <b>net 30</b>\nsecond line' })).status).to.equal(303)
    expect((await browser.get(`/reseller/customers/${publicId}`)).body).to.contain('Asks for &lt;b&gt;net 30&lt;/b&gt;<br>second line').and.contain('Support,')
    for (const [path, fields] of [[`/invoices/${invoice.publicId}/void`, {}], [`/invoices/${invoice.publicId}/write-off`, {}], [`/customers/${publicId}/credit`, { amount: '5', description: 'x', formKey: newPublicId() }], [`/customers/${publicId}/disable`, {}], ['/numbers/terms', { days: '3' }]] as const) {
      expect((await browser.post(`/reseller${path}`, fields as Record<string, string>)).status, path).to.equal(409)
    }
    expect((await again(invoice)).status).to.equal('open')
    expect((await inAcme(() => creditBalance(id, 'USD'))).minor).to.equal(0)
  })

  it('preview an act on many invoices and leave alone what the rules refuse', async () => {
    const { id } = await customer('Bulk Buyer')
    const [first, second, paid] = [await bill(id, 700), await bill(id, 800), await bill(id, 0)]
    const browser = await member('acme')
    await browser.get('/reseller/invoices')
    const picks = Object.fromEntries([first, second, paid].map((i) => [`pick_${i.publicId}`, 'on']))
    const preview = await browser.post('/reseller/invoices/selection', { ...picks, act: 'void' })
    expect(words(preview.body)).to.contain('Void 2 invoices').and.contain('Left alone: Only an open invoice can be voided.')
    expect((await again(first)).status).to.equal('open')
    const ids = /name="ids" value="([^"]+)"/.exec(preview.body)![1]!
    const result = await browser.post('/reseller/invoices/selection/acts', { act: 'void', ids, reason: 'Ordered twice', formKey: formKey(preview.body) })
    expect(words(result.body)).to.contain('Voided 2 invoices').and.contain('All of them are done')
    expect([(await again(first)).status, (await again(second)).closingReason, (await again(paid)).status]).to.deep.equal(['void', 'Ordered twice', 'paid'])
    const csv = await browser.post('/reseller/invoices/selection', { ...picks, act: 'export' })
    expect(csv.headers['content-type']).to.contain('text/csv')
    expect(csv.body.trim().split('\r\n')).to.have.length(4)
  })

  it('write a credit note in two steps, once for each form', async () => {
    const { id } = await customer('Casey Credit')
    const invoice = await bill(id, 1000)
    const browser = await member('acme')
    const shown = await browser.get(`/reseller/invoices/${invoice.publicId}/credit-note`)
    const field = /name="(line_\d+)"/.exec(shown.body)![1]!
    const wish = { to: 'invoice', reason: 'Two days of outage', formKey: formKey(shown.body), [field]: '2.50' }
    const tooMuch = await browser.post(`/reseller/invoices/${invoice.publicId}/credit-note`, { ...wish, [field]: '10.01' })
    expect(tooMuch.status).to.equal(409)
    expect(tooMuch.body).to.contain('At most 10.00 USD').and.contain('value="10.01"')
    const preview = await browser.post(`/reseller/invoices/${invoice.publicId}/credit-note`, wish)
    expect(words(preview.body)).to.contain('Issue a credit note over $2.50?')
    for (let i = 0; i < 2; i++) expect((await browser.post(`/reseller/invoices/${invoice.publicId}/credit-notes`, wish)).status).to.equal(303)
    expect(await inAcme(() => CreditNote.query().where({ invoiceId: invoice.id }).resultSize())).to.equal(1)
    expect((await again(invoice)).balance.minor).to.equal(750)
  })

  it('write an invoice by hand: lines, preview, issue', async () => {
    const { publicId } = await customer('Manual Customer')
    const browser = await member('acme')
    const page = await browser.get(`/reseller/customers/${publicId}`)
    await browser.post('/reseller/invoices', { customer: publicId, formKey: formKey(page.body) })
    const path = browser.last!.headers.location!
    expect((await browser.get(path)).body).to.contain('No lines yet')
    const bad = await browser.post(`${path}/lines`, { description: 'Consulting', quantity: '3', price: '9.999' })
    expect(bad.status).to.equal(422)
    expect(bad.body).to.contain('value="Consulting"')
    for (const line of [{ description: 'Consulting', quantity: '3', price: '19.99' }, { description: 'Friendly discount', quantity: '1', price: '-9.97' }]) expect((await browser.post(`${path}/lines`, line)).status).to.equal(303)
    await browser.get(path)
    expect((await browser.post(path, { _method: 'put', dueOn: '2030-05-31', memo: 'Thank you' })).status).to.equal(303)
    expect(words((await browser.get(path)).body)).to.contain('$50.00')
    expect((await browser.post(`${path}/issue`, {})).status).to.equal(303)
    const shown = words((await browser.get(path)).body)
    for (const text of ['Consulting', '$59.97', '$50.00', 'Thank you', 'May 31, 2030', '3 × $19.99']) expect(shown).to.contain(text)
    expect((await browser.post(`${path}/lines`, { description: 'Late', quantity: '1', price: '1' })).status).to.equal(409)
  })

  it('show how the next number would look before it is saved, and refuse what could come twice', async () => {
    const browser = await member('acme')
    await browser.get('/reseller/numbers')
    const year = clock.now().getUTCFullYear()
    const ask = (fields: Record<string, string>) => browser.post('/reseller/numbers/series', { code: 'invoice', act: 'preview', ...fields })
    expect((await ask({ pattern: 'AC/{year}/{n:4}' })).body).to.match(new RegExp(`AC/${year}/\\d{4}`))
    for (const pattern of ['AC', '{n}{n}', '<b>{n}', '{n:0}']) expect((await ask({ pattern })).status, pattern).to.equal(422)
    expect((await ask({ pattern: 'AC-{n}', yearlyReset: 'on' })).body).to.contain('needs {year}')
    expect((await browser.get('/reseller/numbers')).body).to.contain('value="INV-{year}-{n:5}"')
    expect((await ask({ act: 'save', pattern: 'AC/{year}/{n:4}' })).status).to.equal(303)
    const { id } = await customer('Numbered')
    expect((await bill(id, 100)).number).to.match(new RegExp(`^AC/${year}/\\d{4}$`))
  })

  it('sign a disabled customer out, and let them in again', async () => {
    const { id, publicId } = await customer('Disabled One')
    await inAcme(() => tenantDb()('sessions').insert({ id: 'a'.repeat(64), subject_kind: 'user', subject_id: id, host: 'acme.test', data: '{}', created_at: new Date(), last_seen_at: new Date(), expires_at: new Date(Date.now() + 1e9) }))
    const browser = await member('acme')
    expect(words((await browser.get(`/reseller/customers/${publicId}/disable`)).body)).to.contain('Disable the account of Disabled One?')
    expect((await browser.post(`/reseller/customers/${publicId}/disable`, {})).status).to.equal(303)
    const state = () => inAcme(async () => [(await tenantDb()('users').where({ id }).first<{ status: string }>('status')).status, (await tenantDb()('sessions').where({ subject_id: id })).length])
    expect(await state()).to.deep.equal(['disabled', 0])
    expect((await browser.get('/reseller/customers?show=disabled')).body).to.contain('Disabled One')
    await browser.get(`/reseller/customers/${publicId}`)
    expect((await browser.post(`/reseller/customers/${publicId}/enable`, {})).status).to.equal(303)
    expect((await state())[0]).to.equal('active')
  })

  it('give credit once a form, and change the profile without touching issued invoices', async () => {
    const { id, publicId } = await customer('Gift Getter')
    const invoice = await bill(id, 300)
    const browser = await member('acme')
    const page = await browser.get(`/reseller/customers/${publicId}`)
    const gift = { amount: '10.00', description: 'Sorry', formKey: formKey(page.body) }
    for (let i = 0; i < 2; i++) await browser.post(`/reseller/customers/${publicId}/credit`, gift)
    expect((await inAcme(() => creditBalance(id, 'USD'))).minor).to.equal(700)
    expect((await again(invoice)).status).to.equal('paid')
    await browser.get(`/reseller/customers/${publicId}/profile`)
    expect((await browser.post(`/reseller/customers/${publicId}/profile`, { _method: 'put', name: 'New Name', country: 'NL', timeZone: 'Europe/Amsterdam' })).status).to.equal(303)
    expect((await again(invoice)).buyer?.name).to.equal('Gift Getter')
    expect((await browser.get(`/reseller/customers/${publicId}/statement`)).body).to.contain('Closing balance').and.contain('-$7.00')
  })
})
