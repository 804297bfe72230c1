/** A customer's payment methods, and the addresses where the gateways' events arrive. */
import { Router, type Request, type Response } from 'express'
import { refusalIn } from '../../../../shared/errors.js'
import { form, query } from '../../../../shared/http/form.js'
import { redirect } from '../../../../shared/http/page.js'
import { limit } from '../../../../shared/http/rate-limit.js'
import { safePath } from '../../../../shared/http/request.js'
import { inboundWebhook } from '../../../../shared/payments/inbound-webhook.js'
import { requireUser, requireVerified, userOf } from '../../../customers/guard.js'
import { APPROVED_PATH, findSetup, settleSetup, startAddingMethod } from './add-payment-method.js'
import { removeMethod, setDefaultMethod } from './change-methods.js'
import { approvedQuery, emptyForm, nextQuery, setupForm } from './gateway-forms.js'
import { approvalPage, methodsPage, removalPage, setupPage } from './gateway-pages.js'
import { PaymentMethod } from './payment-method.js'
import { webhookDesk } from '../webhooks/receive-webhook.js'

/** Raw bodies, no session, no CSRF: the signature is the proof. */
export const webhookRoutes = Router()
webhookRoutes.post('/webhooks/stripe/:accountPublicId', ...inboundWebhook(webhookDesk('stripe')))
webhookRoutes.post('/webhooks/paypal/:accountPublicId', ...inboundWebhook(webhookDesk('paypal')))

export const gatewayRoutes = Router()
const home = '/payment-methods'
/** Thieves try card numbers in shops: few tries an hour for one account. */
const setupLimit = limit('payment-setup', { points: 12, seconds: 3600, by: (req) => (req.session.subjectId === null ? null : `user:${req.session.subjectId}`) })
const myMethod = (req: Request): Promise<PaymentMethod> => PaymentMethod.findOwned({ publicId: String(req.params['publicId']), userId: userOf(req).id, status: 'active' })

/** `next`: where the customer was going when a payment method was missing. */
gatewayRoutes.get(home, requireUser, (req, res) => methodsPage(req, res, userOf(req), safePath(query(nextQuery, req).next, home)))

/** Leads to our page with the card form, or with the way to PayPal. */
gatewayRoutes.post(`${home}/setup`, requireVerified, setupLimit, async (req, res) => {
  const { next: asked, gateway } = form(setupForm, req)
  const next = safePath(asked, home)
  const setup = await startAddingMethod(userOf(req), gateway, next)
  redirect(req, res, `${gateway === 'paypal' ? APPROVED_PATH : `${home}/setup`}/${setup.id}?next=${encodeURIComponent(next)}`)
})

/** Also where the card form and the bank send the customer back to. A reload finds the card saved and goes on. */
gatewayRoutes.get(`${home}/setup/:setupId`, requireVerified, async (req, res) => {
  const next = safePath(query(nextQuery, req).next, home)
  const open = await findSetup(userOf(req), String(req.params['setupId']))
  if (open.setup.status !== 'succeeded') return setupPage(req, res, open, next)
  const method = await settleSetup(open, userOf(req))
  redirect(req, res, next, { flash: method ? `${method.label} is saved.` : { kind: 'info', text: 'This card is not among your payment methods any more.' } })
})

gatewayRoutes.get(`${APPROVED_PATH}/:setupId`, requireVerified, (req, res) => showApproval(req, res, String(req.params['setupId'])))

/** Where PayPal sends the customer back to. What the address says is only a name to look up: PayPal is asked whether it was approved, and for whom. */
gatewayRoutes.get(APPROVED_PATH, requireVerified, async (req, res) => {
  const { approval_token_id: tokenId } = query(approvedQuery, req)
  if (tokenId) return showApproval(req, res, tokenId)
  redirect(req, res, home, { flash: { kind: 'info', text: 'Nothing was saved: PayPal did not confirm it. Try again.' } })
})

/** Not approved yet: the way to PayPal. Approved: it is saved, on every reload the same. */
async function showApproval(req: Request, res: Response, setupId: string): Promise<void> {
  const next = safePath(query(nextQuery, req).next, home)
  const open = await findSetup(userOf(req), setupId, 'paypal')
  if (open.setup.actionUrl !== null) return approvalPage(req, res, open.setup.actionUrl, next)
  const method = await settleSetup(open, userOf(req))
  redirect(req, res, method ? next : home, { flash: method ? `${method.label} is saved.` : { kind: 'info', text: 'This PayPal account is not among your payment methods any more.' } })
}

gatewayRoutes.put(`${home}/:publicId/default`, requireUser, async (req, res) => {
  form(emptyForm, req)
  const method = await myMethod(req)
  await setDefaultMethod(method)
  redirect(req, res, home, { flash: `${method.label} is now your default.` })
})

gatewayRoutes.get(`${home}/:publicId/removal`, requireUser, async (req, res) => removalPage(req, res, await myMethod(req)))

gatewayRoutes.delete(`${home}/:publicId`, requireUser, async (req, res) => {
  form(emptyForm, req)
  const method = await myMethod(req)
  const refusal = await refusalIn(() => removeMethod(method))
  redirect(req, res, home, { flash: refusal ? { kind: 'bad', text: refusal.message } : `${method.label} is removed.` })
})
