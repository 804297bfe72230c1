/** For the walk over all routes (a little longer than other files, as it is one set-up): two real shops with central, who may ask, and the ways to ask. */
import { expect } from 'chai'
import { Router } from 'express'
import { consoleApp, platformApp } from '../../central/app.js'
import { deskApp } from '../../central/backoffice/app.js'
import { addConnection } from '../../central/providers/save-connection.js'
import { addStaff } from '../../central/staff/add-staff.js'
import { asStaff, useCentral } from '../../central/testing/central-world.js'
import { billReseller } from '../../central/wholesale/bill-reseller.js'
import { centralDb } from '../../shared/database/central-database.js'
import { quoteName } from '../../shared/database/migration-connection.js'
import { createApp } from '../../shared/http/app.js'
import { forgetBlocked } from '../../shared/http/rate-limit.js'
import { signIn } from '../../shared/http/session.js'
import { hashPassword } from '../../shared/security/password.js'
import { PaypalSimulator } from '../../shared/simulators/paypal/server.js'
import { StripeSimulator } from '../../shared/simulators/stripe/server.js'
import { runInTenant } from '../../shared/tenancy/context.js'
import type { Tenant } from '../../shared/tenancy/tenant.js'
import { useServer, type Answer, type Browser } from '../../shared/testing/browser.js'
import { clock } from '../../shared/time/clock.js'
import { tenantApp } from '../../tenant/app.js'
import { startAddingMethod } from '../../tenant/billing/payments/methods/add-payment-method.js'
import { connectPaypal } from '../../tenant/billing/payments/gateways/connect-account.js'
import { Customer } from '../../tenant/customers/customer.js'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { newCustomer } from '../../tenant/scenarios/billing-world.js'
import { reviewFields } from '../../tenant/testing/order-world.js'
import { hostile, numbered, ownedBy } from './owned-records.js'
import { casesOf, type Case } from './route-cases.js'
import { routesOf, type ListedRoute } from './route-list.js'
import { centralNames, deskFields, deskNames, shopFields, shopNames } from './route-names.js'
import { changed, eachUnchanged, sumsOf } from './table-sums.js'

/** Shelves of what the shop does not offer. */
export const emptyShelves = new Set(['GET /game-servers', 'GET /dedicated', 'GET /web-hosting', 'GET /other'])
const password = 'a quiet harbour town'
/** Drawn by a browser: slow. */
export const drawn = (route: ListedRoute): boolean => route.path.endsWith('/pdf')
export const reading = (route: ListedRoute): boolean => route.method === 'GET'
export const webhook = (route: ListedRoute): boolean => route.path.startsWith('/webhooks/')
/** Mocha hooks: both shops with everybody who may ask, and one record of every kind. Call it in a describe. */
export function useRoutes() {
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

  const atShop = (): Case[] => casesOf(routesOf(tenantApp), shopNames, shopFields, records)
  const atDesk = (base: string): Case[] => casesOf(routesOf(deskApp), deskNames, deskFields, records, base)
  const central = (app: Router): Case[] => casesOf(routesOf(app).filter((r) => !/^\/tenants\/:slug/.test(r.path) && !deskPaths.has(`${r.method} ${r.path}`)), centralNames, {}, records)
  const deskPaths = new Set(routesOf(deskApp).map((r) => `${r.method} /reseller${r.path}`))

  const sums = sumsOf(() => world.admin, () => acme.db.database)
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
    const rack = await asStaff(() => addConnection({ label: hostile, baseUrl: 'http://127.0.0.1:9', api: 'developer', secretApiKey: 'walk', secretApiKeySecret: 'walk' }, ids[0]!))
    records = { ...made, ownServer: rack.name, code: 'SAVE', workspaceSlug: 'developer_basic', reseller: 'acme', bill: bills.public_id, nothing: '0' }
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

  return { who, records: () => records, acme: () => acme, relax, ask, role, atShop, atDesk, central, sums, changed, eachUnchanged: eachUnchanged.bind(null, sums), hides, toSignIn }
}
