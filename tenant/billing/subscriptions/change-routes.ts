/** Change in three steps that work without JavaScript: choose, see what it costs, confirm exactly that. */
import { Router, type Request, type Response } from 'express'
import { FormErrors, refusalIn } from '../../../shared/errors.js'
import { echo, form } from '../../../shared/http/form.js'
import { onFormErrors, page, redirect } from '../../../shared/http/page.js'
import { limit } from '../../../shared/http/rate-limit.js'
import { clock } from '../../../shared/time/clock.js'
import { readSelection, type Fields } from '../../catalog/read-selection.js'
import { requireUser, requireVerified, userOf } from '../../customers/guard.js'
import { hasPaymentMethod } from '../payments/methods/payment-method.js'
import { applyChange } from './apply-change.js'
import { changePage, plansFor, previewPage } from './change-form.js'
import { bare } from './forms.js'
import { overdueBill } from './overdue-bill.js'
import { subscriptionRow } from './present-subscription.js'
import { quoteChange } from './quote-change.js'
import { Subscription } from './subscription.js'
import { Change } from './subscription-change.js'
import { undoChange } from './undo-change.js'

export const changeRoutes = Router()
const one = '/subscriptions/:publicId'
const often = limit('subscription-change', { points: 60, seconds: 3600, by: (req) => `user:${userOf(req).id}` })
const mine = (req: Request): Promise<Subscription> => Subscription.findOwned<Subscription>({ publicId: String(req.params['publicId']), userId: userOf(req).id })

async function showChange(req: Request, res: Response, s: Subscription, chosen: string | undefined, typed: Fields | null = null, errors: Readonly<Record<string, string>> = {}, status = 200): Promise<void> {
  page(req, res, 'tenant/subscriptions/change', await changePage(s, '/subscriptions', userOf(req).locale, chosen, typed, errors), { title: 'Change subscription', status })
}

changeRoutes.get(`${one}/change`, requireUser, async (req, res) => {
  const s = await mine(req)
  const overdue = await overdueBill(s, clock.now())
  const refusal = s.refusalToChange(overdue)
  if (refusal) return redirect(req, res, overdue && !s.refusalToChange() ? `/invoices/${overdue.publicId}/payment` : `/subscriptions/${s.publicId}`, { flash: { kind: 'bad', text: refusal.message } })
  await showChange(req, res, s, typeof req.query['plan'] === 'string' ? req.query['plan'] : undefined)
})

changeRoutes.post(`${one}/change`, requireVerified, often, async (req, res) => {
  const s = await mine(req)
  const fields = (req.body ?? {}) as Fields
  const chosen = typeof fields['plan'] === 'string' ? fields['plan'] : undefined
  onFormErrors(res, (errors, _input, status) => showChange(req, res, s, chosen, echo({ ...fields }), errors, status))
  const found = (await plansFor(s)).find((o) => o.plan.publicId === chosen)
  if (!found) throw new FormErrors({ plan: 'Choose one of these plans.' })
  const selection = await readSelection(found.plan, fields, { retired: found.plan.id === s.planId })
  const quote = await quoteChange(s, { plan: found.plan, selection })
  redirect(req, res, `/subscriptions/${s.publicId}/changes/${quote.publicId}`)
})

async function showPreview(req: Request, res: Response, s: Subscription, changeId: string, error: string | null = null, status = 200): Promise<void> {
  const { locale } = userOf(req)
  const change = await Change.findOwned<Change>({ publicId: changeId, subscriptionId: s.id })
  const { name } = await subscriptionRow(s, locale, clock.now())
  page(req, res, 'tenant/subscriptions/preview', previewPage(s, '/subscriptions', change, name, locale, clock.now(), error), { title: 'Confirm the change', status })
}
changeRoutes.get(`${one}/changes/:changeId`, requireUser, async (req, res) => showPreview(req, res, await mine(req), String(req.params['changeId'])))

changeRoutes.post(`${one}/changes/:changeId/confirmation`, requireVerified, often, async (req, res) => {
  form(bare, req)
  const s = await mine(req)
  const changeId = String(req.params['changeId'])
  onFormErrors(res, (errors, _input, status) => showPreview(req, res, s, changeId, errors['form'] ?? null, status))
  const { change, invoice } = await applyChange(s, changeId)
  const here = `/subscriptions/${s.publicId}`
  if (change.status === 'scheduled') return redirect(req, res, here, { flash: 'The change is noted. It takes effect when the period that is paid for has ended.' })
  if (!invoice?.balance.isPositive()) return redirect(req, res, here, { flash: 'The change is made.' })
  if (await hasPaymentMethod(s.userId)) return redirect(req, res, here, { flash: `The change is made. We charge your saved payment method for invoice ${invoice.label}.` })
  redirect(req, res, `/invoices/${invoice.publicId}/payment`, { flash: 'The change is made. Please pay for it here.' })
})

changeRoutes.delete(`${one}/change`, requireUser, often, async (req, res) => {
  form(bare, req)
  const s = await mine(req)
  const refusal = await refusalIn(() => undoChange(s))
  redirect(req, res, `/subscriptions/${s.publicId}`, { flash: refusal ? { kind: 'bad', text: refusal.message } : 'The change is taken back; everything stays as it is.' })
})
