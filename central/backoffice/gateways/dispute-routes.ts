/** Disputes at the desk, and what they do to services. */
import { Router, type Request, type Response } from 'express'
import { z } from 'zod'
import { form } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { disputePolicy, type DisputeAnswer } from '../../../tenant/billing/payments/disputes/dispute-policy.js'
import { serviceTypes } from '../../../tenant/catalog/product.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { disputeAnswerRoutes } from './dispute-answer-routes.js'
import { disputesCsv, disputesView, policyView } from './dispute-pages.js'

export const disputeRoutes = Router()
const answer = z.enum(['nothing', 'suspend'])
const policyForm = z.object({ default: answer, ...Object.fromEntries(serviceTypes.map((type) => [`type.${type}`, answer.optional()])) })

disputeRoutes.get('/gateways/disputes', async (req, res) => {
  deskPage(req, res, 'gateways/disputes', await atDesk(req, 'look at disputes', () => disputesView(req, deskOf(req).base)), { title: 'Disputes' })
})

disputeRoutes.get('/gateways/disputes.csv', async (req, res) => {
  res.type('text/csv').attachment('disputes.csv').send(await atDesk(req, 'disputes as CSV', () => disputesCsv(req)))
})

const showPolicy = async (req: Request, res: Response, errors: object = {}, input?: Readonly<Record<string, unknown>>, status = 200): Promise<void> =>
  deskPage(req, res, 'gateways/dispute-policy', { ...(await atDesk(req, 'look at the dispute policy', () => policyView(serviceTypes, input))), errors }, { title: 'When a payment is disputed', status })
disputeRoutes.get('/gateways/disputes/policy', (req, res) => showPolicy(req, res))
disputeRoutes.put('/gateways/disputes/policy', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => showPolicy(req, res, errors, input, status))
  const chosen = form(policyForm, req) as Record<string, DisputeAnswer | undefined> & { default: DisputeAnswer }
  const byServiceType = Object.fromEntries(serviceTypes.flatMap((type) => (chosen[`type.${type}`] ? [[type, chosen[`type.${type}`]!]] : [])))
  await atDesk(req, 'change the dispute policy', () => disputePolicy.write({ default: chosen.default, byServiceType }))
  redirect(req, res, `${deskOf(req).base}/gateways/disputes`, { flash: 'Saved. It counts from the next dispute.' })
})
disputeRoutes.use(disputeAnswerRoutes)
