/** One act on many products: first what would happen, then the act, exactly as shown. */
import { Router, type Request } from 'express'
import { FormErrors, Refusal } from '../../../shared/errors.js'
import { form } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { changePrice } from '../../../tenant/catalog/change-price.js'
import { Plan } from '../../../tenant/catalog/plan.js'
import { Product } from '../../../tenant/catalog/product.js'
import { setProductStatus } from '../../../tenant/catalog/set-offer-status.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { bulkPreview, newPriceOf } from './bulk-pages.js'
import { showList } from './product-at-desk.js'
import { bulkForm, namesLike, withNames, type BulkWish } from './forms.js'

export const bulkRoutes = Router()
const picked = /^p_[a-z0-9]{20}$/
const seen = /^v_[a-z0-9]{20}$/

/** What was asked, of which products, and the versions of the prices that were shown. */
function read(req: Request): { wish: BulkWish; ids: string[]; versions: Map<string, string> } {
  const [products, versions] = [namesLike(req, picked), namesLike(req, seen)]
  const given = form(withNames(bulkForm, [...products, ...versions]), req)
  const wish = given as BulkWish
  if (products.length === 0) throw new Refusal('bulk.nothing', 'Tick at least one product first.')
  if (wish.act === 'price' && wish.percent === undefined) throw new FormErrors({ percent: 'Enter by how many percent the prices change.' }, { ...(req.body as Record<string, unknown>) })
  return { wish, ids: products.map((n) => n.slice(2)), versions: new Map(versions.map((n) => [n.slice(2), String((given as Record<string, unknown>)[n])])) }
}
const chosen = (ids: readonly string[]) => Product.query().whereIn('publicId', [...ids]).orderBy('sortOrder').orderBy('id')

bulkRoutes.post('/products/preview', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => showList(req, res, errors, input, status))
  const { wish, ids } = read(req)
  const data = await atDesk(req, 'bulk preview', async () => bulkPreview(await chosen(ids), wish))
  deskPage(req, res, 'catalog/bulk', data, { title: data.title })
})
bulkRoutes.post('/products/acts', async (req, res) => {
  mustManage(req)
  const { wish, ids, versions } = read(req)
  const done = await atDesk(req, `bulk ${wish.act}`, async () => {
    const products = await chosen(ids)
    return wish.act === 'price' ? changePrices(products, wish, versions) : setProductStatus(products, wish.act)
  })
  redirect(req, res, `${deskOf(req).base}/products`, { flash: wish.act === 'price' ? `${done} prices changed for new orders. Existing customers keep theirs.` : `${done} products changed.` })
})

/** All or none. A price that changed since it was shown stops everything: it was not what was confirmed. */
async function changePrices(products: readonly Product[], wish: BulkWish, versions: ReadonlyMap<string, string>): Promise<number> {
  return tenantTransaction(async () => {
    let changed = 0
    for (const plan of await Plan.query().whereIn('productId', products.map((p) => p.id)).whereNot({ status: 'retired' })) {
      if (versions.get(plan.publicId) !== String(plan.version)) throw new Refusal('plan.moved', 'Somebody has changed one of these prices in the meantime. Please look at them again.')
      const priceMicros = newPriceOf(plan, wish)
      if (priceMicros === plan.priceMicros) continue
      await changePrice(plan, { priceMicros })
      changed++
    }
    return changed
  })
}
