import { expect } from 'chai'
import { overrideConfig } from '../../../shared/config.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { ViesSimulator } from '../../../shared/simulators/vies.js'
import type { Browser } from '../../../shared/testing/browser.js'
import { setClock } from '../../../shared/testing/world.js'
import { clock } from '../../../shared/time/clock.js'
import { askAbout } from '../../../tenant/billing/tax/check-tax-number.js'
import { registerTaxId } from '../../../tenant/billing/tax/register-tax-id.js'
import { askExemption } from '../../../tenant/billing/tax/decide-exemption.js'
import { priceLines } from '../../../tenant/billing/charges/price-lines.js'
import { createCreditNote } from '../../../tenant/billing/invoices/credit-notes/create-credit-note.js'
import { InvoiceLine } from '../../../tenant/billing/invoices/invoice-line.js'
import { Invoice } from '../../../tenant/billing/invoices/invoice.js'
import { draftInvoice } from '../../../tenant/billing/invoices/draft-invoice.js'
import { issueInvoice } from '../../../tenant/billing/invoices/issue-invoice.js'
import { newCustomer } from '../../../tenant/testing/pricing-world.js'
import { useDesk } from '../../testing/desk-world.js'

describe('Taxes at the desk', function () {
  this.timeout(60_000)
  const { inAcme, ...desk } = useDesk()
  const vies = new ViesSimulator()
  const by: Record<string, Browser> = {}
  before(async () => {
    await vies.up()
    overrideConfig({ VIES_API_BASE: vies.url })
    by['owner@acme.test'] = await desk.member('acme')
    by['support@acme.test'] = await desk.member('acme', 'support')
    by['owner@globex.test'] = await desk.member('globex')
    by['staff'] = await desk.staff()
  })
  after(() => vies.down())
  const owner = (): Browser => by['owner@acme.test']!
  const homeRegistration = { kind: 'home', country: 'DE', number: 'DE136695976' }

  it('shows every page to the owner, to support and to staff, with nothing in it yet', async () => {
    for (const path of ['', '/numbers', '/registrations', '/exemptions', '/settings', '/report']) {
      for (const [browser, base] of [[owner(), '/reseller'], [by['support@acme.test']!, '/reseller'], [by['staff']!, '/tenants/acme']] as const) {
        const answer = await browser.get(`${base}/taxes${path}`)
        expect(answer.status, `${base}${path}`).to.equal(200)
      }
    }
    expect((await owner().get('/reseller/taxes')).body).to.match(/Nothing is taxed yet/)
  })
  it('lets support look and not change', async () => {
    const support = by['support@acme.test']!
    expect((await support.get('/reseller/taxes')).body).to.not.match(/taxes\/eu-list/)
    expect((await support.post('/reseller/taxes/eu-list')).status).to.equal(409)
    expect((await support.post('/reseller/taxes/registrations', homeRegistration)).status).to.equal(409)
    expect((await support.get('/reseller/taxes/rates/new')).status).to.equal(409)
    expect(await inAcme(() => tenantDb()('tax_rates').pluck('id'))).to.deep.equal([])
  })
  it('loads the EU list with one click, names its date, and changes nothing on a second', async () => {
    expect((await owner().get('/reseller/taxes/eu-list')).body).to.match(/As of 2026-01-01/).and.to.match(/Azores/)
    expect((await owner().post('/reseller/taxes/eu-list')).status).to.equal(303)
    expect((await owner().follow()).body).to.match(/30 rates are added/)
    await owner().post('/reseller/taxes/eu-list')
    expect((await owner().follow()).body).to.match(/nothing was changed/)
    expect((await by['owner@globex.test']!.get('/reseller/taxes')).body, 'another shop').to.match(/No rates yet/)
  })
  it('taxes once there is a registration, and says which rates are missing', async () => {
    const total = (country: string): Promise<number> => inAcme(async () => (await priceLines({ userId: null, place: { country }, currency: 'EUR', lines: [{ key: 'a', kind: 'manual', amountMinor: 1000 }], now: clock.now() })).total.minor)
    expect(await total('DE')).to.equal(1000)
    await owner().get('/reseller/taxes/registrations')
    expect((await owner().post('/reseller/taxes/registrations', homeRegistration)).status).to.equal(303)
    expect([await total('DE'), await total('FR'), await total('US')]).to.deep.equal([1190, 1190, 1000])
    expect((await owner().post('/reseller/taxes/registrations', { ...homeRegistration, country: 'FR' })).body).to.match(/has a home already/)
    await owner().post('/reseller/taxes/registrations', { kind: 'local', country: 'CH' })
    expect((await owner().get('/reseller/taxes')).body).to.match(/for want of a rate: Switzerland/)
  })
  it('adds a rate, refuses a double and a wrong percentage with the input kept, and removes it after asking', async () => {
    const rate = { country: 'CH', name: 'VAT', percent: '8.1', taxClass: 'standard' }
    await owner().get('/reseller/taxes/rates/new')
    for (const percent of ['-1', '100.1', '8.12345', 'x']) {
      const wrong = await owner().post('/reseller/taxes/rates', { ...rate, percent })
      expect([wrong.status, wrong.body.includes(`value="${percent}"`)], percent).to.deep.equal([422, true])
    }
    expect((await owner().post('/reseller/taxes/rates', rate)).status).to.equal(303)
    expect((await owner().post('/reseller/taxes/rates', rate)).body).to.match(/There is a rate of this name/)
    const { public_id: id, ppm } = await inAcme(() => tenantDb()('tax_rates').where({ country: 'CH' }).first<{ public_id: string; ppm: number }>())
    expect(ppm).to.equal(81_000)
    expect((await owner().get(`/reseller/taxes/rates/${id}/removal`)).body).to.match(/Remove VAT 8\.1 %/)
    expect((await by['owner@globex.test']!.get(`/reseller/taxes/rates/${id}`)).status, 'another shop').to.equal(404)
    expect((await owner().post(`/reseller/taxes/rates/${id}`, { _method: 'delete' })).status).to.equal(303)
    expect(await inAcme(() => tenantDb()('tax_rates').where({ country: 'CH' }).pluck('id'))).to.deep.equal([])
  })
  it('takes a pasted list over only after it was shown', async () => {
    await owner().get('/reseller/taxes/import')
    expect((await owner().post('/reseller/taxes/import', { rates: 'US;CA;;State tax;7.25\nXX;;;Tax;1' })).body).to.match(/Line 2: The first column/)
    const rates = 'country;region;postcodes;name;percent\nUS;California;;State tax;7.25\nUS;CA;941*;District tax;1,375'
    expect((await owner().post('/reseller/taxes/import', { rates })).body).to.match(/2 rates were read/)
    const kept = (): Promise<unknown[]> => inAcme(() => tenantDb()('tax_rates').where({ country: 'US' }).orderBy('id').select('region', 'postcode_pattern', 'ppm'))
    expect(await kept()).to.deep.equal([])
    await owner().post('/reseller/taxes/import', { rates, sure: 'yes' })
    await owner().post('/reseller/taxes/import', { rates, sure: 'yes' })
    expect(await kept()).to.deep.equal([{ region: 'CA', postcode_pattern: '', ppm: 72_500 }, { region: 'CA', postcode_pattern: '941*', ppm: 13_750 }])
  })
  it('shows what each setting does, and saves it', async () => {
    expect((await owner().get('/reseller/taxes/settings')).body).to.match(/Yours[\s\S]*on each line/)
    expect((await owner().post('/reseller/taxes/settings', { _method: 'put', prices: 'inclusive', rounding: 'total' })).status).to.equal(303)
    const total = await inAcme(async () => (await priceLines({ userId: null, place: { country: 'DE' }, currency: 'EUR', lines: [{ key: 'a', kind: 'manual', amountMinor: 1190 }], now: clock.now() })))
    expect([total.total.minor, total.tax.minor]).to.deep.equal([1190, 190])
    await owner().post('/reseller/taxes/settings', { _method: 'put', prices: 'exclusive', rounding: 'line' })
  })
  it('shows what VIES said of a number, asks again on demand, and gives every answer as proof', async () => {
    const before = new Date(clock.now().getTime() - 11 * 60_000)
    const userId = await inAcme(async () => { const user = await newCustomer({ country: 'AT', email: 'anna@example.com' }); await registerTaxId(user, { number: 'ATU13585627' }, before); await askAbout(user, before); return user })
    expect((await owner().get('/reseller/taxes/numbers?state=valid')).body).to.match(/ATU13585627[\s\S]*Sample Trader[\s\S]*WAPIAAAA00000001/)
    vies.register.set('ATU13585627', { valid: false })
    const { public_id: publicId } = await inAcme(() => tenantDb()('users').where({ id: userId }).first<{ public_id: string }>())
    expect((await owner().post(`/reseller/taxes/numbers/${publicId}/check`)).status).to.equal(303)
    await inAcme(() => askAbout(userId))
    expect((await owner().get('/reseller/taxes/numbers')).body).to.match(/Not confirmed/)
    const csv = (await owner().get('/reseller/taxes/numbers.csv')).body.trim().split('\r\n')
    expect(csv.slice(1).map((row) => row.split(',').filter((_cell, i) => [0, 1, 3].includes(i)))).to.deep.equal([['anna@example.com', 'ATU13585627', 'invalid'], ['anna@example.com', 'ATU13585627', 'valid']])
    expect((await by['support@acme.test']!.post(`/reseller/taxes/numbers/${publicId}/check`)).status).to.equal(409)
  })
  it('approves, with its dates, what a customer asked for, and ends it', async () => {
    const { userId, publicId } = await inAcme(async () => { const user = await newCustomer({ country: 'DE' }); return { userId: user, publicId: (await askExemption(user, { reason: 'Diplomatic mission', evidence: 'Certificate of 2026' })).publicId } })
    const tax = (): Promise<number> => inAcme(async () => (await priceLines({ userId, currency: 'EUR', lines: [{ key: 'a', kind: 'manual', amountMinor: 1000 }], now: clock.now() })).tax.minor)
    expect((await owner().get('/reseller/taxes/exemptions?status=asked')).body).to.match(/Diplomatic mission/)
    const decision = { _method: 'put', reason: 'Exempt: diplomatic mission', evidence: 'Certificate of 2026', validFrom: '2026-01-01' }
    expect((await owner().post(`/reseller/taxes/exemptions/${publicId}/approval`, { ...decision, validUntil: '2025-01-01' })).status).to.equal(422)
    expect(await tax()).to.equal(190)
    await owner().post(`/reseller/taxes/exemptions/${publicId}/approval`, decision)
    expect(await tax()).to.equal(0)
    expect((await owner().post(`/reseller/taxes/exemptions/${publicId}/approval`, decision)).status, 'a second time').to.not.equal(303)
    await owner().post(`/reseller/taxes/exemptions/${publicId}/approval`, { _method: 'delete' })
    expect(await tax()).to.equal(190)
  })
  it('reports by rate what was issued in the days asked for, less what was credited, as a page and as CSV', async () => {
    await inAcme(async () => {
      const user = await newCustomer({ country: 'DE' })
      for (const [at, amountMinor] of [['2026-01-31T22:59:59Z', 1000], ['2026-02-01T00:00:00Z', 5000]] as const) {
        setClock(at)
        await tenantTransaction(async (trx) => issueInvoice((await draftInvoice(trx, { businessKey: `r${at}`, userId: user, kind: 'manual', currency: 'EUR', lines: [{ businessKey: `r${at}:1`, kind: 'manual', description: 'Work', amountMinor }] })).invoice, clock.now()))
      }
    })
    await inAcme(async () => {
      setClock('2026-02-03T00:00:00Z')
      const invoice = await Invoice.query().where({ subtotalMinor: 5000 }).first()
      const [line] = await InvoiceLine.query().where({ invoiceId: invoice!.id })
      await createCreditNote({ invoice: invoice!, lines: [{ lineId: line!.id, amountMinor: 1190 }], reason: 'Too much', to: 'invoice', key: 'cn' }, clock.now())
    })
    setClock()
    const csv = await owner().get('/reseller/taxes/report.csv?from=2026-01-01&to=2026-01-31')
    expect(csv.body.trim().split('\r\n').slice(1)).to.deep.equal(['2026-01-01,2026-01-31,DE,,VAT 19 %,DE-VAT-19,19,taxed,EUR,1,10.00,1.90'])
    expect((await owner().get('/reseller/taxes/report?from=2026-01-01&to=2026-02-28')).body).to.match(/9\.50/)
    expect((await by['owner@globex.test']!.get('/reseller/taxes/report.csv?from=2026-01-01&to=2026-12-31')).body.trim().split('\r\n')).to.have.length(1)
  })
})
