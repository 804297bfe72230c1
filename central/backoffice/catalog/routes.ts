/** The catalogue at a tenant's desk: products and groups. Prices, options and bulk acts have their own files. */
import { Router, type Request, type Response } from 'express'
import { stringify } from 'csv-stringify/sync'
import { form } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { z } from 'zod'
import { Plan } from '../../../tenant/catalog/plan.js'
import { ProductGroup } from '../../../tenant/catalog/product-group.js'
import { Product } from '../../../tenant/catalog/product.js'
import { changeProduct, createProduct, removeGroup, saveGroup, setAddons } from '../../../tenant/catalog/save-product.js'
import { setProductStatus } from '../../../tenant/catalog/set-offer-status.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { bulkRoutes } from './bulk-routes.js'
import { detailsView, groupsView, newProductInput, priceListRows } from './detail-pages.js'
import { groupForm, namesLike, readDetails, readNewProduct, statusForm, withNames } from './forms.js'
import { optionRoutes } from './option-routes.js'
import { priceRoutes } from './price-routes.js'
import { keepAddress, mayManage, productHref, productOf, showList, showProduct } from './product-at-desk.js'

type Errors = Readonly<Record<string, string>>
type Input = Readonly<Record<string, unknown>>
const products = Router()
products.get('/products', (req, res) => showList(req, res))
products.get('/products/prices.csv', async (req, res) => {
  const rows = await atDesk(req, 'price list', async () => priceListRows(await Plan.query().whereNotNull('productId')))
  res.type('text/csv').attachment('prices.csv').send(stringify(rows, { record_delimiter: '\r\n' }))
})
products.get('/products/new', async (req, res) => {
  mustManage(req)
  await showNew(req, res)
})
products.post('/products', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => showNew(req, res, errors, input, status))
  const { kind, serviceType, facts } = readNewProduct(req)
  const publicId = await atDesk(req, 'create product', async () => (await createProduct(kind, serviceType, facts)).publicId)
  redirect(req, res, `${deskOf(req).base}/products/${publicId}`, { flash: `${facts.name} is created and hidden. Give it prices, then publish it.` })
})

async function showNew(req: Request, res: Response, errors: Errors = {}, input: Input = newProductInput, status = 200): Promise<void> {
  const data = await atDesk(req, 'new product', () => detailsView(null, input))
  deskPage(req, res, 'catalog/details', { ...data, errors }, { title: 'New product', status })
}

const groups = Router()
const showGroups = async (req: Request, res: Response, errors: Errors = {}, input: Input = {}, status = 200, wrong: string | null = null): Promise<void> =>
  deskPage(req, res, 'catalog/groups', { ...(await atDesk(req, 'groups', () => groupsView(wrong, input))), can: mayManage(req), errors }, { title: 'Product groups', status })
groups.get('/products/groups', (req, res) => showGroups(req, res))
groups.post('/products/groups', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => showGroups(req, res, errors, input, status))
  const { name, slug, description = '', sort = 0 } = form(groupForm, req)
  await atDesk(req, 'add group', () => saveGroup({ name, slug, description, sortOrder: sort }))
  redirect(req, res, `${deskOf(req).base}/products/groups`, { flash: `The group ${name} is there. Put products into it on their own pages.` })
})
groups.put('/products/groups/:groupId', async (req, res) => {
  mustManage(req)
  const publicId = req.params.groupId
  onFormErrors(res, (errors, input, status) => showGroups(req, res, errors, input, status, publicId))
  const { name, slug, description = '', sort = 0 } = form(groupForm, req)
  await atDesk(req, 'change group', async () => saveGroup({ name, slug, description, sortOrder: sort }, await ProductGroup.findOwned({ publicId })))
  redirect(req, res, `${deskOf(req).base}/products/groups`, { flash: `Saved ${name}.` })
})
groups.delete('/products/groups/:groupId', async (req, res) => {
  mustManage(req)
  form(z.object({}), req)
  await atDesk(req, 'remove group', async () => removeGroup(await ProductGroup.findOwned({ publicId: req.params.groupId })))
  redirect(req, res, `${deskOf(req).base}/products/groups`, { flash: 'The group is gone. Its products stay, under the heading of their type.' })
})

const one = keepAddress(Router())
one.get('/products/:productId', (req, res) => showProduct(req, res))
one.get('/products/:productId/details', (req, res) => showDetails(req, res))
one.put('/products/:productId/details', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => showDetails(req, res, errors, input, status))
  const facts = readDetails(req)
  await atDesk(req, 'change product', async () => changeProduct(await productOf(req), facts))
  redirect(req, res, productHref(req), { flash: `Saved ${facts.name}.` })
})
async function showDetails(req: Request, res: Response, errors: Errors = {}, input?: Input, status = 200): Promise<void> {
  mustManage(req)
  const data = await atDesk(req, 'product', async () => detailsView(await productOf(req), input))
  deskPage(req, res, 'catalog/details', { ...data, errors }, { title: 'Change product', status })
}
one.get('/products/:productId/retirement', async (req, res) => {
  mustManage(req)
  const name = await atDesk(req, 'product', async () => (await productOf(req)).name)
  deskPage(req, res, 'catalog/retire', { name, href: productHref(req) }, { title: `Retire ${name}` })
})
one.put('/products/:productId/status', async (req, res) => {
  mustManage(req)
  const { status } = form(statusForm, req)
  const name = await atDesk(req, `product ${status}`, async () => {
    const product = await productOf(req)
    await setProductStatus([product], status)
    return product.name
  })
  const said = { active: `${name} is in the shop now.`, hidden: `${name} has left the shelves. Its direct link still sells it.`, retired: `${name} is sold no more. Customers who have it keep it.` }
  redirect(req, res, productHref(req), { flash: said[status] })
})
one.put('/products/:productId/addons', async (req, res) => {
  mustManage(req)
  const names = namesLike(req, /^a_[a-z0-9]{20}$/)
  form(withNames(z.object({}), names), req)
  await atDesk(req, 'set add-ons', async () => setAddons(await productOf(req), (await Product.query().whereIn('publicId', names.map((n) => n.slice(2)))).map((p) => p.id)))
  redirect(req, res, productHref(req), { flash: 'Saved the add-ons. They are offered on the product’s page and in the customer’s area.' })
})

export const catalogDeskRoutes = Router().use(bulkRoutes, groups, products, priceRoutes, optionRoutes, one)
