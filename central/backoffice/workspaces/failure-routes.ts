/** Set-ups that failed: why, how often tried, when next; try again, one or several, or give up and give back what was paid. */
import { Router, type Request, type Response } from 'express'
import { form } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { failedProvisionings } from '../../../tenant/kasm/failed-provisionings.js'
import { giveUpProvisioning, refusalToGiveUp, worthOfGivingUp } from '../../../tenant/kasm/failures/give-up-provisioning.js'
import { retryProvisioning } from '../../../tenant/kasm/retry-provisioning.js'
import { Service } from '../../../tenant/services/service.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { saidOf } from './bulk-routes.js'
import { idsForm, picksOf, reasonForm } from './forms.js'
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

const chosen = (ids: readonly string[]): Promise<Service[]> => Service.query().whereIn('publicId', [...ids]).where({ serviceType: 'kasm_workspace' }).orderBy('id').then((rows) => rows)

failureRoutes.post('/workspaces/failures/selection', async (req, res) => {
  mustManage(req)
  const ids = picksOf(req)
  if (!ids.length) return redirect(req, res, `${homeOf(req)}/failures`, { flash: { kind: 'info', text: 'Choose at least one of them.' } })
  const rows = await atDesk(req, 'preview of trying several again', async () => (await chosen(ids)).map((s) => ({ publicId: s.publicId, name: s.name, reason: s.failureReason, refusal: s.refusalToRetry()?.message ?? null })))
  const able = rows.filter((row) => row.refusal === null)
  deskPage(req, res, 'workspaces/bulk-retry', { rows, able: able.length, ids: able.map((r) => r.publicId).join(','), home: homeOf(req) }, { title: 'Try several again' })
})

failureRoutes.post('/workspaces/failures/retries', async (req, res) => {
  mustManage(req)
  const { ids } = form(idsForm, req)
  const results = await atDesk(req, 'retry several', async () => {
    const said: Array<{ publicId: string; name: string; error: string | null }> = []
    for (const service of await chosen(ids.split(','))) said.push({ publicId: service.publicId, name: service.name, error: await retryProvisioning(service).then(() => null, saidOf) })
    return said
  })
  const failed = results.filter((r) => r.error !== null).length
  deskPage(req, res, 'workspaces/retry-result', { results, done: results.length - failed, failed, home: homeOf(req) }, { title: 'Trying again' })
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
