/** Several subscriptions cancelled in one go, after a look at what happens to each. One that cannot be cancelled never stops the others. */
import { Router, type Request, type Response } from 'express'
import { FormErrors, refusalIn } from '../../../shared/errors.js'
import { form } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { cancelSubscription } from '../../../tenant/billing/subscriptions/cancel-subscription.js'
import { Subscription } from '../../../tenant/billing/subscriptions/subscription.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { bulkForm } from './forms.js'
import { endings } from './pages.js'

export const bulkRoutes = Router()
const most = 200
const chosen = (ids: readonly string[]): Promise<Subscription[]> => Subscription.query().whereIn('publicId', [...ids]).orderBy('id').then((rows) => rows)

async function showBulk(req: Request, res: Response, ids: readonly string[], errors: Readonly<Record<string, string>> = {}, input: object = {}, status = 200): Promise<void> {
  const rows = await atDesk(req, 'preview of cancelling several', async () => endings(await chosen(ids)))
  const possible = rows.filter((r) => !r.problem)
  deskPage(req, res, 'subscriptions/bulk', { rows, possible: possible.length, ids: possible.map((r) => r.publicId).join(','), home: `${deskOf(req).base}/subscriptions`, errors, input }, { title: 'Cancel several subscriptions', status })
}

/** From the list: boxes named `id`. */
bulkRoutes.post('/subscriptions/selection', async (req, res) => {
  mustManage(req)
  const given: unknown = (req.body as Record<string, unknown> | undefined)?.['id']
  const ids = (Array.isArray(given) ? given : [given]).filter((id): id is string => typeof id === 'string' && /^[a-z0-9]{20}$/.test(id)).slice(0, most)
  if (!ids.length) return redirect(req, res, `${deskOf(req).base}/subscriptions`, { flash: { kind: 'info', text: 'Choose at least one subscription in the list.' } })
  await showBulk(req, res, ids)
})

bulkRoutes.post('/subscriptions/cancellations', async (req, res) => {
  mustManage(req)
  const typed: unknown = (req.body as Record<string, unknown> | undefined)?.['ids']
  onFormErrors(res, (errors, input, status) => showBulk(req, res, typeof typed === 'string' ? typed.split(',').slice(0, most) : [], errors, input, status))
  const { ids, timing, refund } = form(bulkForm, req)
  const { done, refused } = await atDesk(req, 'cancel several subscriptions', async () => {
    const all = await chosen(ids.split(','))
    if (!all.length) throw new FormErrors({ ids: 'None of these subscriptions exists any more.' })
    let refused = 0
    for (const subscription of all) if (await refusalIn(() => cancelSubscription(subscription, { timing, refund, by: 'staff' }))) refused++
    return { done: all.length - refused, refused }
  })
  redirect(req, res, `${deskOf(req).base}/subscriptions`, { flash: `${done} ${done === 1 ? 'subscription is' : 'subscriptions are'} cancelled.${refused ? ` ${refused} could not be: look at them one by one.` : ''}` })
})
