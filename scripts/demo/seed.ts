/** The demo's world: the house shop, two resellers with different brands, their people, payment accounts, products on the shelves, and a customer who has ordered a little. */
import { centralDirectory } from '../../central/directory.js'
import { inTenantOf } from '../../central/access/enter-tenant.js'
import { asCentral } from '../../shared/tenancy/as-central.js'
import { saveBranding } from '../../central/branding/branding.js'
import { connectProvider } from '../../central/providers/connect-provider.js'
import { Member } from '../../central/members/member.js'
import { continueOpening, openReseller } from '../../central/resellers/open-reseller.js'
import { readSteps, stepTitles } from '../../central/resellers/opening.js'
import { addStaff } from '../../central/staff/add-staff.js'
import { offerTemplates } from '../../central/templates/deliver-templates.js'
import { syncAllImages } from '../../central/templates/sync-images.js'
import { centralDb } from '../../shared/database/central-database.js'
import { config, originOf } from '../../shared/config.js'
import { hashPassword } from '../../shared/security/password.js'
import { clock } from '../../shared/time/clock.js'
import { connectPaypal, connectStripe } from '../../tenant/billing/payments/gateways/connect-account.js'
import { GatewayAccount } from '../../tenant/billing/payments/gateways/gateway-account.js'
import { Plan } from '../../tenant/catalog/plan.js'
import { changePrice } from '../../tenant/catalog/change-price.js'
import { keepSome, seedCustomer } from './customer.js'
import { fillBooks } from './books.js'
import { disputeOnce } from './dispute.js'
import type { Outside } from './outside.js'
import { placeOrders, publishShelves } from './shelves.js'
import { orderWorkspaces, stopSecond } from './workspaces.js'

export const demoPassword = 'demo-demo-demo'
export interface DemoShop { slug: string; name: string; host: string; owner: string; color: string; second: string; currency: 'USD' | 'EUR'; markup: number; house?: boolean }

export const demoShops = (): DemoShop[] => [
  { slug: 'house', name: 'EZSCALE Shop', host: `account.${config().PLATFORM_DOMAIN}`, owner: 'shop@ezscale.localhost', color: '#1d4ed8', second: '#0f172a', currency: 'USD', markup: 1, house: true },
  { slug: 'acme', name: 'Acme Cloud', host: 'acme.localhost', owner: 'owner@acme.localhost', color: '#0f766e', second: '#134e4a', currency: 'USD', markup: 1 },
  { slug: 'globex', name: 'Globex Desktops', host: 'globex.localhost', owner: 'owner@globex.localhost', color: '#b45309', second: '#1c1917', currency: 'EUR', markup: 1.2 },
]

async function openShop(shop: DemoShop, say: (text: string) => void): Promise<number> {
  const known = await centralDirectory.findBySlug(shop.slug)
  if (known && known.status !== 'opening') return known.id
  say(`opening the shop ${shop.name}`)
  const id = known?.id ?? (await asCentral(() => openReseller({
    name: shop.name, slug: shop.slug, host: shop.host, ownerName: `${shop.name} owner`, ownerEmail: shop.owner, currency: shop.currency, timeZone: 'UTC', tier: 'pro', monthlyFee: '99.00', discountPercent: 5, sandbox: !shop.house,
  }, { house: shop.house ?? false, start: false }))).id
  const reseller = await asCentral(() => continueOpening(id))
  const failed = (await asCentral(() => readSteps(id))).find((step) => step.status === 'failed')
  if (reseller.status !== 'active') throw new Error(`Opening ${shop.name} stopped at "${failed ? stepTitles[failed.step] : '?'}": ${failed?.error ?? 'unknown'}`)
  return id
}

async function dressShop(id: number, shop: DemoShop): Promise<void> {
  await asCentral(() => saveBranding(id, {
    companyName: shop.name, primaryColor: shop.color, secondaryColor: shop.second, supportEmail: `help@${shop.host}`, supportPhone: undefined, legalName: `${shop.name} Ltd.`,
    legalAddress: '12 Harbour Street\nPorttown PT1 2AB', taxId: undefined,
  }))
  if (shop.house) return
  await asCentral(async () => {
    await centralDb()('members').where({ email: shop.owner }).update({ password_hash: await hashPassword(demoPassword), email_verified_at: clock.real() })
    await Member.findOwned({ email: shop.owner })
  })
  await asCentral(() => inTenantOf(id, 'demo prices', async () => {
    for (const plan of await Plan.query().where({ billingCycle: 'hourly' })) await changePrice(plan, { priceMicros: Math.round((plan.priceMicros * shop.markup) / 10_000) * 10_000 })
  }))
}

/** The simulated payment services forget nothing across restarts, but their ports may change. */
async function connectPayments(id: number, shop: DemoShop, outside: Outside, port: number): Promise<void> {
  const origin = originOf(shop.host).replace(/:\d+$/, `:${port}`)
  await asCentral(() => inTenantOf(id, 'demo payments', async () => {
    await GatewayAccount.query().where({ gateway: 'stripe' }).patch({ apiBase: outside.stripe.url })
    await GatewayAccount.query().where({ gateway: 'paypal' }).patch({ apiBase: outside.paypal.url })
    await connectStripe({ secretKey: `sk_test_${shop.slug}`, publishableKey: `pk_test_${shop.slug}`, apiBase: outside.stripe.url, origin })
    await connectPaypal({ clientId: `client_${shop.slug}`, secret: `secret_${shop.slug}`, mode: 'test', apiBase: outside.paypal.url, origin })
  }))
}

/** Three simulated workspace servers in three regions, the last behind a gateway. */
async function connectServers({ kasm, europe, gateway }: Outside): Promise<void> {
  const servers = [
    { name: 'Simulated workspaces', label: 'US East 1', region: 'US East', server: kasm, settings: { pausePath: '/api/pause_kasm' } }, { name: 'Simulated workspaces, Europe', label: 'Europe 1', region: 'Europe', server: europe, settings: { pausePath: '/api/pause_kasm' } },
    { name: 'Simulated gateway', label: 'Asia Pacific 1', region: 'Asia Pacific', server: gateway, settings: { api: 'gateway' } },
  ]
  for (const { name, label, region, server, settings } of servers) {
    const { apiKey, apiKeySecret } = server.settings
    await asCentral(() => connectProvider({ kind: 'kasm', name, label, region, maxSessions: 200, baseUrl: server.url, secrets: { apiKey, apiKeySecret }, settings }))
  }
  await asCentral(async () => {
    await syncAllImages()
    await offerTemplates()
  })
}

/** Answers what is left to do once the worker runs. */
export async function seedDemo(outside: Outside, port: number, say: (text: string) => void): Promise<() => Promise<void>> {
  const ordered: Array<{ id: number; email: string }> = []
  await asCentral(() => addStaff({ email: 'staff@ezscale.localhost', name: 'Sam Staff', role: 'admin', password: demoPassword }))
  await connectServers(outside)
  for (const shop of demoShops()) {
    const fresh = (await centralDirectory.findBySlug(shop.slug)) === null
    const id = await openShop(shop, say)
    if (fresh) await dressShop(id, shop)
    await connectPayments(id, shop, outside, port)
    await asCentral(() => inTenantOf(id, 'demo customer', async () => {
      await publishShelves()
      await seedCustomer({ email: `customer@${shop.host}`, name: 'Casey Customer', password: demoPassword })
      await seedCustomer({ email: `dora@${shop.host}`, name: 'Dora Miles', password: demoPassword })
      await seedCustomer({ email: `max@${shop.host}`, name: 'Max Overton', password: demoPassword })
      if (await orderWorkspaces(`customer@${shop.host}`)) ordered.push({ id, email: `customer@${shop.host}` })
      await placeOrders(`customer@${shop.host}`)
      await keepSome(`customer@${shop.host}`)
      await disputeOnce(`dora@${shop.host}`, shop.slug, outside)
      await fillBooks(`max@${shop.host}`, `dora@${shop.host}`)
    }))
  }
  return () => settle(ordered)
}

/** For at most a minute: what was ordered comes up, and one of two is stopped again. */
async function settle(ordered: ReadonlyArray<{ id: number; email: string }>): Promise<void> {
  let waiting = [...ordered]
  for (let tries = 0; waiting.length && tries < 30; tries++) {
    await new Promise((done) => setTimeout(done, 2000).unref())
    const still: typeof waiting = []
    for (const shop of waiting) if (!(await asCentral(() => inTenantOf(shop.id, 'demo workspaces', () => stopSecond(shop.email))))) still.push(shop)
    waiting = still
  }
}
