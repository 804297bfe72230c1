import { expect } from 'chai'
import { overrideConfig } from '../../../shared/config.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { runDueJobs } from '../../../shared/jobs/run-due-jobs.js'
import { ViesSimulator } from '../../../shared/simulators/vies.js'
import type { Browser } from '../../../shared/testing/browser.js'
import { clock } from '../../../shared/time/clock.js'
import { priceLines } from '../../../tenant/billing/charges/price-lines.js'
import { approveExemption, askExemption, endExemption } from '../../../tenant/billing/tax/decide-exemption.js'
import { TaxExemption } from '../../../tenant/billing/tax/exemption.js'
import { registerTaxId } from '../../../tenant/billing/tax/register-tax-id.js'
import { endRate, saveRate, saveRegistration, type RateFacts } from '../../../tenant/billing/tax/save-rate.js'
import { TaxNumberCheck } from '../../../tenant/billing/tax/tax-number.js'
import { TaxRate } from '../../../tenant/billing/tax/tax-rate.js'
import { newCustomer } from '../../../tenant/testing/pricing-world.js'
import '../../../tenant/timetable.js'
import { hidden, useDesk, words } from '../../testing/desk-world.js'

describe('Many rates, exemptions and tax numbers at the desk', function () {
  this.timeout(60_000)
  const { inAcme, member } = useDesk({ at: '2026-11-01T00:00:00Z' })
  const home = '/reseller/taxes'
  const vies = new ViesSimulator()
  let owner: Browser

  before(async () => {
    await vies.up()
    overrideConfig({ VIES_API_BASE: vies.url })
    await inAcme(() => saveRegistration({ country: 'DE', region: '', kind: 'home', number: 'DE136695976', validFrom: null, validTo: null }, clock.now()))
  })
  beforeEach(async () => {
    clock.set('2026-11-22T12:00:00Z')
    owner = await member('acme')
  })
  after(async () => { clock.set(); await vies.down() })

  const rate = (facts: Partial<RateFacts> & Pick<RateFacts, 'country' | 'ppm'>): Promise<TaxRate> => inAcme(() => saveRate({ region: '', postcodePattern: '', taxClass: 'standard', name: 'VAT', compound: false, sortOrder: 0, validFrom: null, validTo: null, ...facts }, null))
  const preview = async (path: string, act: string, ids: readonly string[], by = owner) => { await by.get(path); return by.post(`${path}/selection`, { act, ...Object.fromEntries(ids.map((id) => [`pick_${id}`, 'on'])) }) }
  const confirmed = (act: string, fields: Record<string, string> = {}): Record<string, string> => ({ act, ids: hidden(owner.last!.body, 'ids'), formKey: hidden(owner.last!.body, 'formKey'), ...fields })
  const act = (path: string, form: Record<string, string>) => owner.post(`${path}/selection/acts`, form)
  const taxAt = (country: string, iso: string, userId: number | null = null): Promise<number> => inAcme(async () => (await priceLines({ userId, ...(userId ? {} : { place: { country } }), currency: 'EUR', lines: [{ key: 'a', kind: 'manual', amountMinor: 10_000 }], now: new Date(iso) })).tax.minor)
  const recorded = (type: string, id: number) => inAcme(async () => Number((await tenantDb()('events').where({ type, subject_id: id }).count({ n: '*' }).first<{ n: number }>()).n))

  it('end together on a day, at the shop’s own midnight; the preview says what is borne then; twice is once', async () => {
    const [from, over] = [new Date('2027-01-01T00:00:00Z'), new Date('2026-06-01T00:00:00Z')]
    const [old, other, ended, soon] = [await rate({ country: 'DE', ppm: 190_000 }), await rate({ country: 'DE', ppm: 70_000, taxClass: 'reduced' }), await rate({ country: 'FR', ppm: 200_000, validTo: over }), await rate({ country: 'FR', ppm: 210_000, validFrom: over })]
    await rate({ country: 'DE', ppm: 200_000, validFrom: from }).then(() => expect.fail('two rates of one name'), () => undefined)
    const page = words((await preview(home, 'end', [old, other, ended, soon].map((r) => r.publicId))).body)
    expect(page).to.match(/Germany VAT 19 % standard — — From that day without it: no tax/).and.to.match(/Germany VAT 7 % reduced — — From that day without it: VAT 19 %/).and.to.contain('Left alone: This rate has ended already.').and.to.contain('End 3 rates')
    const form = confirmed('end', { validTo: '2027-01-01' })
    for (const validTo of ['', '2027-02-30']) expect((await act(home, { ...form, validTo })).status).to.equal(422)
    await inAcme(() => endRate(soon, new Date('2026-12-01T00:00:00Z')))
    for (let again = 0; again < 2; again++) expect(words((await act(home, form)).body)).to.contain('1 rate left alone').and.to.match(/France VAT 21 % .{0,60}Left alone It ends earlier than that already/)
    expect([await taxAt('DE', '2026-12-31T23:59:59.999Z'), await taxAt('DE', '2027-01-01T00:00:00Z'), await recorded('tax-rate.ended', old.id)]).to.deep.equal([1900, 0, 1])
    await rate({ country: 'DE', ppm: 200_000, validFrom: from })
    expect(await taxAt('DE', '2027-01-01T00:00:00Z')).to.equal(2000)
    expect(words((await preview(home, 'remove', [old.publicId])).body)).to.contain('Without it: no tax; from Jan 1, 2027: VAT 20 %')
  })

  it('are removed together with what is borne instead; what somebody removed meanwhile is no obstacle', async () => {
    const [state, district, gone] = [await rate({ country: 'US', region: 'CA', name: 'State tax', ppm: 72_500 }), await rate({ country: 'US', region: 'CA', name: 'District tax', postcodePattern: '941*, 94203', ppm: 13_750 }), await rate({ country: 'US', region: 'NY', name: 'State tax', ppm: 40_000 })]
    const page = words((await preview(home, 'remove', [state, district, gone].map((r) => r.publicId))).body)
    expect(page).to.match(/CA, 941\*, 94203 District tax 1\.375 % .{0,60}Without it: State tax 7\.25 %/).and.to.contain('Remove 3 rates')
    const form = confirmed('remove')
    await inAcme(async () => gone.$query().delete().then(() => undefined))
    expect(words((await act(home, form)).body)).to.contain('Removed 2 rates')
    expect((await act(home, form)).body).to.contain('None of these rates exists any more.')
    expect(await inAcme(() => TaxRate.query().where({ country: 'US' }).resultSize())).to.equal(0)
    expect(await recorded('tax-rate.removed', state.id)).to.equal(1)
  })

  it('exemptions end and requests are declined, by name; who was decided on meanwhile is left alone', async () => {
    const decision = { reason: 'Exempt: charity', evidence: 'A certificate', validFrom: new Date('2026-01-01T00:00:00Z'), by: 'owner' }
    const made = await inAcme(async () => {
      const users = [await newCustomer({ country: 'DE', name: 'Anna' }), await newCustomer({ country: 'DE', name: 'Bert' }), await newCustomer({ country: 'DE', name: 'Carl' })]
      await approveExemption(users[0]!, decision, null)
      await approveExemption(users[1]!, decision, null)
      await askExemption(users[2]!, { reason: 'Diplomatic mission', evidence: 'A letter' })
      return { users, rows: await TaxExemption.query().whereIn('userId', users).orderBy('userId') }
    })
    const [anna, bert, carl] = made.rows as [TaxExemption, TaxExemption, TaxExemption]
    const list = `${home}/exemptions`
    expect(await taxAt('DE', '2026-11-22T12:00:00Z', made.users[0]!)).to.equal(0)
    expect(words((await preview(list, 'end', made.rows.map((r) => r.publicId))).body)).to.contain('Left alone: Nobody has approved it yet: decline it instead.').and.to.contain('End 2 exemptions')
    const form = confirmed('end')
    await inAcme(() => endExemption(bert, 'somebody else'))
    expect(words((await act(list, form)).body)).to.match(/Bert .{0,90}Left alone This exemption is over already/).and.to.contain('Ended 1 exemption')
    expect(await taxAt('DE', '2026-11-22T12:00:00Z', made.users[0]!)).to.equal(1900)
    await preview(list, 'decline', [carl.publicId, anna.publicId])
    const decline = confirmed('decline')
    for (const said of ['All of them are done', 'It was decided on already.']) expect(words((await act(list, decline)).body)).to.contain(said)
    const now = await inAcme(async () => (await TaxExemption.query().findById(carl.id))!)
    expect([now.status, now.approvedBy, await recorded('tax-exemption.declined', carl.id)]).to.deep.equal(['declined', 'owner@acme.test', 1])
  })

  it('numbers are asked about again, but none that no register knows or that was answered just now', async () => {
    const people = await inAcme(async () => {
      const made = [await newCustomer({ country: 'AT', name: 'Vera' }), await newCustomer({ country: 'US', name: 'Walt' })]
      await registerTaxId(made[0]!, { number: 'ATU13585627' })
      await registerTaxId(made[1]!, { number: '12-3456789' })
      return tenantDb()('users').whereIn('id', made).orderBy('id').select<Array<{ id: number; public_id: string }>>('id', 'public_id')
    })
    await runDueJobs()
    const asked = () => inAcme(() => TaxNumberCheck.query().where({ userId: people[0]!.id }).resultSize())
    const ids = people.map((p) => p.public_id)
    expect([await asked(), words((await preview(`${home}/numbers`, 'ask', ids)).body)]).to.satisfy(([n, page]: [number, string]) => n === 1 && page.includes('The register answered only minutes ago.') && page.includes('No register is asked about this number.') && page.includes('Nothing to do'))
    clock.set('2026-11-22T12:10:00Z')
    expect(words((await preview(`${home}/numbers`, 'ask', ids)).body)).to.contain('Ask about 1 number')
    const form = confirmed('ask')
    expect(words((await act(`${home}/numbers`, form)).body)).to.contain('All of them are done')
    expect(words((await act(`${home}/numbers`, form)).body)).to.contain('It is being asked about already.')
    await runDueJobs()
    await act(`${home}/numbers`, form)
    await runDueJobs()
    expect(await asked()).to.equal(2)
  })

  it('are changed neither by support nor by another shop, and are given as CSV', async () => {
    const mine = await rate({ country: 'IT', ppm: 220_000, validFrom: new Date('2026-01-01T00:00:00Z') })
    const typed = { act: 'remove', ids: mine.publicId, formKey: 'aaaaaaaaaaaaaaaaaaaa' }
    const support = await member('acme', 'support')
    expect((await support.get(home)).body).to.not.contain(`pick_${mine.publicId}`)
    for (const path of ['', '/exemptions', '/numbers']) expect((await support.post(`${home}${path}/selection/acts`, { ...typed, act: path === '/numbers' ? 'ask' : 'end' })).status).to.equal(409)
    const other = await member('globex')
    await other.get(home)
    expect((await other.post(`${home}/selection/acts`, typed)).body).to.contain('None of these rates exists any more.')
    const file = await owner.get(`${home}/rates.csv?country=IT`)
    expect([file.headers['cache-control'], file.body.split('\r\n')]).to.deep.equal(['private, no-store', ['country,region,postcodes,name,percent,class,on_top_of_other_taxes,valid_from,valid_until,source', 'IT,,,VAT,22,standard,no,2026-01-01T00:00:00.000Z,,manual', '']])
    const people = (await owner.get(`${home}/exemptions.csv?status=declined`)).body.split('\r\n')
    expect([people.length, people[1]]).to.satisfy(([n, line]: [number, string]) => n === 3 && /^Carl,[^,]+,Diplomatic mission,A letter,,,declined,,,owner@acme\.test,/.test(line))
    expect((await other.get(`${home}/rates.csv`)).body).to.not.contain('VAT')
  })
})
