/** What staff does to one subscription: cancel, keep, pause, resume, take up again, look after what is parked. */
import { Router, type Request, type Response } from 'express'
import { refusalIn } from '../../../shared/errors.js'
import { form } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { cancelSubscription, undoCancel } from '../../../tenant/billing/subscriptions/cancel-subscription.js'
import { unparkSubscription } from '../../../tenant/billing/subscriptions/park-subscription.js'
import { pauseSubscription, resumeSubscription } from '../../../tenant/billing/subscriptions/pause-subscription.js'
import { reactivateSubscription } from '../../../tenant/billing/subscriptions/reactivate-subscription.js'
import { Subscription } from '../../../tenant/billing/subscriptions/subscription.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { bare, cancelForm } from './forms.js'
import { endingOf } from './pages.js'
import { subscriptionOf } from './subscription-of.js'

export const actRoutes = Router()
const one = '/subscriptions/:publicId'

/** Does it and goes back to the subscription, with what happened or why not. */
async function act(req: Request, res: Response, why: string, done: string, deed: (s: Subscription) => Promise<unknown>): Promise<void> {
  mustManage(req)
  form(bare, req)
  const back = `${deskOf(req).base}/subscriptions/${String(req.params['publicId'])}`
  const refusal = await refusalIn(() => atDesk(req, why, async () => deed(await subscriptionOf(req))))
  redirect(req, res, back, { flash: refusal ? { kind: 'bad', text: refusal.message } : done })
}

async function showCancel(req: Request, res: Response, publicId: string, errors: Readonly<Record<string, string>> = {}, input: object = {}, status = 200): Promise<void> {
  const ending = await atDesk(req, 'cancel subscription', async () => endingOf(await Subscription.findOwned<Subscription>({ publicId })))
  const home = `${deskOf(req).base}/subscriptions`
  deskPage(req, res, 'subscriptions/cancel', { ending, home, href: `${home}/${publicId}`, errors, input }, { title: 'Cancel subscription', status })
}
actRoutes.get(`${one}/cancellation`, async (req, res) => {
  mustManage(req)
  await showCancel(req, res, req.params.publicId)
})
actRoutes.post(`${one}/cancellation`, async (req, res) => {
  mustManage(req)
  const { publicId } = req.params
  onFormErrors(res, (errors, input, status) => showCancel(req, res, publicId, errors, input, status))
  const { timing, refund, comment } = form(cancelForm, req)
  await atDesk(req, 'cancel subscription', async () => cancelSubscription(await subscriptionOf(req), { timing, refund, comment: comment ?? null, by: 'staff' }))
  redirect(req, res, `${deskOf(req).base}/subscriptions/${publicId}`, { flash: timing === 'now' ? 'The subscription has ended.' : 'The subscription ends with the period that is paid for.' })
})
actRoutes.delete(`${one}/cancellation`, (req, res) => act(req, res, 'keep subscription', 'The subscription goes on.', (s) => undoCancel(s)))
actRoutes.post(`${one}/pause`, (req, res) => act(req, res, 'pause subscription', 'It pauses when the period that is paid for has ended.', (s) => pauseSubscription(s)))
actRoutes.delete(`${one}/pause`, (req, res) => act(req, res, 'resume subscription', 'It goes on.', (s) => resumeSubscription(s)))
actRoutes.post(`${one}/reactivation`, (req, res) => act(req, res, 'take up subscription', 'It is active again; the invoice for its new period is issued.', (s) => reactivateSubscription(s)))
actRoutes.delete(`${one}/parking`, (req, res) => act(req, res, 'unpark subscription', 'Billing goes on with the next hourly run.', (s) => unparkSubscription(s)))
