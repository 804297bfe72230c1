/** One dispute at the desk: look, prepare the answer, see what will be sent, send it once, or give in. */
import { Router, type Request, type Response } from 'express'
import { refuse } from '../../../shared/errors.js'
import { form, query } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { clock } from '../../../shared/time/clock.js'
import { DisputeAnswer } from '../../../tenant/billing/payments/disputes/dispute-answer.js'
import { syncDispute } from '../../../tenant/billing/payments/disputes/dispute-sync.js'
import { Dispute } from '../../../tenant/billing/payments/disputes/dispute.js'
import { draftAnswer } from '../../../tenant/billing/payments/disputes/draft-answer.js'
import { acceptDispute, sendAnswer } from '../../../tenant/billing/payments/disputes/send-answer.js'
import { GatewayAccount } from '../../../tenant/billing/payments/gateways/gateway-account.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { answerForm, disputeHead, disputeHistory, disputePage, previewPage } from './dispute-page.js'
import { answerFields, answerQuery, emptyForm, evidenceOf, submissionForm } from './forms.js'

export const disputeAnswerRoutes = Router()
const disputeOf = (req: Request): Promise<Dispute> => Dispute.findOwned<Dispute>({ publicId: String(req.params['publicId']) })
const pageOf = (req: Request): string => `${deskOf(req).base}/gateways/disputes/${String(req.params['publicId'])}`
const can = (req: Request): boolean => deskOf(req).role !== 'support'

disputeAnswerRoutes.get('/gateways/disputes/:publicId', async (req, res) => {
  const { events, ...data } = await atDesk(req, 'look at a dispute', async () => disputePage(await disputeOf(req), deskOf(req).base, clock.now()))
  deskPage(req, res, 'gateways/dispute', { ...data, history: await disputeHistory(events), can: can(req) }, { title: 'Dispute' })
})

/** Asks the gateway now instead of waiting for its event. */
disputeAnswerRoutes.post('/gateways/disputes/:publicId/look', async (req, res) => {
  form(emptyForm, req)
  await atDesk(req, 'look at a dispute again', async () => {
    const dispute = await disputeOf(req)
    await syncDispute(await GatewayAccount.findOwned<GatewayAccount>({ id: dispute.gatewayAccountId }), dispute.gatewayDisputeId)
  })
  redirect(req, res, pageOf(req), { flash: 'This is how it stands at the gateway now.' })
})

async function showForm(req: Request, res: Response, errors: Readonly<Record<string, string>> = {}, input?: Readonly<Record<string, unknown>>, status = 200): Promise<void> {
  const fresh = query(answerQuery, req).fresh === '1'
  const data = await atDesk(req, 'prepare an answer', async () => {
    const dispute = await disputeOf(req)
    refuse(dispute.refusalToAnswer(clock.now(), await DisputeAnswer.latest(dispute.id)))
    return answerForm(dispute, deskOf(req).base, clock.now(), fresh, errors, input)
  })
  deskPage(req, res, 'gateways/dispute-answer', { ...data, errors }, { title: 'Prepare the answer', status })
}
disputeAnswerRoutes.get('/gateways/disputes/:publicId/answer', async (req, res) => {
  mustManage(req)
  await showForm(req, res)
})
disputeAnswerRoutes.put('/gateways/disputes/:publicId/answer', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => showForm(req, res, errors, input, status))
  const input = form(answerFields, req)
  await atDesk(req, 'save an answer', async () => draftAnswer(await disputeOf(req), { evidence: evidenceOf(input), attachReceipt: input.attachReceipt === 'on' }))
  if (input.next === 'preview') return redirect(req, res, `${pageOf(req)}/answer/preview`)
  redirect(req, res, pageOf(req), { flash: 'Saved. Nothing is sent yet.' })
})

disputeAnswerRoutes.get('/gateways/disputes/:publicId/answer/preview', async (req, res) => {
  mustManage(req)
  const data = await atDesk(req, 'preview an answer', async () => previewPage(await disputeOf(req), deskOf(req).base, clock.now()))
  if (!data) return redirect(req, res, `${pageOf(req)}/answer`)
  deskPage(req, res, 'gateways/dispute-preview', data, { title: 'Send this answer?' })
})

disputeAnswerRoutes.post('/gateways/disputes/:publicId/submission', async (req, res) => {
  mustManage(req)
  const { version } = form(submissionForm, req)
  const answer = await atDesk(req, 'answer a dispute', async () => sendAnswer(await disputeOf(req), version))
  redirect(req, res, pageOf(req), { flash: said(answer, 'Sent. The decision is made at the gateway now; we tell you how it ends.') })
})

disputeAnswerRoutes.get('/gateways/disputes/:publicId/acceptance', async (req, res) => {
  mustManage(req)
  const data = await atDesk(req, 'look at a dispute', async () => {
    const dispute = await disputeOf(req)
    refuse(dispute.refusalToAccept(clock.now(), await DisputeAnswer.latest(dispute.id)))
    return disputeHead(dispute, deskOf(req).base, clock.now())
  })
  deskPage(req, res, 'gateways/dispute-acceptance', data, { title: 'Give in?' })
})
disputeAnswerRoutes.post('/gateways/disputes/:publicId/acceptance', async (req, res) => {
  mustManage(req)
  form(emptyForm, req)
  const answer = await atDesk(req, 'accept a dispute', async () => acceptDispute(await disputeOf(req)))
  redirect(req, res, pageOf(req), { flash: said(answer, 'Given in. The customer keeps the money.') })
})

function said(answer: DisputeAnswer, done: string): { kind: 'good' | 'bad' | 'info'; text: string } {
  if (answer.status === 'sent') return { kind: 'good', text: done }
  if (answer.isUnderWay) return { kind: 'info', text: 'It is on its way. We look by ourselves whether it has arrived: there is nothing to repeat.' }
  return { kind: 'bad', text: answer.problem ?? 'It was not sent.' }
}
