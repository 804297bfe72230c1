/** Staff gives a running subscription a coupon: the code, what the next renewal costs with it, yes. */
import { Router, type Request, type Response } from 'express'
import { FormErrors, Refusal } from '../../../shared/errors.js'
import { form } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { clock } from '../../../shared/time/clock.js'
import { grantCoupon, previewCoupon, refusalToGrant } from '../../../tenant/billing/subscriptions/grant-coupon.js'
import { subscriptionRow } from '../../../tenant/billing/subscriptions/present-subscription.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { couponForm } from './forms.js'
import { subscriptionOf } from './subscription-of.js'

export const couponRoutes = Router()
const one = '/subscriptions/:publicId/coupon'
const hrefOf = (req: Request): string => `${deskOf(req).base}/subscriptions/${String(req.params['publicId'])}`

async function show(req: Request, res: Response, more: object = {}, status = 200): Promise<void> {
  const name = await atDesk(req, 'coupon for a subscription', async () => (await subscriptionRow(await subscriptionOf(req), deskOf(req).locale, clock.now())).name)
  deskPage(req, res, 'subscriptions/coupon', { name, home: `${deskOf(req).base}/subscriptions`, href: hrefOf(req), ...more }, { title: 'Give a coupon', status })
}

couponRoutes.get(one, async (req, res) => {
  mustManage(req)
  const refusal = await atDesk(req, 'coupon for a subscription', async () => refusalToGrant(await subscriptionOf(req)))
  if (refusal) return redirect(req, res, hrefOf(req), { flash: { kind: 'bad', text: refusal.message } })
  await show(req, res)
})

couponRoutes.post(one, async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => show(req, res, { errors, input }, status))
  const { code, sure } = form(couponForm, req)
  const atField = (error: unknown): never => {
    throw error instanceof Refusal ? new FormErrors({ code: error.message }, { code }) : error
  }
  if (!sure) {
    const preview = await atDesk(req, 'preview a coupon', async () => previewCoupon(await subscriptionOf(req), code)).catch(atField)
    return show(req, res, { input: { code }, preview, less: preview.before.sub(preview.after) })
  }
  await atDesk(req, 'give a coupon', async () => grantCoupon(await subscriptionOf(req), code)).catch(atField)
  redirect(req, res, hrefOf(req), { flash: `The coupon ${code.toUpperCase()} counts from the next renewal on.` })
})
