/** Adding something to a running subscription: choose, see what it costs, order exactly that. */
import { Router, type Request, type Response } from 'express'
import { NotFound } from '../../shared/errors.js'
import { echo, form } from '../../shared/http/form.js'
import { onFormErrors, page, redirect } from '../../shared/http/page.js'
import { limit } from '../../shared/http/rate-limit.js'
import { clock } from '../../shared/time/clock.js'
import { Invoice } from '../billing/invoices/invoice.js'
import { Subscription } from '../billing/subscriptions/subscription.js'
import type { Plan } from '../catalog/plan.js'
import type { Product } from '../catalog/product.js'
import { readSelection, type Fields } from '../catalog/read-selection.js'
import { requireUser, requireVerified, userOf } from '../customers/guard.js'
import { addonPage, addonPreviewPage, addonsPage } from './addon-pages.js'
import { addonForm, addonOrderForm, splitChoices } from './forms.js'
import { addonsFor, orderAddon, previewAddon, refusalToAdd } from './order-addon.js'

export const addonRoutes = Router()
const home = '/subscriptions/:publicId/addons'
const often = limit('addon', { points: 40, seconds: 3600, by: (req) => `user:${userOf(req).id}` })
const mine = (req: Request): Promise<Subscription> => Subscription.findOwned<Subscription>({ publicId: String(req.params['publicId']), userId: userOf(req).id })

async function offerOf(req: Request, s: Subscription): Promise<{ product: Product; plan: Plan }> {
  const found = (await addonsFor(s)).find(({ plan }) => plan.publicId === String(req.params['plan']))
  if (!found) throw new NotFound('add-on')
  return found
}
/** Quantity and options of the form, to carry along; what is left of the body is for its schema. */
function take(req: Request): Record<string, string> {
  const { choices, rest } = splitChoices(req.body)
  req.body = rest
  return { ...choices, ...(typeof rest['quantity'] === 'string' ? { quantity: rest['quantity'] } : {}) }
}

addonRoutes.get(home, requireUser, async (req, res) => {
  const s = await mine(req)
  const refusal = refusalToAdd(s)
  if (refusal) return redirect(req, res, `/subscriptions/${s.publicId}`, { flash: { kind: 'bad', text: refusal.message } })
  page(req, res, 'tenant/ordering/addons', await addonsPage(s, userOf(req).locale, clock.now()), { title: 'Add to your subscription' })
})

async function show(req: Request, res: Response, typed: Fields | null = null, errors: Readonly<Record<string, string>> = {}, status = 200): Promise<void> {
  const s = await mine(req)
  const offer = await offerOf(req, s)
  page(req, res, 'tenant/ordering/addon', await addonPage(s, offer, userOf(req).locale, clock.now(), typed, errors), { title: `Add ${offer.product.name}`, status })
}
addonRoutes.get(`${home}/:plan`, requireUser, (req, res) => show(req, res))

async function preview(req: Request, res: Response, fields: Record<string, string>, errors: Readonly<Record<string, string>> = {}, status = 200): Promise<void> {
  const s = await mine(req)
  const { plan, product } = await offerOf(req, s)
  const shown = await previewAddon(userOf(req), s, { plan, selection: await readSelection(plan, fields) })
  page(req, res, 'tenant/ordering/addon-preview', await addonPreviewPage(s, shown, fields, userOf(req).locale, clock.now(), errors), { title: `Order ${product.name}`, status })
}
addonRoutes.post(`${home}/:plan`, requireVerified, often, async (req, res) => {
  const fields = take(req)
  onFormErrors(res, (errors, _input, status) => show(req, res, echo({ ...fields }), errors, status))
  form(addonForm, req)
  await preview(req, res, fields)
})

addonRoutes.post(`${home}/:plan/order`, requireVerified, often, async (req, res) => {
  const fields = take(req)
  onFormErrors(res, (errors, _input, status) => preview(req, res, fields, errors, status))
  const agreed = form(addonOrderForm, req)
  const s = await mine(req)
  const { plan } = await offerOf(req, s)
  const agreement = { key: agreed.key, at: new Date(agreed.at), seenMinor: agreed.seen, termsVersion: agreed.terms_version }
  const order = await orderAddon(userOf(req), s, { plan, selection: await readSelection(plan, fields) }, agreement)
  const invoice = order.invoiceId === null ? null : await Invoice.findOwned<Invoice>({ id: order.invoiceId })
  redirect(req, res, invoice && !invoice.refusalToPay() ? `/invoices/${invoice.publicId}/payment` : `/orders/${order.publicId}`, { flash: 'Thank you, it is ordered. It starts when it is paid.' })
})
