/** Runs at the desk: the receipt, and correcting when a run ended. What was billed is given back by a credit note, never edited. */
import { Router, type Request, type Response } from 'express'
import { form } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { clock } from '../../../shared/time/clock.js'
import { correctRun } from '../../../tenant/kasm/metering/correct-run.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { correctionForm } from './forms.js'
import { correctionPage, instantOf, runOf, runPage } from './run-pages.js'
import { hrefOf, workspaceOf } from './workspace-of.js'

export const runRoutes = Router()
const at = '/workspaces/:publicId/runs/:runId'
const runHref = (req: Request): string => `${hrefOf(req)}/runs/${String(req.params['runId'])}`

async function show(req: Request, res: Response, errors: Readonly<Record<string, string>> = {}, input: object = {}, status = 200): Promise<void> {
  const data = await atDesk(req, 'run', async () => {
    const found = await workspaceOf(req)
    return runPage(found, await runOf(found, String(req.params['runId'])), deskOf(req).base, clock.now())
  })
  deskPage(req, res, 'workspaces/run', { ...data, errors, input, can: deskOf(req).role !== 'support' }, { title: `Run of ${data.name}`, status })
}
runRoutes.get(at, (req, res) => show(req, res))

runRoutes.post(`${at}/preview`, async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => show(req, res, errors, input, status))
  const input = form(correctionForm, req)
  const data = await atDesk(req, 'preview of a correction', async () => {
    const found = await workspaceOf(req)
    return correctionPage(found, await runOf(found, String(req.params['runId'])), instantOf(input.stoppedAt, input), deskOf(req).base)
  })
  deskPage(req, res, 'workspaces/correction', { ...data, input }, { title: 'Correct a run' })
})

runRoutes.post(`${at}/correction`, async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => show(req, res, errors, input, status))
  const input = form(correctionForm, req)
  const { name } = res.locals['user'] as { name: string }
  const { creditNotes } = await atDesk(req, 'correct a run', async () => {
    const run = await runOf(await workspaceOf(req), String(req.params['runId']))
    return correctRun(run.id, { stoppedAt: instantOf(input.stoppedAt, input), reason: input.reason, by: name })
  })
  redirect(req, res, runHref(req), { flash: creditNotes.length ? `The run is corrected. Credit note: ${creditNotes.map((n) => n.label).join(', ')}.` : 'The run is corrected. It was on no invoice yet.' })
})
