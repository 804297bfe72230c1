/** Several workspaces stopped in one go, after a look at each. One that cannot be stopped never holds up the others, and each result is told. */
import { Router, type Request, type Response } from 'express'
import { FormErrors, OutsideError, Refusal } from '../../../shared/errors.js'
import { form } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { log } from '../../../shared/log.js'
import { clock } from '../../../shared/time/clock.js'
import { forceStopWorkspace } from '../../../tenant/kasm/stop-workspace.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { bulkForm, picksOf } from './forms.js'
import { rowsOf } from './rows.js'
import { chosenWorkspaces } from './search.js'

export const bulkRoutes = Router()
const homeOf = (req: Request): string => `${deskOf(req).base}/workspaces`

async function showBulk(req: Request, res: Response, ids: readonly string[], errors: Readonly<Record<string, string>> = {}, input: object = {}, status = 200): Promise<void> {
  const rows = await atDesk(req, 'preview of stopping several', async () => {
    const workspaces = await chosenWorkspaces(ids)
    const shown = await rowsOf(workspaces, clock.now())
    return shown.map((row, i) => ({ ...row, refusal: workspaces[i]!.refusalToForceStop(clock.now())?.message ?? null }))
  })
  const able = rows.filter((row) => row.refusal === null)
  deskPage(req, res, 'workspaces/bulk', { rows, able: able.length, ids: able.map((r) => r.publicId).join(','), home: homeOf(req), errors, input }, { title: 'Stop several workspaces', status })
}

/** From the list: boxes `pick_<id>`. */
bulkRoutes.post('/workspaces/selection', async (req, res) => {
  mustManage(req)
  const ids = picksOf(req)
  if (!ids.length) return redirect(req, res, homeOf(req), { flash: { kind: 'info', text: 'Choose at least one workspace in the list.' } })
  await showBulk(req, res, ids)
})

bulkRoutes.post('/workspaces/stops', async (req, res) => {
  mustManage(req)
  const typed: unknown = (req.body as Record<string, unknown> | undefined)?.['ids']
  onFormErrors(res, (errors, input, status) => showBulk(req, res, typeof typed === 'string' ? typed.split(',').slice(0, 200) : [], errors, input, status))
  const { ids, reason } = form(bulkForm, req)
  const results = await atDesk(req, 'stop several workspaces', async () => {
    const workspaces = await chosenWorkspaces(ids.split(','))
    if (!workspaces.length) throw new FormErrors({ ids: 'None of these workspaces exists any more.' })
    const shown = await rowsOf(workspaces, clock.now())
    const said: Array<{ name: string; publicId: string; customer: string; error: string | null }> = []
    for (const [i, workspace] of workspaces.entries()) said.push({ ...shown[i]!, error: await forceStopWorkspace(workspace, reason).then(() => null, saidOf) })
    return said
  })
  const failed = results.filter((r) => r.error !== null).length
  deskPage(req, res, 'workspaces/bulk-result', { results, done: results.length - failed, failed, home: homeOf(req) }, { title: 'Stopped workspaces' })
})

/** What the reader is told. What nobody expected is logged, and never hides what was done to the others. */
export function saidOf(error: unknown): string {
  if (error instanceof Refusal || error instanceof OutsideError) return error.message
  log().error({ err: error }, 'One of several workspaces failed')
  return 'Something went wrong with this one. Look at its page, then try again.'
}
