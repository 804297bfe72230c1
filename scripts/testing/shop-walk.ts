/** For tests of one shop in the whole product: a sandbox reseller with a customer who can order at once, and a browser that is signed in. */
import type { Browser, Page } from 'puppeteer'
import { inTenantOf } from '../../central/access/enter-tenant.js'
import { centralDirectory } from '../../central/directory.js'
import { continueOpening, openReseller } from '../../central/resellers/open-reseller.js'
import { asCentral } from '../../shared/tenancy/as-central.js'
import type { Tenant } from '../../shared/tenancy/tenant.js'
import { Plan } from '../../tenant/catalog/plan.js'
import { Customer } from '../../tenant/customers/customer.js'
import { Template } from '../../tenant/kasm/templates/template.js'
import { placeOrder } from '../../tenant/ordering/place-order.js'
import { seedCustomer } from '../demo/customer.js'
import { fill, freshPage, press } from './browser.js'
import type { Product } from './product.js'

export const person = { email: 'cleo@mail.example', password: 'three green paper boats' }

/** Runs `work` inside the shop. */
export type InShop = <T>(work: () => Promise<T>) => Promise<T>

export async function openShop(slug: string, name: string): Promise<{ tenant: Tenant; host: string; inShop: InShop }> {
  const host = `${slug}.localhost`
  const { id } = await asCentral(() => openReseller({ name, slug, host, ownerName: 'Nina', ownerEmail: `nina@${host}`, currency: 'USD', timeZone: 'UTC', sandbox: true }, { start: false }))
  await asCentral(() => continueOpening(id))
  const inShop: InShop = (work) => asCentral(() => inTenantOf(id, 'test', work))
  await inShop(() => seedCustomer({ name: 'Casey Customer', ...person }))
  return { tenant: (await centralDirectory.findBySlug(slug))!, host, inShop }
}

/** Ordered as the customer would; answers its address. */
export async function order(inShop: InShop, name: string, slug = 'developer_basic'): Promise<string> {
  return inShop(async () => {
    const customer = (await Customer.withEmail(person.email))!
    const plan = (await Plan.query().findOne({ slug, status: 'active' }))!
    const [template] = await Template.offeredFor(plan)
    const service = await placeOrder(customer, plan, { checkoutKey: `test-${name}`, templateId: template!.id, name, planVersion: plan.version })
    return `/services/${service.publicId}`
  })
}

export async function signedIn(browser: Browser, product: Product, host: string, complaints: string[]): Promise<Page> {
  const page = await freshPage(browser, complaints)
  await page.goto(`${product.at(host)}/sign-in`)
  await fill(page, person)
  await press(page, 'Sign in')
  return page
}
