/** The customer's subscriptions: list, page, change with its preview, cancellation, pause. Found through their owner. */
import { Router, type Request, type Response } from 'express'
import { form, query } from '../../../shared/http/form.js'
import { onFormErrors, page, redirect } from '../../../shared/http/page.js'
import { limit } from '../../../shared/http/rate-limit.js'
import { clock } from '../../../shared/time/clock.js'
import { formatDate } from '../../../shared/views/format.js'
import { Refusal } from '../../../shared/errors.js'
import { requireUser, requireVerified, userOf } from '../../customers/guard.js'
import { subscriptionRules } from './billing-rules.js'
import { cancelSubscription, undoCancel } from './cancel-subscription.js'
import { changeRoutes } from './change-routes.js'
import { bare, cancelForm, listQuery } from './forms.js'
import { cancelPage, listPage } from './pages.js'
import { pauseSubscription, resumeSubscription } from './pause-subscription.js'
import { subscriptionDetail } from './present-subscription.js'
import { reactivateSubscription } from './reactivate-subscription.js'
import { Subscription } from './subscription.js'

export const subscriptionRoutes = Router()
const home = '/subscriptions'
const one = `${home}/:publicId`
const often = limit('subscription', { points: 40, seconds: 3600, by: (req) => `user:${userOf(req).id}` })
subscriptionRoutes.use(home, requireUser)
subscriptionRoutes.use(changeRoutes)

const mine = (req: Request): Promise<Subscription> => Subscription.findOwned<Subscription>({ publicId: String(req.params['publicId']), userId: userOf(req).id })
const hrefOf = (s: Subscription): string => `${home}/${s.publicId}`
const dayOf = (req: Request, s: Subscription) => (at: Date): string => formatDate(at, s.timeZone, userOf(req).locale, 'long')

subscriptionRoutes.get(home, async (req, res) => {
  const { show } = query(listQuery, req)
  page(req, res, 'tenant/subscriptions/list', await listPage(userOf(req), show, clock.now()), { title: 'Subscriptions' })
})

subscriptionRoutes.get(one, async (req, res) => {
  const detail = await subscriptionDetail(await mine(req), userOf(req).locale, clock.now())
  const can = { ...detail.can, pause: detail.can.pause && (await subscriptionRules.read()).customersMayPause }
  page(req, res, 'tenant/subscriptions/show', { ...detail, can, href: `${home}/${detail.publicId}` }, { title: detail.name })
})

/** Does it; a refusal is said on the subscription's page. */
async function act(req: Request, res: Response, deed: (s: Subscription) => Promise<{ flash: string; path?: string }>): Promise<void> {
  form(bare, req)
  const s = await mine(req)
  const said = await deed(s).catch((error: unknown) => {
    if (error instanceof Refusal) return { flash: { kind: 'bad' as const, text: error.message } }
    throw error
  })
  redirect(req, res, 'path' in said && said.path ? said.path : hrefOf(s), { flash: said.flash })
}

const showCancel = async (req: Request, res: Response, s: Subscription, input = {}, errors = {}, status = 200): Promise<void> =>
  page(req, res, 'tenant/subscriptions/cancel', await cancelPage(s, userOf(req), dayOf(req, s), clock.now(), input, errors), { title: 'Cancel subscription', status })

subscriptionRoutes.get(`${one}/cancellation`, async (req, res) => {
  const s = await mine(req)
  if (s.refusalToCancel()) return redirect(req, res, hrefOf(s))
  await showCancel(req, res, s)
})
subscriptionRoutes.post(`${one}/cancellation`, often, async (req, res) => {
  const s = await mine(req)
  onFormErrors(res, (errors, input, status) => showCancel(req, res, s, input, errors, status))
  const { timing, reason, comment } = form(cancelForm, req)
  const at = await cancelSubscription(s, { timing, reason: reason ?? null, comment: comment ?? null, by: 'customer' })
  redirect(req, res, hrefOf(s), { flash: timing === 'now' ? 'The subscription has ended.' : `The subscription ends on ${dayOf(req, s)(at)}. You can keep it until then.` })
})
subscriptionRoutes.delete(`${one}/cancellation`, often, (req, res) => act(req, res, async (s) => {
  await undoCancel(s)
  return { flash: 'The subscription goes on.' }
}))

subscriptionRoutes.get(`${one}/pause`, async (req, res) => {
  const s = await mine(req)
  if (s.refusalToPause() || !(await subscriptionRules.read()).customersMayPause) return redirect(req, res, hrefOf(s))
  page(req, res, 'tenant/subscriptions/pause', { href: hrefOf(s), from: s.currentPeriodEnd ? dayOf(req, s)(s.currentPeriodEnd) : '' }, { title: 'Pause subscription' })
})
subscriptionRoutes.post(`${one}/pause`, often, (req, res) => act(req, res, async (s) => {
  if (!(await subscriptionRules.read()).customersMayPause) throw new Refusal('subscription.no-pause', 'Please ask support to pause this subscription.')
  return { flash: `The subscription pauses on ${dayOf(req, s)(await pauseSubscription(s))}.` }
}))
subscriptionRoutes.delete(`${one}/pause`, requireVerified, often, (req, res) => act(req, res, async (s) => {
  const invoice = await resumeSubscription(s)
  if (!invoice) return { flash: 'The subscription does not pause.' }
  return { flash: 'The subscription is active again; a new period has begun.', ...(invoice.balance.isPositive() ? { path: `/invoices/${invoice.publicId}/payment` } : {}) }
}))

subscriptionRoutes.post(`${one}/reactivation`, requireVerified, often, (req, res) => act(req, res, async (s) => {
  const invoice = await reactivateSubscription(s)
  return { flash: 'Welcome back: the subscription is active again.', ...(invoice?.balance.isPositive() ? { path: `/invoices/${invoice.publicId}/payment` } : {}) }
}))
