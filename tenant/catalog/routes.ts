/** The shop front: who we are, what we offer, what it costs. */
import { Router, type Request, type Response } from 'express'
import { NotFound } from '../../shared/errors.js'
import { page, redirect } from '../../shared/http/page.js'
import { exponentOf } from '../../shared/money/currency.js'
import { amountOf } from '../../shared/money/rate.js'
import { currentTenant } from '../../shared/tenancy/context.js'
import { formatMoney } from '../../shared/views/format.js'
import { userOrNull } from '../customers/guard.js'
import { shelves } from './offered.js'
import { frontPoints, meterExamples, planGroups } from './pages.js'
import { Plan } from './plan.js'
import { productPage, type Shown } from './product-page.js'
import { Product } from './product.js'
import type { Fields } from './read-selection.js'
import { currencyFor, otherShelves, shelfSections } from './shelf-page.js'
import { allShelves, type Shelf } from './shelf.js'

export const catalogRoutes = Router()

const localeOf = (req: Request): string => userOrNull(req)?.locale ?? currentTenant().locale
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

async function shop(): Promise<{ groups: ReturnType<typeof planGroups>; examples: ReturnType<typeof meterExamples>; shopName: string; smallestCredit: string }> {
  const { locale, brand, currency } = currentTenant()
  const plans = await Plan.offered()
  return { groups: planGroups(plans, locale), examples: meterExamples(plans, (plan, seconds) => amountOf(plan.rate, seconds), locale), shopName: brand.companyName, smallestCredit: formatMoney(5 * 10 ** exponentOf(currency), currency, locale) }
}

/** The currency of this visitor, and links to the others a guest may look at. */
async function currencies(req: Request): Promise<{ currency: string; others: Array<{ href: string; label: string; current: boolean }> }> {
  const customer = userOrNull(req)
  const offered = customer ? [] : [...new Set((await shelves()).map((s) => s.currency))]
  const currency = currencyFor(customer, req.query['currency'], offered)
  return { currency, others: offered.length > 1 ? offered.map((c) => ({ href: `${req.path}?currency=${c}`, label: c, current: c === currency })) : [] }
}

catalogRoutes.get('/', async (req, res) => {
  const { currency } = await currencies(req)
  const [front, sections] = [await shop(), await otherShelves(currency, localeOf(req))]
  page(req, res, 'tenant/catalog/home', { ...front, sections, points: front.groups.length > 0 ? frontPoints(sections.length > 0) : [] }, { title: front.groups.length > 0 ? 'Cloud workspaces by the hour' : 'Servers and hosting' })
})
catalogRoutes.get('/workspaces/plans', async (req, res) => page(req, res, 'tenant/catalog/plans', await shop(), { title: 'Plans and prices' }))
catalogRoutes.get('/products', async (req, res) => {
  const { currency, others } = await currencies(req)
  const sections = await otherShelves(currency, localeOf(req))
  page(req, res, 'tenant/catalog/shelf', { title: 'Everything we offer', text: '', sections, others, workspaces: (await Plan.offered()).length > 0 }, { title: 'Everything we offer' })
})

for (const shelf of allShelves.filter((s) => s.serviceType !== 'kasm_workspace')) catalogRoutes.get(shelf.href, (req, res) => showShelf(req, res, shelf))

async function showShelf(req: Request, res: Response, shelf: Shelf): Promise<void> {
  if (!(await shelves()).some((s) => s.serviceType === shelf.serviceType)) throw new NotFound('page')
  const { currency, others } = await currencies(req)
  page(req, res, 'tenant/catalog/shelf', { title: shelf.title, text: shelf.text, sections: await shelfSections(shelf, currency, localeOf(req)), others }, { title: shelf.title })
}

/** The product's page in any state of its form. Hidden products are found by their public id, hidden plans by `?plan=`. */
async function showProduct(req: Request, res: Response, shown: Pick<Shown, 'fields' | 'cycle' | 'also'>): Promise<void> {
  const product = await Product.atAddress(String(req.params['key']))
  if (product.kind === 'addon') throw new NotFound('product')
  const metered = await Plan.query().findOne({ productId: product.id, billingCycle: 'hourly', status: 'active' })
  if (metered) return redirect(req, res, `/order/${metered.slug}`)
  const { currency, others } = await currencies(req)
  const data = await productPage(product, { ...shown, currency, locale: localeOf(req), customer: userOrNull(req) })
  if (!data && others.length === 0) throw new NotFound('product')
  const status = data && Object.keys(data.errors).length > 0 ? 422 : 200
  page(req, res, data ? 'tenant/catalog/product' : 'tenant/catalog/other-currency', { ...data, name: product.name, others }, { title: product.name, status, ...(data ? { fragment: 'tenant/catalog/_configure' } : {}) })
}

catalogRoutes.get('/products/:key', (req, res) => showProduct(req, res, { fields: null, cycle: text(req.query['cycle']), also: text(req.query['plan']) }))
/** "Show the price of this": changes nothing. htmx asks at every change of the form; without it there is a button. */
catalogRoutes.post('/products/:key', (req, res) => showProduct(req, res, { fields: (req.body ?? {}) as Fields }))
