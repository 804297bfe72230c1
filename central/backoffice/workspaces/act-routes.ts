/** What staff does to one workspace. Each act is asked about on a page of its own where it ends something. */
import { Router, type Request, type Response } from 'express'
import { form } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { clock } from '../../../shared/time/clock.js'
import { archiveWorkspace } from '../../../tenant/kasm/archive-workspace.js'
import { keepFiles } from '../../../tenant/kasm/keep-files.js'
import { restartWorkspace } from '../../../tenant/kasm/restart-workspace.js'
import { retryProvisioning } from '../../../tenant/kasm/retry-provisioning.js'
import { forceStopWorkspace } from '../../../tenant/kasm/stop-workspace.js'
import { atDesk, deskPage, mustManage } from '../desk.js'
import { bare, reasonForm } from './forms.js'
import { actsOf } from './show-pages.js'
import { hrefOf, workspaceOf } from './workspace-of.js'

export const actRoutes = Router()
type Errors = Readonly<Record<string, string>>

async function askToStop(req: Request, res: Response, errors: Errors = {}, input: object = {}, status = 200): Promise<void> {
  const data = await atDesk(req, 'workspace', async () => {
    const at = await workspaceOf(req)
    return { name: at.service.name, state: at.workspace.status, refusal: actsOf(at, clock.now()).forceStop?.message ?? null }
  })
  deskPage(req, res, 'workspaces/force-stop', { ...data, href: hrefOf(req), errors, input }, { title: `Stop ${data.name}?`, status })
}
actRoutes.get('/workspaces/:publicId/force-stop', async (req, res) => {
  mustManage(req)
  await askToStop(req, res)
})
actRoutes.post('/workspaces/:publicId/force-stop', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => askToStop(req, res, errors, input, status))
  const { reason } = form(reasonForm, req)
  await atDesk(req, 'force stop', async () => forceStopWorkspace((await workspaceOf(req)).workspace, reason))
  redirect(req, res, hrefOf(req), { flash: 'The meter has stopped and the desktop is being ended. The customer gets a letter with your reason.' })
})

actRoutes.post('/workspaces/:publicId/restart', async (req, res) => {
  mustManage(req)
  form(bare, req)
  await atDesk(req, 'restart workspace', async () => {
    const { workspace, service } = await workspaceOf(req)
    await restartWorkspace(workspace, service)
  })
  redirect(req, res, hrefOf(req), { flash: 'It restarts: this run ends now, the next begins when the desktop is up again.' })
})

actRoutes.post('/workspaces/:publicId/retry', async (req, res) => {
  mustManage(req)
  form(bare, req)
  await atDesk(req, 'retry provisioning', async () => retryProvisioning((await workspaceOf(req)).service))
  redirect(req, res, hrefOf(req), { flash: 'Trying again from the start. What the server made before is found again.' })
})

actRoutes.get('/workspaces/:publicId/removal', async (req, res) => {
  mustManage(req)
  const data = await atDesk(req, 'workspace', async () => {
    const at = await workspaceOf(req)
    return { name: at.service.name, refusal: actsOf(at, clock.now()).archive?.message ?? null, days: (await keepFiles.read()).days }
  })
  deskPage(req, res, 'workspaces/removal', { ...data, href: hrefOf(req) }, { title: `Remove ${data.name}?` })
})
actRoutes.post('/workspaces/:publicId/removal', async (req, res) => {
  mustManage(req)
  form(bare, req)
  await atDesk(req, 'archive workspace', async () => archiveWorkspace((await workspaceOf(req)).workspace))
  redirect(req, res, hrefOf(req), { flash: 'The workspace is being removed. The customer can bring it back while its files are kept.' })
})
