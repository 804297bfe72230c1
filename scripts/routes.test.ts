// Every route of the product, asked by everybody who has no business there. The list is read from the routers: a new route is on it by itself.
import { expect } from 'chai'
import { Router } from 'express'
import { consoleApp, platformApp } from '../central/app.js'
import { deskApp } from '../central/backoffice/app.js'
import { addStaff } from '../central/staff/add-staff.js'
import { asStaff, useCentral } from '../central/testing/central-world.js'
import { billReseller } from '../central/wholesale/bill-reseller.js'
import { centralDb } from '../shared/database/central-database.js'
import { quoteName, rowsOf } from '../shared/database/migration-connection.js'
import { createApp } from '../shared/http/app.js'
import { forgetBlocked } from '../shared/http/rate-limit.js'
import { signIn } from '../shared/http/session.js'
import { compose } from '../shared/mail/compose.js'
import { allLetters, scopeOf } from '../shared/mail/letter.js'
import { hashPassword } from '../shared/security/password.js'
import { PaypalSimulator } from '../shared/simulators/paypal/server.js'
import { StripeSimulator } from '../shared/simulators/stripe/server.js'
import { runInTenant } from '../shared/tenancy/context.js'
import type { Tenant } from '../shared/tenancy/tenant.js'
import { useServer, type Answer, type Browser } from '../shared/testing/browser.js'
import { clock } from '../shared/time/clock.js'
import { tenantApp } from '../tenant/app.js'
import { startAddingMethod } from '../tenant/billing/payments/add-payment-method.js'
import { connectPaypal } from '../tenant/billing/payments/connect-account.js'
import { CreditNote } from '../tenant/billing/invoices/credit-note.js'
import { creditNoteHtml } from '../tenant/billing/invoices/credit-note-document.js'
import { invoiceHtml } from '../tenant/billing/invoices/invoice-document.js'
import { Invoice } from '../tenant/billing/invoices/invoice.js'
import { statementHtml } from '../tenant/billing/invoices/statement-document.js'
import { statementOf } from '../tenant/billing/invoices/statement.js'
import { Customer } from '../tenant/customers/customer.js'
import { tenantDb } from '../shared/database/tenant-database.js'
import { newCustomer } from '../tenant/scenarios/billing-world.js'
import { hidden, reviewFields } from '../tenant/testing/order-world.js'
import { hostile, numbered, ownedBy } from './testing/owned-records.js'
import { centralNames, deskFields, deskNames, formless, forStaff, lookers, publicPages, queries, refusedAnyway, shopFields, shopNames, supportMay, type Named, type Reach } from './testing/route-names.js'
import { routesOf, type ListedRoute } from './testing/route-list.js'

interface Case extends ListedRoute {
  readonly id: string
  /** Of Alice's record, and of one that never was. */
  readonly url: string
  readonly missing: string
  readonly reach: Reach
  readonly named: boolean
  readonly fields: Readonly<Record<string, string>>
}
/** Shelves of what the shop does not offer. */
const emptyShelves = new Set(['GET /game-servers', 'GET /dedicated', 'GET /web-hosting', 'GET /other'])
const password = 'a quiet harbour town'
/** Drawn by a browser: slow. */
const drawn = (route: ListedRoute): boolean => route.path.endsWith('/pdf')
const reading = (route: ListedRoute): boolean => route.method === 'GET'
/** Another of the same form that is not there. */
const unlike = (value: string): string => (/^\d+$/.test(value) ? '987654321' : /^[\w-]{43}$/.test(value) ? 'z'.repeat(43) : value.replaceAll(/[a-z0-9]/g, 'z'))

function namedIn({ method, path }: ListedRoute, names: Readonly<Record<string, Named>>): Array<{ part: string; named: Named }> {
  const parts = [...path.matchAll(/:\w+/g)]
  return parts.map((match, i) => {
    const upTo = path.slice(0, match.index + match[0].length)
    const named = (i === 0 ? names[`${method} ${path}`] : undefined) ?? names[upTo] ?? names[path]
    if (!named) throw new Error(`Nothing is known about ${match[0]} of ${method} ${path}. Say in scripts/testing/route-names.ts which record "${upTo}" names, and make one in scripts/testing/owned-records.ts.`)
    return { part: match[0], named }
  })
}

describe('Every route', function () {
  this.timeout(120_000)
  const world = useCentral()
  const shop = Router()
  shop.get('/test-sign-in/:id', async (req, res) => {
    await signIn(req, res, { kind: 'user', id: Number(req.params['id']) })
    res.send('in')
  })
  const server = useServer(() => createApp({ tenantApp: shop.use(tenantApp), consoleApp, platformApp }))
  let [acme, globex] = [] as unknown as [Tenant, Tenant]
  const who: Record<string, Browser> = {}
  let records: Record<string, string> = {}
  let [stripe, paypal] = [] as unknown as [StripeSimulator, PaypalSimulator]
  let asked = 0

  const relax = async (): Promise<void> => {
    if (asked++ % 8) return
    await asStaff(() => centralDb()('rate_limits').delete())
    forgetBlocked()
  }
  const ask = async (browser: Browser, { method }: ListedRoute, url: string, fields: Readonly<Record<string, string>> = {}): Promise<Answer> => {
    await relax()
    return method === 'GET' ? browser.get(url) : browser.post(url, method === 'POST' ? fields : { ...fields, _method: method.toLowerCase() })
  }
  const customerBrowser = async (host: string, id: number): Promise<Browser> => {
    const browser = server.browser(host)
    await browser.get(`/test-sign-in/${id}`)
    await browser.get('/account')
    return browser
  }
  const role = (name: string): Promise<unknown> => asStaff(() => centralDb()('tenant_members').update({ role: name }))

  function cases(routes: readonly ListedRoute[], names: Readonly<Record<string, Named>>, fields: Readonly<Record<string, Readonly<Record<string, string>>>>, base = ''): Case[] {
    return routes.map((route) => {
      const id = `${route.method} ${route.path}`
      const parts = namedIn(route, names)
      const fill = (value: (record: string) => string): string => base + parts.reduce((path, { part, named }) => path.replace(part, value(named.record)), route.path)
      const known = (record: string): string => {
        if (records[record] === undefined) throw new Error(`There is no record "${record}", which ${id} is about: make one in scripts/testing/owned-records.ts.`)
        return records[record]
      }
      const reach = parts.some((p) => p.named.reach === 'own') ? 'own' : parts[0]?.named.reach ?? 'public'
      const more = (queries[id] ?? '').replace(/\$(\w+)/, (_all, record: string) => known(record))
      const given = Object.fromEntries(Object.entries(fields[id] ?? {}).map(([name, value]) => [name, value.startsWith('$') ? known(value.slice(1)) : value]))
      return { ...route, id, url: fill(known) + more, missing: fill((record) => unlike(known(record))) + more, reach, named: parts.length > 0, fields: given }
    })
  }
  const atShop = (): Case[] => cases(routesOf(tenantApp), shopNames, shopFields)
  const atDesk = (base: string): Case[] => cases(routesOf(deskApp), deskNames, deskFields, base)
  const central = (app: Router): Case[] => cases(routesOf(app).filter((r) => !/^\/tenants\/:slug/.test(r.path) && !deskPaths.has(`${r.method} ${r.path}`)), centralNames, {})
  const deskPaths = new Set(routesOf(deskApp).map((r) => `${r.method} /reseller${r.path}`))
  const webhook = (c: ListedRoute): boolean => c.path.startsWith('/webhooks/')

  /** What stands in acme's tables; sessions come and go. */
  let tables: string[] = []
  async function sums(): Promise<Map<string, string>> {
    const found = tables.length ? [] : await rowsOf(world.admin, `select table_name as name from information_schema.tables where table_schema = ? and table_type = 'BASE TABLE' and table_name <> 'sessions'`, [acme.db.database])
    if (found.length) tables = found.map((t) => `${quoteName(acme.db.database)}.${quoteName(String(t['name']))}`)
    return new Map((await rowsOf(world.admin, `checksum table ${tables.join(', ')}`)).map((r) => [String(r['Table']).split('.')[1]!, String(r['Checksum'])]))
  }
  const changed = (before: Map<string, string>, after: Map<string, string>): string[] => [...after].filter(([table, sum]) => before.get(table) !== sum).map(([table]) => table)
  /** Runs the check of each case and looks, after some of them, whether they wrote. */
  async function eachUnchanged(all: readonly Case[], check: (c: Case) => Promise<string | null>): Promise<string[]> {
    const wrong: string[] = []
    let before = await sums()
    for (let from = 0; from < all.length; from += 20) {
      const some = all.slice(from, from + 20)
      for (const c of some) {
        const fault = await check(c)
        if (fault) wrong.push(`${c.id}: ${fault}`)
      }
      const after = await sums()
      const written = changed(before, after)
      if (written.length) wrong.push(`${written.join(', ')} written by one of: ${some.map((c) => c.id).join('; ')}`)
      before = after
    }
    return wrong
  }
  const words = (answer: Answer, c: Case): string => answer.body.replaceAll(c.url, '').replaceAll(c.missing, '').replace(/nonce="[^"]*"|content="[^"]*"|value="[^"]*"|[a-z0-9-]{20,}|\d+/g, '')
  const toSignIn = (answer: Answer): boolean => answer.status === 303 && /^\/(reseller\/)?sign-in(\?|$)/.test(answer.headers.location ?? '')

  before(async () => {
    stripe = await StripeSimulator.start({})
    paypal = await PaypalSimulator.start({})
    const hash = await hashPassword(password)
    await asStaff(() => addStaff({ email: 'sam@ezscale.localhost', name: 'Sam', role: 'admin', password }))
    clock.set('2026-10-01T00:00:00Z')
    const ids = [(await world.open('acme')).id, (await world.open('globex')).id]
    for (const id of ids) await asStaff(() => billReseller(id, new Date('2026-11-01T02:00:00Z')))
    clock.set()
    await asStaff(() => centralDb()('members').update({ password_hash: hash }))
    ;[acme, globex] = [await world.tenant('acme'), await world.tenant('globex')]
    for (const table of numbered) await world.admin.query(`alter table ${quoteName(acme.db.database)}.${quoteName(table)} auto_increment = 70001`)
    const person = { address_line1: '1 High Street', city: 'Springfield', country: 'US' }
    const [alice, bob, made] = await runInTenant(acme, async () => {
      const customer = await Customer.findOwned<Customer>({ id: await newCustomer({ name: hostile, email: 'alice@mail.example', ...person }) })
      const made = await ownedBy(customer, stripe)
      const account = await connectPaypal({ clientId: 'client_acme', secret: 'secret_acme', mode: 'test', apiBase: paypal.url })
      return [customer, await newCustomer(person), { ...made, paypalGateway: account.publicId, paypalSetup: (await startAddingMethod(customer, 'paypal')).id }] as const
    })
    const gina = await runInTenant(globex, () => newCustomer(person))
    const bills = (await asStaff(() => centralDb()('wholesale_invoices').where({ tenant_id: ids[0] }).first('public_id'))) as { public_id: string }
    records = { ...made, code: 'SAVE', workspaceSlug: 'developer_basic', kasmSlug: 'developer_basic', reseller: 'acme', bill: bills.public_id, nothing: '0' }
    Object.assign(who, { alice: await customerBrowser('acme.test', alice.id), bob: await customerBrowser('acme.test', bob), gina: await customerBrowser('globex.test', gina), guest: server.browser('acme.test'), mixed: server.browser('acme.test'), visitor: server.browser('globex.test') })
    await aliceShops()
    for (const name of ['guest', 'visitor']) await who[name]!.get('/')
    await who['mixed']!.get('/')
    for (const [name, value] of who['gina']!.jar) who['mixed']!.jar.set(name, value)
    for (const [name, slug] of [['owner', 'acme'], ['other', 'globex']] as const) {
      await (who[name] = server.browser('ezscale.localhost')).fill('/reseller/sign-in', { email: `owner@${slug}.test`, password })
      await who[name].get('/reseller')
    }
    await (who['staff'] = server.browser('admin.ezscale.localhost')).fill('/sign-in', { email: 'sam@ezscale.localhost', password })
    await who['staff'].get('/')
    for (const [name, host] of [['stranger', 'ezscale.localhost'], ['passer', 'admin.ezscale.localhost']] as const) await (who[name] = server.browser(host)).get(name === 'stranger' ? '/reseller/sign-in' : '/sign-in')
  })
  after(async () => {
    await stripe?.stop()
    await paypal?.stop()
  })

  /** An order, then something new in the cart; and a second browser of hers. */
  async function aliceShops(): Promise<void> {
    const alice = who['alice']!
    const put = async (): Promise<void> => {
      const answer = await alice.post('/cart/items', { plan: records['plan']! })
      expect(answer.status, 'into the cart').to.equal(303)
    }
    await put()
    const answer = await alice.post('/checkout', { ...reviewFields((await alice.get('/checkout')).body) })
    expect(answer.status, 'checkout').to.equal(303)
    await put()
    await customerBrowser('acme.test', (await runInTenant(acme, () => Customer.query().findOne({ email: 'alice@mail.example' })))!.id)
    const named = await runInTenant(acme, async () => ({
      order: (await tenantDb()('orders').whereNotNull('invoice_id').orderBy('id', 'desc').first<{ public_id: string }>('public_id')).public_id,
      cartItem: (await tenantDb()('cart_items').orderBy('id', 'desc').first<{ public_id: string }>('public_id')).public_id,
      session: (await tenantDb()('sessions').whereNotNull('subject_id').orderBy('created_at', 'desc').first<{ id: string }>('id')).id,
    }))
    Object.assign(records, named)
    await alice.get('/account')
  }

  it('is on the list, with a record behind every name in its address', () => {
    const all = [...atShop(), ...atDesk('/reseller'), ...atDesk('/tenants/acme'), ...central(consoleApp), ...central(platformApp)]
    expect(all.length).to.be.at.least(600)
    expect(new Set(routesOf(consoleApp).map((r) => `${r.method} ${r.path}`))).to.include('GET /tenants/:slug/invoices')
    expect(hidden('name="a" value="b"', 'a')).to.equal('b')
  })

  it('changes nothing by being read, and works for whom it is for', async () => {
    const wrong: string[] = []
    const works = (browser: string) => async (c: Case): Promise<string | null> => {
      const { status } = await ask(who[browser]!, c, c.url)
      return [200, 303, 409].includes(status) || (status === 404 && emptyShelves.has(c.id)) ? null : `${status} for ${browser}`
    }
    wrong.push(...(await eachUnchanged(atShop().filter(reading), works('alice'))))
    wrong.push(...(await eachUnchanged(atShop().filter((c) => reading(c) && publicPages.has(c.id) && !c.named), works('guest'))))
    wrong.push(...(await eachUnchanged(atDesk('/reseller').filter(reading), works('owner'))))
    for (const c of atDesk('/tenants/acme').filter((one) => reading(one) && one.named && !drawn(one))) wrong.push(...[await works('staff')(c)].flatMap((fault) => (fault ? [`${c.id}: ${fault}`] : [])))
    expect(wrong).to.deep.equal([])
  })

  const strangers = ['guest', 'mixed', 'stranger', 'passer', 'visitor']
  /** What is wrong with the answer to somebody who has no business with Alice's record. */
  async function hides(name: string, c: Case): Promise<string | null> {
    const answer = await ask(who[name]!, c, c.url, c.fields)
    if (toSignIn(answer)) return strangers.includes(name) ? null : `${c.id}: ${name} is asked to sign in`
    // The cookie of another shop proves nothing here, not even where a form came from.
    if (name === 'mixed' && answer.status === 403 && !reading(c)) return null
    if (answer.status !== 404 && !(c.reach === 'bearer' && answer.status === 400)) return `${c.id}: ${name} gets ${answer.status}${answer.status === 422 ? '; give it valid fields in route-names.ts' : ''}`
    const none = await ask(who[name]!, c, c.missing, c.fields)
    return none.status !== answer.status || words(none, c) !== words(answer, c) ? `${c.id}: ${name} can tell Alice's from one that never was` : null
  }

  it('hides what belongs to somebody else, as if it had never been, and asks strangers to sign in', async () => {
    const before = await sums()
    const wrong: string[] = []
    const note = async (fault: Promise<string | null>): Promise<void> => void wrong.push(...[await fault].flatMap((one) => one ?? []))
    expect(await hides('alice', atShop().find((c) => c.id === 'GET /invoices/:publicId')!)).to.equal('GET /invoices/:publicId: alice gets 200')
    for (const c of atShop().filter((one) => one.named && one.reach !== 'public' && !webhook(one))) {
      for (const name of c.reach === 'own' ? ['bob', 'gina', 'mixed', 'guest'] : ['gina', 'visitor']) await note(hides(name, c))
    }
    for (const c of atDesk('/reseller').filter((one) => one.named && !forStaff.has(one.id))) await note(hides('other', c))
    for (const c of atDesk('/reseller')) if (!toSignIn(await ask(who['stranger']!, c, c.url, c.fields))) wrong.push(`${c.id}: strangers come to the desk`)
    for (const c of [...atDesk('/tenants/acme'), ...central(consoleApp)].filter((one) => !publicPages.has(one.id) || one.path === '/')) if (!toSignIn(await ask(who['passer']!, c, c.url, c.fields))) wrong.push(`${c.id}: passers-by come into the console`)
    for (const c of atShop().filter((one) => !one.named && !publicPages.has(one.id))) if (!toSignIn(await ask(who['guest']!, c, c.url, c.fields))) wrong.push(`${c.id}: guests are not asked to sign in`)
    for (const c of central(platformApp).filter((one) => one.path !== '/' && !publicPages.has(one.id))) if (!toSignIn(await ask(who['stranger']!, c, c.url))) wrong.push(`${c.id}: strangers are not asked to sign in`)
    await note(hides('other', central(platformApp).find((c) => c.id === 'GET /reseller/bills/:publicId')!))
    expect([...wrong, ...changed(before, await sums()).map((table) => `foreigners wrote ${table}`)]).to.deep.equal([])
  })

  it('lets support look, and change nothing but what is its work', async () => {
    await role('support')
    const wrong = await eachUnchanged(atDesk('/reseller').filter((c) => !reading(c) && !supportMay.has(c.id)), async (c) => {
      const answer = await ask(who['owner']!, c, c.url, c.fields)
      return answer.status === 409 && /role|owner of the shop|staff/.test(answer.body) ? null : `support gets ${answer.status}`
    })
    for (const c of atDesk('/reseller').filter(reading)) {
      const { status } = await ask(who['owner']!, c, c.url)
      if (![200, 303, 409].includes(status)) wrong.push(`${c.id}: support reads ${status}`)
    }
    await role('owner')
    expect(wrong).to.deep.equal([])
  })

  it('writes only for a page of ours: without the form token it answers 403', async () => {
    const before = await sums()
    const wrong: string[] = []
    const refused = async (name: string, c: Case): Promise<void> => {
      await relax()
      const browser = who[name]!
      for (const [tried, headers, fields] of [['no token', {}, { ...c.fields, _csrf: '' }], ['a foreign page', { origin: 'http://evil.test', 'sec-fetch-site': 'cross-site' }, c.fields]] as const) {
        const { status } = await browser.post(c.url, { ...fields, ...(c.method === 'POST' ? {} : { _method: c.method.toLowerCase() }) }, headers)
        if (status !== 403) wrong.push(`${c.id}: ${status} with ${tried}`)
      }
    }
    for (const c of atShop().filter((one) => !reading(one) && !webhook(one))) await refused('alice', c)
    for (const c of [...atDesk('/reseller'), ...central(platformApp)].filter((one) => !reading(one))) await refused('owner', c)
    for (const c of [...atDesk('/tenants/acme'), ...central(consoleApp)].filter((one) => !reading(one))) await refused('staff', c)
    for (const c of atShop().filter(webhook)) if ((await who['guest']!.post(c.url, {})).status !== 400) wrong.push(`${c.id} takes unsigned events`)
    expect([...wrong, ...changed(before, await sums()).map((table) => `${table} was written`)]).to.deep.equal([])
  })

  it('takes no field it does not know', async () => {
    const strict = (name: string) => async (c: Case): Promise<string | null> => {
      const { status } = await ask(who[name]!, c, c.url, { ...c.fields, zz_unknown: '1' })
      return status === 422 || (status < 500 && refusedAnyway.has(c.id)) ? null : `${status} with an unknown field`
    }
    const forms = (c: Case): boolean => !reading(c) && !webhook(c) && !formless.has(c.id) && !lookers.has(c.id)
    const wrong = await eachUnchanged(atShop().filter(forms), strict('alice'))
    wrong.push(...(await eachUnchanged(atDesk('/reseller').filter((c) => forms(c) && !forStaff.has(c.id)), strict('owner'))))
    expect(wrong).to.deep.equal([])
  })

  const names = ['id', 'page', 'size', 'sort', 'show', 'q', 'from', 'to', 'until', 'currency', 'status', 'state', 'type', 'plan', 'step', 'next', 'key', 'chosen', 'attempt', 'cycle', 'also', 'batch', 'email', 'about', 'days', 'approval_token_id', 'country', 'kind']
  const twice = names.map((name) => `${name}=1&${name}=2`).join('&')
  const nested = names.map((name) => `${name}[a]=1&${name}[]=2`).join('&')
  const sql = names.map((name) => `${name}=${encodeURIComponent(`name;drop table users -- ' or sleep(5)`)}`).join('&')
  it('reads names given twice, lists, and SQL where a sort belongs, as nonsense', async () => {
    const wrong: string[] = []
    const nonsense = async (name: string, c: Case): Promise<void> => {
      for (const [what, added] of [['twice', `${twice}&${nested}`], ['sql', sql], ['odd days', `from=2026-02-31&to=0000-00-00&until=9999-99-99&page=0&size=0&sort=${encodeURIComponent('(select sleep(5))')}`]]) {
        const started = Date.now()
        const { status } = await ask(who[name]!, c, `${c.url.split('?')[0]}?${added}`)
        if (status >= 500) wrong.push(`${c.id}: ${status} for ${what}`)
        if (Date.now() - started > 3000) wrong.push(`${c.id}: ${what} took ${Date.now() - started} ms`)
      }
    }
    const read = (c: Case): boolean => reading(c) && !drawn(c)
    for (const c of atShop().filter(read)) await nonsense('alice', c)
    for (const c of [...atDesk('/reseller'), ...central(platformApp)].filter(read)) await nonsense('owner', c)
    for (const c of central(consoleApp).filter(read)) await nonsense('staff', c)
    expect(wrong).to.deep.equal([])
  })

  const juggled = [['a', 'b'], { a: 1 }, 0, true, null]
  it('takes nothing but texts in forms', async () => {
    const before = await sums()
    const wrong: string[] = []
    const juggle = async (name: string, c: Case): Promise<void> => {
      const browser = who[name]!
      const fields = { id: '1', name: 'x', reason: 'x', amount: '1', plan: 'x', ...c.fields }
      for (const turn of [0, 1]) {
        await relax()
        const body = JSON.stringify({ ...Object.fromEntries(Object.keys(fields).map((field, i) => [field, juggled[(i + turn) % juggled.length]])), zz_unknown: 'x', ...(c.method === 'POST' ? {} : { _method: c.method }) })
        const { status } = await browser.send(c.url, { method: 'POST', body, headers: { 'content-type': 'application/json', origin: `http://${browser.host}:${browser.port}`, 'sec-fetch-site': 'same-origin', 'x-csrf-token': browser.csrf } })
        if (status >= 500) wrong.push(`${c.id}: ${status}`)
      }
    }
    for (const c of atShop().filter((one) => !reading(one) && !webhook(one) && !formless.has(one.id))) await juggle('alice', c)
    for (const c of atDesk('/reseller').filter((one) => !reading(one))) await juggle('owner', c)
    expect([...wrong, ...changed(before, await sums())]).to.deep.equal([])
  })

  it('that is a spreadsheet makes no formula of what customers write', async () => {
    const wrong: string[] = []
    const sheets = [...atShop().map((c) => ['alice', c] as const), ...atDesk('/reseller').map((c) => ['owner', c] as const)].filter(([, c]) => c.path.endsWith('.csv'))
    for (const [name, c] of sheets) {
      const answer = await ask(who[name]!, c, c.url)
      for (const [, quoted, bare] of answer.body.matchAll(/"((?:[^"]|"")*)"|([^,\r\n]+)/g)) {
        const cell = quoted ?? bare ?? ''
        if (/^[=+@\t\r]|^-(?!\d+(\.\d+)?$)/.test(cell)) wrong.push(`${c.id}: ${cell.slice(0, 60)}`)
      }
      if (!/^text\/csv/.test(answer.headers['content-type'] ?? '')) wrong.push(`${c.id}: is ${answer.headers['content-type'] ?? ''}`)
    }
    expect(sheets.length).to.be.at.least(10)
    expect(wrong).to.deep.equal([])
  })

  it('of the shop never names the platform', async () => {
    const wrong: string[] = []
    for (const c of atShop().filter((one) => reading(one) && !drawn(one))) {
      const answer = await ask(who['alice']!, c, c.url)
      if (/ezscale/i.test(answer.body.replaceAll('ezscale.localhost', '')) || /ezscale/i.test(JSON.stringify(answer.headers))) wrong.push(`${c.id}: …${/.{0,60}ezscale.{0,40}/is.exec(answer.body)?.[0] ?? 'in a header'}…`)
    }
    await runInTenant(acme, async () => {
      for (const kind of allLetters().filter((k) => scopeOf(k) === 'tenant')) {
        const { subject, text, html } = compose(kind, kind.preview())
        if (/ezscale/i.test(`${subject}${text}${html}`)) wrong.push(`letter ${kind.name}`)
      }
      const alice = (await Customer.query().findOne({ email: 'alice@mail.example' }))!
      const documents = { invoice: invoiceHtml((await Invoice.query().whereNotNull('issuedAt').first())!), note: creditNoteHtml((await CreditNote.query().first())!), statement: statementHtml(alice.id, await statementOf(alice.id, 'USD', { start: new Date(0), end: new Date() })) }
      for (const [name, html] of Object.entries(documents)) if (/ezscale/i.test(String(await html))) wrong.push(`document ${name}`)
    })
    expect(wrong).to.deep.equal([])
  })

  it('acts for whom it is for, or says why not', async () => {
    const wrong: string[] = []
    const acts = async (name: string, c: Case): Promise<void> => {
      const { status } = await ask(who[name]!, c, c.url, c.fields)
      // What an act before this one took away is not there any more.
      if (![200, 303, 404, 409, 422, 502].includes(status)) wrong.push(`${c.id}: ${status} for ${name}`)
    }
    const last = (c: Case): number => (c.method === 'DELETE' || /termination|disable|void|status$/.test(c.path) ? 1 : 0)
    const inOrder = (all: readonly Case[]): Case[] => all.filter((c) => !reading(c) && !webhook(c) && !formless.has(c.id)).sort((a, b) => last(a) - last(b))
    for (const c of inOrder(atShop()).filter((one) => !/^\/(account\/password|verify-email|password)/.test(one.path))) await acts('alice', c)
    for (const c of inOrder(atDesk('/reseller')).filter((one) => !forStaff.has(one.id))) await acts('owner', c)
    expect(wrong).to.deep.equal([])
  })
})
