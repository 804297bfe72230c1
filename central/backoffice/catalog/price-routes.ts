/** Prices of a product at the desk: new ones, and changes with a preview that binds. */
import { Router, type Request, type Response } from 'express'
import { FormErrors, Refusal } from '../../../shared/errors.js'
import { form } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { clock } from '../../../shared/time/clock.js'
import { addPlan } from '../../../tenant/catalog/add-plan.js'
import { changePrice } from '../../../tenant/catalog/change-price.js'
import { isCycle } from '../../../tenant/catalog/cycle.js'
import { Plan } from '../../../tenant/catalog/plan.js'
import { setPlanStatus } from '../../../tenant/catalog/set-offer-status.js'
import { setWholesaleSku } from '../../../tenant/catalog/wholesale-copy.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { minorOf, plansForm, priceForm, skuForm, statusForm, type PriceWish } from './forms.js'
import { articlesOf, planView, previewOf } from './price-pages.js'
import { keepAddress, partOf, productHref, productOf, showProduct } from './product-at-desk.js'

type Errors = Readonly<Record<string, string>>
type Input = Readonly<Record<string, unknown>>
export const priceRoutes = keepAddress(Router())
const planHref = (req: Request): string => `${productHref(req)}/plans/${partOf(req, 'planId')}`

/** The plan of the address, and only of the product in it. */
async function planOf(req: Request): Promise<Plan> {
  return Plan.findOwned({ publicId: partOf(req, 'planId'), productId: (await productOf(req)).id })
}

priceRoutes.post('/products/:productId/plans', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => showProduct(req, res, errors, input, status))
  const { currency, setup, ...prices } = form(plansForm, req) as { currency: string; setup?: number } & Record<string, number | undefined>
  const wanted = Object.entries(prices).flatMap(([name, micros]) => (micros === undefined ? [] : [{ cycle: name.slice(6), micros }]))
  if (wanted.length === 0) throw new FormErrors({ price_monthly: 'Enter the price of at least one cycle.' }, { ...(req.body as Input) })
  await atDesk(req, 'add prices', async () => {
    const product = await productOf(req)
    await tenantTransaction(async () => {
      for (const { cycle, micros } of wanted) await added(cycle, () => addPlan(product, { cycle: isCycle(cycle) ? cycle : 'monthly', currency, priceMicros: micros, setupFeeMinor: minorOf(setup, currency) }), req)
    })
  })
  redirect(req, res, productHref(req), { flash: wanted.length === 1 ? 'The price is there.' : `${wanted.length} prices are there.` })
})

/** Says a fault where it was typed. */
async function added(cycle: string, add: () => Promise<unknown>, req: Request): Promise<void> {
  try {
    await add()
  } catch (error) {
    if (!(error instanceof FormErrors)) throw error
    const { price, cycle: taken, ...rest } = error.fields
    const fault = price ?? taken
    throw new FormErrors({ ...rest, ...(fault ? { [`price_${cycle}`]: fault } : {}) }, { ...(req.body as Input) })
  }
}

async function showPlan(req: Request, res: Response, errors: Errors = {}, input?: Input, status = 200): Promise<void> {
  const { role, tenantId, base } = deskOf(req)
  const data = await atDesk(req, 'plan', async () => {
    const [product, plan] = [await productOf(req), await planOf(req)]
    return { ...(await planView(product, plan, base, input)), articles: role === 'staff' ? await articlesOf(plan) : [] }
  })
  deskPage(req, res, 'catalog/plan', { ...data, can: role !== 'support', staff: role === 'staff', errors, tenantId }, { title: data.title, status })
}
priceRoutes.get('/products/:productId/plans/:planId', (req, res) => showPlan(req, res))

priceRoutes.post('/products/:productId/plans/:planId/preview', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => showPlan(req, res, errors, input, status))
  const wish = form(priceForm, req)
  const data = await atDesk(req, 'price preview', async () => {
    const [product, plan] = [await productOf(req), await planOf(req)]
    sameVersion(plan, wish)
    return previewOf(product, plan, wish, clock.now())
  })
  deskPage(req, res, 'catalog/price-preview', { ...data, href: planHref(req), input: req.body as Input }, { title: 'Check the new price' })
})
priceRoutes.put('/products/:productId/plans/:planId/price', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => showPlan(req, res, errors, input, status))
  const wish = form(priceForm, req)
  const { belowCost } = await atDesk(req, 'change price', async () => {
    const plan = await planOf(req)
    sameVersion(plan, wish)
    const move = wish.who === 'move' ? { noticeDays: wish.notice ?? 30 } : undefined
    return changePrice(plan, { priceMicros: wish.price, setupFeeMinor: minorOf(wish.setup, plan.currency) }, move ? { move } : {})
  })
  const said = wish.who === 'move' ? 'New orders pay the new price. Existing customers get a letter and move after the notice.' : 'New orders pay the new price. Existing customers keep theirs.'
  redirect(req, res, productHref(req), { flash: belowCost ? { kind: 'info', text: `${said} It is less than you pay for it.` } : said })
})

/** What was previewed is what happens: a price that somebody else changed meanwhile is looked at again. */
function sameVersion(plan: Plan, { version }: PriceWish): void {
  if (plan.version !== version) throw new Refusal('plan.moved', 'Somebody has changed this price in the meantime. Please look at it again.')
}

priceRoutes.put('/products/:productId/plans/:planId/status', async (req, res) => {
  mustManage(req)
  const { status } = form(statusForm, req)
  await atDesk(req, `plan ${status}`, async () => setPlanStatus(await planOf(req), status))
  redirect(req, res, planHref(req), { flash: { active: 'This price is offered now.', hidden: 'This price is sold through its direct link only.', retired: 'This price is offered no more. Customers who have it keep it.' }[status] })
})
priceRoutes.put('/products/:productId/plans/:planId/wholesale', async (req, res) => {
  if (deskOf(req).role !== 'staff') throw new Refusal('desk.staff', 'Only the platform’s staff can say what a plan is delivered with.')
  const { sku = null } = form(skuForm, req)
  await atDesk(req, 'set wholesale article', async () => {
    const plan = await planOf(req)
    if (sku !== null && !(await articlesOf(plan)).some((a) => a.value === sku)) throw new FormErrors({ sku: 'This article is not on the price list.' })
    await setWholesaleSku(plan, sku)
  })
  redirect(req, res, planHref(req), { flash: 'Saved the wholesale article.' })
})
