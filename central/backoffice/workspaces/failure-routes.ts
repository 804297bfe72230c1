/** Set-ups that failed: why, how often tried, when next; give up and give back what was paid. Several are tried again in bulk-routes.ts. */
import { Router, type Request, type Response } from 'express'
import { form } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { failedProvisionings } from '../../../tenant/kasm/failed-provisionings.js'
import { giveUpProvisioning, refusalToGiveUp, worthOfGivingUp } from '../../../tenant/kasm/failures/give-up-provisioning.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { reasonForm } from './forms.js'
import { typeNames } from './rows.js'
import { hrefOf, workspaceOf } from './workspace-of.js'

export const failureRoutes = Router()
const homeOf = (req: Request): string => `${deskOf(req).base}/workspaces`

failureRoutes.get('/workspaces/failures', async (req, res) => {
  const rows = await atDesk(req, 'failed set-ups', async () => {
    const types = await typeNames()
    return (await failedProvisionings()).map((f) => ({ ...f, type: types.get(f.workspaceType) ?? f.workspaceType, failed: f.status === 'failed' }))
  })
  deskPage(req, res, 'workspaces/failures', { rows, any: rows.some((r) => r.failed), home: homeOf(req), can: deskOf(req).role !== 'support' }, { title: 'Failed set-ups' })
})

async function askToEnd(req: Request, res: Response, errors: Readonly<Record<string, string>> = {}, input: object = {}, status = 200): Promise<void> {
  const data = await atDesk(req, 'failed set-up', async () => {
    const { service } = await workspaceOf(req)
    return { name: service.name, refusal: refusalToGiveUp(service)?.message ?? null, worth: await worthOfGivingUp(service) }
  })
  deskPage(req, res, 'workspaces/give-up', { ...data, back: data.worth.isPositive(), href: hrefOf(req), home: homeOf(req), errors, input }, { title: `Give up on ${data.name}?`, status })
}
failureRoutes.get('/workspaces/:publicId/end', async (req, res) => {
  mustManage(req)
  await askToEnd(req, res)
})
failureRoutes.post('/workspaces/:publicId/end', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => askToEnd(req, res, errors, input, status))
  const { reason } = form(reasonForm, req)
  await atDesk(req, 'give up a set-up', async () => giveUpProvisioning((await workspaceOf(req)).service, reason))
  redirect(req, res, `${homeOf(req)}/failures`, { flash: 'It is ended. What was paid for it is credit now; the customer gets a letter with your reason.' })
})
