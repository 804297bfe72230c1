/** Staff changes a subscription as the customer would: choose, see what it costs, confirm exactly that. Staff may also choose when. */
import { Router, type Request, type Response } from 'express'
import { FormErrors, refusalIn } from '../../../shared/errors.js'
import { echo, form } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { clock } from '../../../shared/time/clock.js'
import { applyChange } from '../../../tenant/billing/subscriptions/apply-change.js'
import { changePage, plansFor, previewPage } from '../../../tenant/billing/subscriptions/change-form.js'
import { subscriptionRow } from '../../../tenant/billing/subscriptions/present-subscription.js'
import { quoteChange } from '../../../tenant/billing/subscriptions/quote-change.js'
import { Subscription } from '../../../tenant/billing/subscriptions/subscription.js'
import { Change } from '../../../tenant/billing/subscriptions/subscription-change.js'
import { undoChange } from '../../../tenant/billing/subscriptions/undo-change.js'
import { readSelection, type Fields } from '../../../tenant/catalog/read-selection.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { bare } from './forms.js'
import { subscriptionOf } from './subscription-of.js'

export const changeRoutes = Router()
const one = '/subscriptions/:publicId'
const homeOf = (req: Request): string => `${deskOf(req).base}/subscriptions`
const timings = [{ value: 'policy', label: 'As the product says', text: 'Usually: more at once, less at the end of the period.' }, { value: 'now', label: 'At once', text: 'With credit for what is paid.' }, { value: 'period-end', label: 'At the end of the period', text: 'Nothing is charged now.' }]

async function showChange(req: Request, res: Response, publicId: string, chosen?: string, typed: Fields | null = null, errors: Readonly<Record<string, string>> = {}, status = 200): Promise<void> {
  const data = await atDesk(req, 'change subscription', async () => changePage(await Subscription.findOwned<Subscription>({ publicId }), homeOf(req), deskOf(req).locale, chosen, typed, errors))
  deskPage(req, res, 'subscriptions/change', { ...data, timings, timing: typeof typed?.['timing'] === 'string' ? typed['timing'] : 'policy' }, { title: 'Change subscription', status })
}
changeRoutes.get(`${one}/change`, async (req, res) => {
  mustManage(req)
  const refusal = await atDesk(req, 'change subscription', async () => (await subscriptionOf(req)).refusalToChange())
  if (refusal) return redirect(req, res, `${homeOf(req)}/${req.params.publicId}`, { flash: { kind: 'bad', text: refusal.message } })
  await showChange(req, res, req.params.publicId, typeof req.query['plan'] === 'string' ? req.query['plan'] : undefined)
})

changeRoutes.post(`${one}/change`, async (req, res) => {
  mustManage(req)
  const { publicId } = req.params
  const fields = (req.body ?? {}) as Fields
  const chosen = typeof fields['plan'] === 'string' ? fields['plan'] : undefined
  onFormErrors(res, (errors, _input, status) => showChange(req, res, publicId, chosen, echo({ ...fields }), errors, status))
  const timing = fields['timing'] === 'now' || fields['timing'] === 'period-end' ? { timing: fields['timing'] as 'now' | 'period-end' } : {}
  const quote = await atDesk(req, 'quote a change', async () => {
    const s = await subscriptionOf(req)
    const found = (await plansFor(s)).find((o) => o.plan.publicId === chosen)
    if (!found) throw new FormErrors({ plan: 'Choose one of these plans.' })
    return quoteChange(s, { plan: found.plan, selection: await readSelection(found.plan, fields, { retired: found.plan.id === s.planId }), ...timing, by: 'staff' })
  })
  redirect(req, res, `${homeOf(req)}/${publicId}/changes/${quote.publicId}`)
})

async function showPreview(req: Request, res: Response, publicId: string, changeId: string, error: string | null = null, status = 200): Promise<void> {
  const data = await atDesk(req, 'preview of a change', async () => {
    const s = await Subscription.findOwned<Subscription>({ publicId })
    const change = await Change.findOwned<Change>({ publicId: changeId, subscriptionId: s.id })
    return previewPage(s, homeOf(req), change, (await subscriptionRow(s, deskOf(req).locale, clock.now())).name, deskOf(req).locale, clock.now(), error)
  })
  deskPage(req, res, 'subscriptions/preview', { ...data, label: 'Confirm the change' }, { title: 'Confirm the change', status })
}
changeRoutes.get(`${one}/changes/:changeId`, (req, res) => showPreview(req, res, req.params.publicId, req.params.changeId))

changeRoutes.post(`${one}/changes/:changeId/confirmation`, async (req, res) => {
  mustManage(req)
  const { publicId, changeId } = req.params
  onFormErrors(res, (errors, _input, status) => showPreview(req, res, publicId, changeId, errors['form'] ?? null, status))
  form(bare, req)
  const { change, invoice } = await atDesk(req, 'confirm a change', async () => applyChange(await subscriptionOf(req), changeId, clock.now(), 'staff'))
  const said = change.status === 'scheduled' ? 'The change takes effect at the end of the period.' : invoice?.balance.isPositive() ? `The change is made; invoice ${invoice.label} is issued.` : 'The change is made.'
  redirect(req, res, `${homeOf(req)}/${publicId}`, { flash: said })
})

changeRoutes.delete(`${one}/change`, async (req, res) => {
  mustManage(req)
  form(bare, req)
  const refusal = await refusalIn(() => atDesk(req, 'undo a change', async () => undoChange(await subscriptionOf(req))))
  redirect(req, res, `${homeOf(req)}/${req.params.publicId}`, { flash: refusal ? { kind: 'bad', text: refusal.message } : 'The change is taken back.' })
})
