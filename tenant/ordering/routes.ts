/** Ordering: a workspace by one page and one button; everything else by cart, checkout or quote. */
import { Router, type Request, type Response } from 'express'
import { NotFound } from '../../shared/errors.js'
import { echo, form } from '../../shared/http/form.js'
import { fragment, onFormErrors, page, redirect } from '../../shared/http/page.js'
import { limit } from '../../shared/http/rate-limit.js'
import { wantsFragment } from '../../shared/http/request.js'
import { Plan } from '../catalog/plan.js'
import { requireVerified, userOf } from '../customers/guard.js'
import { KASM } from '../kasm/driver.js'
import { addonRoutes } from './addon-routes.js'
import { cartRoutes } from './cart-routes.js'
import { checkoutRoutes } from './checkout-routes.js'
import { estimateForm, orderForm } from './forms.js'
import { orderPage, ownPart, type Shown } from './pages.js'
import { placeOrder } from './place-order.js'
import { quoteRoutes } from './quote-routes.js'
import { usualHabit } from './workspace-estimate.js'

export const orderRoutes = Router()
orderRoutes.use(addonRoutes, cartRoutes, checkoutRoutes, quoteRoutes)
const often = limit('order', { points: 20, seconds: 3600, by: (req) => `user:${userOf(req).id}` })

async function planOf(req: Request): Promise<Plan> {
  const plan = await Plan.findOwned({ slug: String(req.params['planSlug']), serviceType: KASM })
  if (plan.refusalToOrder()) throw new NotFound('plan')
  return plan
}

async function show(req: Request, res: Response, plan: Plan, shown: Shown = {}, status = 200): Promise<void> {
  page(req, res, 'tenant/ordering/order', await orderPage(userOf(req), plan, shown), { title: `Order ${plan.name}`, status })
}

/** The first type of the shop: the page leads to the others. */
orderRoutes.get('/order', requireVerified, async (req, res) => {
  const first = (await Plan.offered()).find((plan) => plan.currency === userOf(req).currency)
  redirect(req, res, first ? `/order/${first.slug}` : '/workspaces/plans')
})
orderRoutes.get('/order/:planSlug', requireVerified, async (req, res) => show(req, res, await planOf(req)))

orderRoutes.post('/order/:planSlug', requireVerified, often, async (req, res) => {
  const plan = await planOf(req)
  onFormErrors(res, (errors, input, status) => show(req, res, plan, { input: { ...input, plan_version: plan.version }, errors }, status))
  const { checkout_key, plan_version, template, name, region = null } = form(orderForm, req)
  const service = await placeOrder(userOf(req), plan, { checkoutKey: checkout_key, planVersion: plan_version, templateId: template, name: name ?? plan.name, region })
  redirect(req, res, `/services/${service.publicId}`)
})

/** "What would that cost?": changes nothing. htmx asks while hours are typed; without it there is a button, and the form comes back as it was. */
orderRoutes.post('/order/:planSlug/estimate', requireVerified, async (req, res) => {
  const plan = await planOf(req)
  const part = wantsFragment(req)
  const typed = { ...echo((req.body ?? {}) as Record<string, unknown>), plan_version: plan.version }
  onFormErrors(res, (errors, input, status) => {
    if (!part) return show(req, res, plan, { input: typed, errors, habit: usualHabit }, status)
    fragment(req, res, 'tenant/ordering/_estimate', { own: ownPart(plan, usualHabit, errors, { hours: String(input['hours'] ?? ''), days: String(input['days'] ?? '') }) }, status)
  })
  const { hours, days } = form(estimateForm, req)
  const habit = { hoursPerDay: hours, daysPerMonth: days }
  if (part) fragment(req, res, 'tenant/ordering/_estimate', { own: ownPart(plan, habit) })
  else await show(req, res, plan, { input: typed, habit })
})
