import { expect } from 'chai'
import { Router } from 'express'
import { centralDb } from '../shared/database/central-database.js'
import { createApp } from '../shared/http/app.js'
import { hashPassword } from '../shared/security/password.js'
import { useServer, type Browser } from '../shared/testing/browser.js'
import { clock } from '../shared/time/clock.js'
import { consoleApp, platformApp } from './app.js'
import { addStaff } from './staff/add-staff.js'
import { asStaff, useCentral } from './testing/central-world.js'
import { billReseller } from './wholesale/bill-reseller.js'

describe('console and reseller area', function () {
  this.timeout(60_000)
  const world = useCentral()
  const server = useServer(() => createApp({ tenantApp: Router(), consoleApp, platformApp }))
  const password = 'a quiet harbour town'
  const ids: Record<string, number> = {}
  const consoleBrowser = (): Browser => server.browser('admin.ezscale.localhost')
  const area = (): Browser => server.browser('ezscale.localhost')
  const staff = async (): Promise<Browser> => {
    const browser = consoleBrowser()
    await browser.fill('/sign-in', { email: 'sam@ezscale.localhost', password })
    return browser
  }
  const owner = async (slug: string): Promise<Browser> => {
    const browser = area()
    await browser.fill('/reseller/sign-in', { email: `owner@${slug}.test`, password })
    return browser
  }

  before(async () => {
    await asStaff(() => addStaff({ email: 'sam@ezscale.localhost', name: 'Sam', role: 'admin', password }))
    const hash = await hashPassword(password)
    clock.set('2026-10-01T00:00:00Z')
    for (const slug of ['acme', 'globex']) {
      const { id } = await world.open(slug)
      ids[slug] = id
      await asStaff(() => centralDb()('members').where({ email: `owner@${slug}.test` }).update({ password_hash: hash }))
      await asStaff(() => billReseller(id, new Date('2026-11-01T02:00:00Z')))
    }
    clock.set()
  })

  it('asks strangers to sign in, on every page of the console', async () => {
    for (const path of ['/', '/resellers', '/resellers/new', '/resellers/acme', '/wholesale', '/failures', '/jobs', '/palette.json']) {
      const answer = await consoleBrowser().get(path)
      expect([answer.status, answer.headers.location], path).to.deep.equal([303, `/sign-in?next=${encodeURIComponent(path)}`])
    }
  })
  it('does not let a reseller into the console, nor staff into a reseller area', async () => {
    const browser = await owner('acme')
    const token = browser.jar.get('ezs')!
    expect((await server.browser('admin.ezscale.localhost').send('/', { headers: { cookie: `ezs=${token}` } })).status).to.equal(303)
    const sam = await staff()
    expect((await area().send('/reseller', { headers: { cookie: `ezs=${sam.jar.get('ezs')!}` } })).status).to.equal(303)
  })
  it('answers wrong passwords and unknown people alike', async () => {
    const known = await consoleBrowser().fill('/sign-in', { email: 'sam@ezscale.localhost', password: 'not the password' })
    const unknown = await consoleBrowser().fill('/sign-in', { email: 'who@ezscale.localhost', password: 'not the password' })
    expect([known.status, unknown.status]).to.deep.equal([422, 422])
    const words = (body: string): string => body.replace(/(sam|who)@/g, 'x@').replace(/nonce="[^"]*"|content="[^"]*"|value="[^"]*"|[a-z0-9]{20}/g, '')
    expect(words(known.body)).to.equal(words(unknown.body))
  })
  it('lets staff open a reseller, says what is wrong, and keeps what was typed', async () => {
    const browser = await staff()
    const wrong = await browser.fill('/resellers/new', { name: 'Third Shop', ownerName: 'T', ownerEmail: 'nobody', host: 'acme.test', currency: 'USD', timeZone: 'UTC', tier: 'basic', monthlyFee: '99', discountPercent: '0', commissionPercent: '0', billingDay: '1' }, '/resellers')
    expect(wrong.status).to.equal(422)
    expect(wrong.body).to.match(/value="Third Shop"/).and.to.match(/e-mail address/)
    const right = await browser.post('/resellers', { name: 'Third Shop', ownerName: 'T', ownerEmail: 't@third.test', host: 'third.test', currency: 'USD', timeZone: 'UTC', tier: 'basic', monthlyFee: '99', discountPercent: '0', commissionPercent: '0', billingDay: '1' })
    expect([right.status, right.headers.location]).to.deep.equal([303, '/resellers/third-shop'])
    expect((await browser.get('/resellers/third-shop')).body).to.match(/Opening Third Shop/)
  })
  it('shows a reseller its own wholesale invoices and hides those of others', async () => {
    const invoices = (await asStaff(() => centralDb()('wholesale_invoices').select('public_id', 'tenant_id', 'number'))) as Array<{ public_id: string; tenant_id: number; number: string }>
    const of = (slug: string) => invoices.find((i) => i.tenant_id === ids[slug])!
    const browser = await owner('acme')
    expect((await browser.get('/reseller/bills')).body).to.include(of('acme').number).and.not.to.include(of('globex').number)
    expect((await browser.get(`/reseller/bills/${of('acme').public_id}`)).status).to.equal(200)
    expect((await browser.get(`/reseller/bills/${of('globex').public_id}`)).status).to.equal(404)
  })
  it('changes prices of the own shop only, to the micro-unit, and warns below cost', async () => {
    const browser = await owner('acme')
    const at = '/reseller/workspaces/prices'
    expect((await browser.get('/reseller/prices')).headers.location, 'where it stood before').to.equal(at)
    const plan = /action="(\/reseller\/products\/[a-z0-9]+\/plans\/[a-z0-9]+)\/preview"/.exec((await browser.get(at)).body)![1]!
    const set = (price: string, version: number) => browser.post(`${plan}/price`, { _method: 'put', price, version: String(version), who: 'new' })
    expect((await set('0.1234', 1)).status).to.equal(303)
    expect((await browser.get(at)).body).to.include('value="0.1234"')
    expect((await set('0.01', 2)).status).to.equal(303)
    expect((await browser.follow()).body).to.match(/less than you pay/)
    for (const price of ['-1', '1e3', '0.12345', 'free']) expect((await set(price, 3)).status, price).to.equal(422)
    expect((await (await owner('globex')).get(at)).body).to.include('value="0.15"')
  })
  it('refuses branding that is not a colour or a name', async () => {
    const browser = await owner('acme')
    const good = { companyName: 'Acme', primaryColor: '#0f766e', secondaryColor: '#0f172a', supportEmail: 'help@acme.test', legalName: 'Acme Ltd.', legalAddress: '1 Road' }
    await browser.get('/reseller/branding')
    for (const bad of [{ primaryColor: 'red;}*{display:none}' }, { primaryColor: '#12345' }, { companyName: 'a\u0000b' }, { supportEmail: 'x' }, { tenant_id: '2' }]) {
      expect((await browser.post('/reseller/branding', { _method: 'put', ...good, ...bad } as Record<string, string>)).status, JSON.stringify(bad)).to.equal(422)
    }
    expect((await browser.post('/reseller/branding', { _method: 'put', ...good })).status).to.equal(303)
    expect((await world.tenant('acme')).brand.primaryColor).to.equal('#0f766e')
    expect((await world.tenant('globex')).brand.primaryColor).to.equal('#1d4ed8')
  })
  it('drops a reseller only when its name is typed', async () => {
    await world.open('doomed')
    const browser = await staff()
    await browser.get('/resellers/doomed/drop')
    expect((await browser.post('/resellers/doomed', { _method: 'delete', confirm: 'doomed' })).status).to.equal(422)
    expect((await world.tenant('doomed')).status).to.equal('active')
    expect((await browser.post('/resellers/doomed', { _method: 'delete', confirm: 'Doomed' })).status).to.equal(303)
    expect(await world.tenant('doomed')).to.equal(null)
  })
  it('ends every session of a member whose password is chosen anew', async () => {
    const browser = await owner('globex')
    await browser.fill('/reseller/password/forgot', { email: 'owner@globex.test' })
    const mail = (await asStaff(() => centralDb()('mail_messages').where('letter', 'member-reset').orderBy('id', 'desc').first('text'))) as { text: string }
    const link = /\/reseller\/password\/reset\/[\w-]+/.exec(mail.text)![0]
    const fresh = area()
    expect((await fresh.fill(link, { password: 'short' })).status).to.equal(422)
    expect((await fresh.post(link, { password: 'a different harbour town' })).status).to.equal(303)
    expect((await browser.get('/reseller')).status).to.equal(303)
    expect((await area().get(link)).status).to.equal(404)
  })
})
