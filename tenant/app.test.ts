/** Generated from the router: a new route is asked as every kind of caller without anybody writing it down here. */
import { expect } from 'chai'
import { Router } from 'express'
import { tenantDb } from '../shared/database/tenant-database.js'
import { createApp } from '../shared/http/app.js'
import { forgetBlocked } from '../shared/http/rate-limit.js'
import { newPublicId } from '../shared/security/token.js'
import type { Tenant } from '../shared/tenancy/tenant.js'
import { Browser, useServer, type Answer } from '../shared/testing/browser.js'
import { clock } from '../shared/time/clock.js'
import { tenantApp } from './app.js'
import { signUp } from './auth/sign-up.js'
import { Customer } from './customers/customer.js'
import { newProduct } from './testing/catalog-world.js'
import { useKasmWorld } from './testing/kasm-world.js'
import { newSubscription } from './testing/subscription-world.js'

interface Layer {
  route?: { path: string | string[]; methods: Record<string, boolean> }
  handle: { stack?: Layer[] }
}
interface Route {
  method: string
  path: string
}
function routesOf(router: { stack?: Layer[] }): Route[] {
  return (router.stack ?? []).flatMap((layer) => {
    if (!layer.route) return routesOf(layer.handle)
    const paths = [layer.route.path].flat()
    return Object.keys(layer.route.methods).flatMap((method) => paths.map((path) => ({ method: method.toUpperCase(), path })))
  })
}

/** Open to everybody. All else asks for a customer. */
const open = new Set([
  'GET /', 'GET /workspaces/plans', 'GET /sign-in', 'POST /sign-in', 'POST /session', 'DELETE /session', 'POST /sign-out', 'GET /sign-up', 'POST /sign-up', 'GET /verify-email', 'POST /verify-email',
  'GET /verify-email/:token', 'POST /verify-email/:token', 'GET /password/forgot', 'POST /password/forgot', 'GET /password/reset/:token', 'POST /password/reset/:token', 'POST /webhooks/stripe/:accountPublicId',
  'POST /webhooks/paypal/:accountPublicId', 'GET /products', 'GET /vps', 'GET /game-servers', 'GET /dedicated', 'GET /web-hosting', 'GET /other', 'GET /products/:key', 'POST /products/:key', 'GET /pay/done/:attempt', 'GET /pay/:token',
  'POST /pay/:token', 'POST /pay/:token/setup', 'GET /pay/:token/setup/:setupId', 'GET /cart', 'POST /cart/items', 'GET /cart/items/:publicId', 'PUT /cart/items/:publicId', 'DELETE /cart/items/:publicId', 'POST /cart/confirmation',
  'POST /cart/codes', 'DELETE /cart/codes/:code', 'PUT /cart/place', 'GET /terms',
])
/** Ids that are not a row of a customer: a plan everybody sees; a set-up at the gateway, which payments prove with the gateway simulator. */
const notOwned = new Set([':planSlug', ':setupId', ':token', ':accountPublicId'])
/** Shelves with nothing on them, and what Ada does not have. */
const mayBeMissing = new Set(['/game-servers', '/dedicated', '/web-hosting', '/other', '/pay/done/:attempt', '/pay/:token', '/cart/items/:publicId', '/credit-notes/:publicId', '/subscriptions/:publicId/changes/:changeId', '/subscriptions/:publicId/addons/:plan',
  '/services/:publicId/runs/:run', '/services/:publicId/runs/:run/print', '/services/:publicId/desktop/:ticket',
])
const name = ({ method, path }: Route): string => `${method} ${path}`
const all = routesOf(tenantApp as unknown as { stack: Layer[] })
const closed = all.filter((route) => !open.has(name(route)))
const owned = closed.filter(({ path }) => /:/.test(path) && ![...notOwned].some((id) => path.includes(id)))

interface Belongings {
  browser: Browser
  /** Public id of each thing, by the path that begins with its noun. */
  ids: Record<string, string>
}
const unknown: Record<string, string> = {
  services: newPublicId(), invoices: newPublicId(), 'payment-methods': newPublicId(), account: 'f'.repeat(64), orders: newPublicId(), quotes: newPublicId(), subscriptions: newPublicId(), 'credit-notes': newPublicId(),
}
const fill = (path: string, ids: Record<string, string>): string => path.replace(/:\w+/, ids[path.split('/')[1] ?? ''] ?? 'x')

describe('every page of a shop', () => {
  const world = useKasmWorld()
  const server = useServer(() => createApp({ tenantApp, consoleApp: Router(), platformApp: Router() }))
  beforeEach(() => forgetBlocked())

  async function customer(tenant: Tenant, email: string): Promise<Belongings> {
    const password = 'seven green umbrellas'
    const id = await world.as(tenant, async () => {
      await signUp({ name: 'Casey', email, password, country: 'US', timeZone: 'UTC' }, newPublicId())
      await Customer.query().patch({ emailVerifiedAt: clock.now() }).where({ email })
      return (await Customer.withEmail(email))?.id ?? 0
    })
    const { service } = await world.order(tenant, id)
    const browser = server.browser(tenant.primaryHost)
    await browser.fill('/sign-in', { email, password })
    await browser.follow()
    const rows = await world.as(tenant, () => belongings(id))
    return { browser, ids: { services: service.publicId, ...rows } }
  }

  async function belongings(userId: number): Promise<Record<string, string>> {
    const [invoice, method] = [newPublicId(), newPublicId()]
    const dated = { created_at: clock.now(), updated_at: clock.now() }
    const [account] = await tenantDb()('gateway_accounts').insert({ public_id: newPublicId(), gateway: 'stripe', mode: 'test', secret_sealed: 'x', ...dated })
    await tenantDb()('payment_methods').insert({ public_id: method, user_id: userId, gateway_account_id: account, gateway_customer_id: `cus_${userId}`, gateway_method_id: `pm_${invoice}`, brand: 'visa', last4: '4242', ...dated })
    await tenantDb()('invoices').insert({
      public_id: invoice, business_key: `test:${invoice}`, number: `INV-${userId}-${invoice.slice(0, 5)}`, user_id: userId, kind: 'manual', status: 'open', currency: 'USD', subtotal_minor: 1400, total_minor: 1400,
      seller: JSON.stringify({ name: 'S', legalName: 'S', address: [], taxId: null, email: 's@example.com', phone: null }), buyer: JSON.stringify({ name: 'B', company: null, email: 'b@example.com', address: [], taxId: null }),
      issued_at: clock.now(), due_at: clock.now(), ...dated,
    })
    const session = (await tenantDb()('sessions').where({ subject_id: userId }).first('id')) as { id: string }
    const [order, quote] = [newPublicId(), newPublicId()]
    await tenantDb()('orders').insert({ public_id: order, checkout_key: order, user_id: userId, status: 'placed', currency: 'USD', detail: '{}', ...dated })
    await tenantDb()('quotes').insert({ public_id: quote, user_id: userId, status: 'sent', number: quote, currency: 'USD', valid_until: new Date(clock.now().getTime() + 86_400_000), ...dated })
    const { plan, product } = await newProduct({ slug: `p-${quote}` })
    const { subscription } = await newSubscription({ userId, plan, paid: false })
    return { invoices: invoice, 'payment-methods': method, account: session.id, orders: order, quotes: quote, subscriptions: subscription.publicId, products: product.slug }
  }

  const ask = (b: Browser, { method }: Route, path: string): Promise<Answer> =>
    method === 'GET' ? b.get(path) : b.post(path, method === 'POST' ? {} : { _method: method })

  it('is known to this test: there are open ones, and closed ones with ids', () => {
    expect([...open].filter((o) => !all.some((route) => name(route) === o)), 'open routes that do not exist').to.deep.equal([])
    expect(closed.length).to.be.greaterThan(15)
    expect(owned.length).to.be.greaterThan(10)
  })

  it('that is not open sends a guest to the sign-in page, and a program away with 401', async () => {
    const guest = server.browser('acme.localhost')
    await guest.get('/sign-in')
    for (const route of closed) {
      const path = fill(route.path, unknown)
      const answer = await ask(guest, route, path)
      expect([name(route), answer.status, answer.headers.location?.split('?')[0]]).to.deep.equal([name(route), 303, '/sign-in'])
      if (route.method === 'GET') expect([name(route), (await guest.get(path, { accept: 'application/json' })).status]).to.deep.equal([name(route), 401])
    }
  })

  it('hides what belongs to another customer, and to another shop, exactly as what does not exist', async () => {
    const ada = await customer(world.acme, 'ada@example.com')
    const eve = await customer(world.acme, 'eve@example.com')
    const gil = await customer(world.globex, 'gil@example.com')
    const [acme, globex] = [await rowsOf(world.acme, ada), await world.checksum(world.globex)]
    const plain = (a: Answer) => a.body.replaceAll(/[a-z0-9]{20}|(nonce|content|value|href|action)="[^"]*"/g, '')
    for (const route of owned) for (const stranger of [eve, gil]) {
      const theirs = await ask(stranger.browser, route, fill(route.path, ada.ids))
      const nothing = await ask(stranger.browser, route, fill(route.path, unknown))
      expect([name(route), theirs.status, nothing.status]).to.deep.equal([name(route), 404, 404])
      expect(plain(theirs), name(route)).to.equal(plain(nothing))
    }
    expect(await rowsOf(world.acme, ada)).to.deep.equal(acme)
    expect(await world.checksum(world.globex)).to.equal(globex)
  })

  /** What Ada has, as rows. */
  const rowsOf = (tenant: Tenant, { ids }: Belongings): Promise<unknown[]> => world.as(tenant, async () => [
    await tenantDb()('services').where({ public_id: ids['services'] }), await tenantDb()('invoices').where({ public_id: ids['invoices'] }),
    await tenantDb()('payment_methods').where({ public_id: ids['payment-methods'] }), await tenantDb()('sessions').where({ id: ids['account'] }), await tenantDb()('kasm_workspaces').select(),
  ])

  it('may be looked at without changing anything, shows its owner what is theirs, and never names the wholesaler', async () => {
    const ada = await customer(world.acme, 'ada@example.com')
    await ada.browser.get('/account')
    const before = await world.checksum(world.acme)
    for (const route of all.filter((r) => r.method === 'GET' && !r.path.endsWith('/pdf') && !r.path.includes(':setupId'))) {
      const answer = await ada.browser.get(fill(route.path, { ...ada.ids, order: 'developer_basic', 'verify-email': 'x' }))
      expect(answer.status, name(route)).to.be.oneOf(mayBeMissing.has(route.path) ? [200, 303, 400, 404] : [200, 303, 400])
      expect(JSON.stringify([answer.body, answer.headers]), name(route)).to.not.match(/ezscale/i)
      expect(answer.body, name(route)).to.not.match(/ style="| on[a-z]+="|javascript:/i)
      expect(answer.headers['cache-control'], name(route)).to.equal('private, no-store')
    }
    expect(await world.checksum(world.acme)).to.equal(before)
  })
})
