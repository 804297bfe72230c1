/** Ordering: a workspace by one page and one button; everything else by cart, checkout or quote. */
import { Router, type Request, type Response } from 'express'
import { NotFound } from '../../shared/errors.js'
import { form } from '../../shared/http/form.js'
import { onFormErrors, page, redirect } from '../../shared/http/page.js'
import { limit } from '../../shared/http/rate-limit.js'
import { Plan } from '../catalog/plan.js'
import { requireVerified, userOf } from '../customers/guard.js'
import { KASM } from '../kasm/driver.js'
import { cartRoutes } from './cart-routes.js'
import { checkoutRoutes } from './checkout-routes.js'
import { orderForm } from './forms.js'
import { orderPage } from './pages.js'
import { placeOrder } from './place-order.js'
import { quoteRoutes } from './quote-routes.js'

export const orderRoutes = Router()
orderRoutes.use(cartRoutes, checkoutRoutes, quoteRoutes)
const often = limit('order', { points: 20, seconds: 3600, by: (req) => `user:${userOf(req).id}` })

async function planOf(req: Request): Promise<Plan> {
  const plan = await Plan.findOwned({ slug: String(req.params['planSlug']), serviceType: KASM })
  if (plan.refusalToOrder()) throw new NotFound('plan')
  return plan
}

async function show(req: Request, res: Response, plan: Plan, input: Readonly<Record<string, unknown>> = {}, errors: Readonly<Record<string, string>> | null = null, status = 200): Promise<void> {
  page(req, res, 'tenant/ordering/order', await orderPage(userOf(req), plan, input, errors), { title: `Order ${plan.name}`, status })
}

orderRoutes.get('/order/:planSlug', requireVerified, async (req, res) => show(req, res, await planOf(req)))

orderRoutes.post('/order/:planSlug', requireVerified, often, async (req, res) => {
  const plan = await planOf(req)
  onFormErrors(res, (errors, input, status) => show(req, res, plan, { ...input, plan_version: plan.version }, errors, status))
  const { checkout_key, plan_version, template, name } = form(orderForm, req)
  const service = await placeOrder(userOf(req), plan, { checkoutKey: checkout_key, planVersion: plan_version, templateId: template, name: name ?? plan.name })
  redirect(req, res, `/services/${service.publicId}`)
})
