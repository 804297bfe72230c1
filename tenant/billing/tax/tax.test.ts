import { expect } from 'chai'
import { overrideConfig } from '../../../shared/config.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { FormErrors } from '../../../shared/errors.js'
import { runDueJobs } from '../../../shared/jobs/run-due-jobs.js'
import { newPublicId } from '../../../shared/security/token.js'
import { ViesSimulator } from '../../../shared/simulators/vies.js'
import { setClock, useWorld } from '../../../shared/testing/world.js'
import { clock } from '../../../shared/time/clock.js'
import { newCustomer, rate, register } from '../../testing/pricing-world.js'
import type { ChargeLine, PricedCharge } from '../charges/charge.js'
import { priceLines } from '../charges/price-lines.js'
import { draftInvoice } from '../invoices/draft-invoice.js'
import { issueInvoice } from '../invoices/issue-invoice.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { askAbout, recheckMs, waitMs } from './check-tax-number.js'
import { TaxExemption } from './exemption.js'
import { queueDueNumbers } from './jobs.js'
import { loadEuRates } from './load-eu-rates.js'
import { registerTaxId } from './register-tax-id.js'
import { TaxNumber, TaxNumberCheck } from './tax-number.js'
import { plugTaxService, tableTaxService } from './tax-service.js'
import { taxSettings } from './tax-settings.js'

describe('Tax of a shop', function () {
  this.timeout(60_000)
  const world = useWorld()
  const vies = new ViesSimulator()
  before(async () => { await vies.up(); overrideConfig({ VIES_API_BASE: vies.url }) })
  after(() => vies.down())
  beforeEach(async () => {
    await world.clean()
    vies.reset()
    setClock('2026-11-01T00:00:00Z')
  })
  const acme = (work: () => Promise<void>) => (): Promise<void> => world.as(world.acme, work)
  const later = (ms: number): void => setClock(new Date(clock.now().getTime() + ms))
  const line = (amountMinor = 1000, more: Partial<ChargeLine> = {}): ChargeLine => ({ key: newPublicId(), kind: 'recurring', amountMinor, ...more })
  const priced = (userId: number | null, lines = [line()], place: { country: string; region?: string; postcode?: string; taxId?: string } | null = null): Promise<PricedCharge> => priceLines({ userId, place, currency: 'EUR', lines, now: clock.now() })
  const tax = async (...args: Parameters<typeof priced>): Promise<number> => (await priced(...args)).tax.minor
  const germany = async (): Promise<void> => { await register('DE', 'home', 'DE136695976'); await loadEuRates(clock.now()) }

  it('asks for nothing before it is registered, and for the list of the EU afterwards', acme(async () => {
    const userId = await newCustomer({ country: 'FR' })
    await loadEuRates(clock.now())
    expect(await tax(userId)).to.equal(0)
    await register('DE')
    expect(await tax(userId)).to.equal(190)
    await register('DE', 'oss')
    expect(await tax(userId)).to.equal(200)
    expect([await tax(null, [line()], { country: 'FI' }), await tax(null, [line()], { country: 'PT', postcode: '9500-150' }), await tax(null, [line()], { country: 'PT', postcode: '1000-001' })]).to.deep.equal([255, 160, 230])
  }))
  it('loads the list once: rates that are there already stay as they are', acme(async () => {
    await rate('FR', 100_000)
    expect(await loadEuRates(clock.now())).to.equal(29)
    expect(await loadEuRates(clock.now())).to.equal(0)
    expect(await tenantDb()('tax_rates').where({ country: 'FR' }).pluck('ppm')).to.deep.equal([100_000])
  }))
  it('changes a rate at its instant, not before', acme(async () => {
    await register('DE')
    const change = new Date('2027-01-01T00:00:00Z')
    await rate('DE', 190_000, { validTo: change })
    await rate('DE', 210_000, { validFrom: change })
    setClock('2026-12-31T23:59:59.999Z')
    expect(await tax(null)).to.equal(190)
    setClock(change)
    expect(await tax(null)).to.equal(210)
  }))
  it('adds the rates of state and district in the US, by ZIP, and only there', acme(async () => {
    await register('US', 'home', '', 'CA')
    await rate('US', 72_500, { region: 'CA', name: 'State tax' })
    await rate('US', 13_750, { region: 'CA', name: 'District tax', postcodePattern: '941*' })
    const at = (region: string, postcode: string): Promise<number> => tax(null, [line(10_000)], { country: 'US', region, postcode })
    expect([await at('California', '94103-1234'), await at('CA', '90001'), await at('OR', '97035')]).to.deep.equal([863, 725, 0])
  }))
  it('can take its rates from another service instead of the table', acme(async () => {
    await register('US')
    plugTaxService({ ratesAt: (place) => Promise.resolve(() => [{ code: `US-${place.region}`, label: 'Sales tax', ratePpm: 88_750, country: 'US', region: place.region }]) })
    try {
      expect(await tax(null, [line(10_000)], { country: 'US', region: 'New York' })).to.equal(888)
    } finally {
      plugTaxService(tableTaxService)
    }
  }))
  it('computes PST on GST in order, and a class of its own where it has a rate', acme(async () => {
    await register('CA')
    await rate('CA', 50_000, { name: 'GST', sortOrder: 1 })
    await rate('CA', 95_000, { name: 'PST', region: 'QC', compound: true, sortOrder: 0 })
    await rate('CA', 0, { name: 'PST', region: 'QC', taxClass: 'books', compound: true })
    const quebec = { country: 'CA', region: 'Québec' }
    expect((await priced(null, [line(10_000)], quebec)).lines[0]!.taxes.map((t) => [t.code, t.amountMinor])).to.deep.equal([['CA-GST-5', 500], ['CA-QC-PST-9.5', 998]])
    expect(await tax(null, [line(10_000, { taxClass: 'books' })], quebec)).to.equal(500)
  }))
  it('takes tax out of the prices, rounded once on the total, where the shop says so', acme(async () => {
    await germany()
    await taxSettings.write({ ...await taxSettings.read(), pricesInclusive: true, rounding: 'total' })
    const charge = await priced(null, [line(333), line(333), line(333)])
    expect([charge.total.minor, charge.tax.minor, charge.net.minor, ...charge.lines.map((l) => l.taxMinor)]).to.deep.equal([999, 160, 839, 54, 53, 53])
  }))

  it('charges the normal rate until VIES answers, then none, with the proof on the invoice', acme(async () => {
    await germany()
    const userId = await newCustomer({ country: 'AT' })
    vies.always = 'MS_UNAVAILABLE'
    await registerTaxId(userId, { number: 'atu 13585627' })
    expect(await tenantDb()('users').where({ id: userId }).first('tax_id')).to.deep.equal({ tax_id: 'ATU13585627' })
    await runDueJobs()
    expect([await tax(userId), (await TaxNumber.of(userId))!.status, (await TaxNumber.of(userId))!.attempts]).to.deep.equal([190, 'pending', 1])
    vies.always = null
    later(waitMs(1) - 1)
    await queueDueNumbers(clock.now())
    await runDueJobs()
    expect(vies.asked).to.have.length(1)
    later(1)
    await queueDueNumbers(clock.now())
    await runDueJobs()
    expect((await TaxNumber.of(userId))!.status).to.equal('valid')
    const charge = await priced(userId)
    expect([charge.tax.minor, charge.notes]).to.deep.equal([0, ['Reverse charge: the customer accounts for the VAT (Article 196 of Directive 2006/112/EC).']])
    const checks = await TaxNumberCheck.query().orderBy('id')
    expect(checks.map((c) => [c.outcome, c.error, c.requestId, c.requester])).to.deep.equal([['no-answer', 'MS_UNAVAILABLE', null, null], ['valid', null, 'WAPIAAAA00000002', 'DE136695976']])
    const invoice = await tenantTransaction(async (trx) => issueInvoice((await draftInvoice(trx, { businessKey: 'b', userId, kind: 'manual', currency: 'EUR', lines: [{ businessKey: 'b1', kind: 'manual', description: 'Work', amountMinor: 1000 }] })).invoice, clock.now()))
    const row = await tenantDb()('invoice_taxes').where({ invoice_id: invoice.id }).first<Record<string, unknown>>()
    expect(row).to.include({ code: 'reverse-charge', treatment: 'reverse-charge', net_minor: 1000, tax_minor: 0, customer_number: 'ATU13585627', proof_id: checks[1]!.id })
    expect([invoice.totalMinor, invoice.taxMinor]).to.deep.equal([1000, 0])
  }))
  it('asks without its own number when VIES does not take that', acme(async () => {
    await germany()
    const userId = await newCustomer({ country: 'AT' })
    vies.always = 'INVALID_REQUESTER_INFO'
    await registerTaxId(userId, { number: 'ATU13585627' })
    await askAbout(userId)
    expect([(await TaxNumber.of(userId))!.status, (await TaxNumberCheck.query().first())!.requestId, vies.asked.length]).to.deep.equal(['valid', null, 2])
  }))
  it('waits longer after each silence, whatever kind it is, and never longer than half a day', acme(async () => {
    await germany()
    const userId = await newCustomer({ country: 'AT' })
    vies.troubles.push('hang-up', 'garbage', 'TIMEOUT')
    await registerTaxId(userId, { number: 'ATU13585627' })
    for (const attempt of [1, 2, 3]) {
      await askAbout(userId)
      const number = (await TaxNumber.of(userId))!
      expect([number.attempts, number.status, number.nextCheckAt!.getTime() - clock.now().getTime()]).to.deep.equal([attempt, 'pending', waitMs(attempt)])
      setClock(number.nextCheckAt!)
    }
    expect([waitMs(1), waitMs(3), waitMs(50)].map((ms) => ms / 60_000)).to.deep.equal([5, 20, 720])
  }))
  it('asks again after a month: a number that is gone pays tax again, one that cannot be asked stays', acme(async () => {
    await germany()
    const userId = await newCustomer({ country: 'AT' })
    await registerTaxId(userId, { number: 'ATU13585627' })
    await askAbout(userId)
    later(recheckMs)
    vies.troubles.push('SERVICE_UNAVAILABLE')
    await askAbout(userId)
    expect([(await TaxNumber.of(userId))!.status, await tax(userId)]).to.deep.equal(['valid', 0])
    vies.register.set('ATU13585627', { valid: false })
    later(waitMs(1))
    await askAbout(userId)
    expect([(await TaxNumber.of(userId))!.status, await tax(userId)]).to.deep.equal(['invalid', 190])
  }))
  it('still charges a customer at home who has a number, and one who types another number at the checkout', acme(async () => {
    await germany()
    const [german, austrian] = [await newCustomer({ country: 'DE' }), await newCustomer({ country: 'AT' })]
    await registerTaxId(german, { number: 'DE136695976' })
    await registerTaxId(austrian, { number: 'ATU13585627' })
    for (const userId of [german, austrian]) await askAbout(userId)
    expect([await tax(german), await tax(austrian), await tax(austrian, [line()], { country: 'AT', taxId: 'ATU 13585627' }), await tax(austrian, [line()], { country: 'AT', taxId: 'ATU99999999' })]).to.deep.equal([190, 0, 0, 190])
  }))
  it('keeps the answer of a question from a number that was changed meanwhile apart', acme(async () => {
    await germany()
    const userId = await newCustomer({ country: 'AT' })
    await registerTaxId(userId, { number: 'ATU13585627' })
    await askAbout(userId)
    await registerTaxId(userId, { number: 'DE136695976' })
    const fresh = (await TaxNumber.of(userId))!
    expect([fresh.status, fresh.proofId, fresh.validSince]).to.deep.equal(['pending', null, null])
    await registerTaxId(userId, { number: null })
    expect([await TaxNumber.of(userId), await TaxNumberCheck.query().resultSize()]).to.deep.equal([null, 1])
  }))
  it('refuses a number whose check digits are wrong, and asks nobody when the shop is not in the EU', acme(async () => {
    const userId = await newCustomer({ country: 'AT' })
    const error: unknown = await registerTaxId(userId, { number: 'ATU13585628' }).catch((e: unknown) => e)
    expect(error).to.be.instanceOf(FormErrors)
    await registerTaxId(userId, { number: 'ATU13585627' })
    await runDueJobs()
    expect([(await TaxNumber.of(userId))!.status, vies.asked.length]).to.deep.equal(['unchecked', 0])
  }))

  it('lets a customer off only while an approved exemption lasts, and says why on the invoice', acme(async () => {
    await germany()
    const userId = await newCustomer({ country: 'DE' })
    const exemption = await TaxExemption.query().insertAndFetch({
      publicId: newPublicId(), userId, country: 'DE', reason: 'Exempt: diplomatic mission', evidence: 'Certificate seen', reference: 'C-17', status: 'asked',
      validFrom: new Date('2026-11-02T00:00:00Z'), validUntil: new Date('2026-11-03T00:00:00Z'),
    })
    setClock('2026-11-02T00:00:00Z')
    expect(await tax(userId)).to.equal(190)
    await exemption.become('approved', { approvedBy: 'sam', approvedAt: clock.now() })
    expect([await tax(userId), (await priced(userId)).notes]).to.deep.equal([0, ['Exempt: diplomatic mission (C-17)']])
    expect(await tax(userId, [line()], { country: 'FR' }), 'elsewhere').to.equal(190)
    setClock('2026-11-01T23:59:59.999Z')
    expect(await tax(userId)).to.equal(190)
    setClock('2026-11-03T00:00:00Z')
    expect(await tax(userId)).to.equal(190)
  }))
})
