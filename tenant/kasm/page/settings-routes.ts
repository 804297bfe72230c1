/** Settings of a workspace: name, template and size, automatic stop, schedules, removal. What cannot be undone asks first. */
import { Router, type Request, type Response } from 'express'
import { FormErrors, refusalIn } from '../../../shared/errors.js'
import { echo, form, query } from '../../../shared/http/form.js'
import { onFormErrors, page, redirect } from '../../../shared/http/page.js'
import { clock } from '../../../shared/time/clock.js'
import { requireUser, userOf } from '../../customers/guard.js'
import { archiveWorkspace } from '../archive-workspace.js'
import { changeWorkspace, choicesOfChange } from '../change-workspace.js'
import { autoStopForm, button, changeForm, changeQuery, choiceOf, daysOf, nameForm, removal, scheduleForm } from '../forms.js'
import { keepFiles } from '../keep-files.js'
import { renameWorkspace } from '../rename-workspace.js'
import { restoreWorkspace } from '../restore-workspace.js'
import { setAutoStop } from '../schedules/idle-stop.js'
import { deleteSchedule, saveSchedule } from '../schedules/save-schedule.js'
import { terminateWorkspace } from '../terminate-workspace.js'
import { changePreview } from './change-preview.js'
import { at, ours, power, sentenceOf, type Ours } from './ours.js'
import { changePage, settingsPage, type Typed } from './settings-page.js'

export const settingsRoutes = Router()

async function show(req: Request, res: Response, { service, workspace }: Ours, typed: Typed | null = null, status = 200): Promise<void> {
  page(req, res, 'tenant/kasm/settings', await settingsPage(service, workspace, userOf(req), clock.now(), typed), { title: `${service.name}: settings`, status })
}
/** The form comes back as it was filled in, under its own heading. */
const again = (req: Request, res: Response, own: Ours, which: Typed['form']): void => onFormErrors(res, (errors, input, status) => {
  const given = Object.keys(input).length ? input : echo((req.body ?? {}) as Record<string, unknown>)
  return show(req, res, own, { form: which, errors, input: given }, status)
})

settingsRoutes.get(`${at}/settings`, requireUser, async (req, res) => show(req, res, await ours(req)))

settingsRoutes.put(`${at}/name`, requireUser, power, async (req, res) => {
  const own = await ours(req)
  again(req, res, own, 'name')
  const { name } = form(nameForm, req)
  await renameWorkspace(own.workspace, own.service, name)
  redirect(req, res, `${own.href}/settings`, { flash: `It is called ${name} now.` })
})

settingsRoutes.put(`${at}/auto-stop`, requireUser, power, async (req, res) => {
  const own = await ours(req)
  again(req, res, own, 'auto-stop')
  const { idleMinutes } = form(autoStopForm, req)
  await setAutoStop(own.workspace, { idleMinutes: idleMinutes || null })
  redirect(req, res, `${own.href}/settings`, { flash: idleMinutes ? 'It stops by itself when nobody uses it.' : 'It does not stop by itself any more.' })
})

settingsRoutes.post(`${at}/schedules`, requireUser, power, async (req, res) => {
  const own = await ours(req)
  again(req, res, own, 'schedule')
  const wish = form(scheduleForm, req)
  await saveSchedule(own.workspace, { days: daysOf(wish), start: wish.start ?? null, stop: wish.stop ?? null, timeZone: wish.timeZone })
  redirect(req, res, `${own.href}/settings`, { flash: 'The schedule is saved.' })
})

settingsRoutes.delete(`${at}/schedules/:schedule`, requireUser, power, async (req, res) => {
  form(button, req)
  const own = await ours(req)
  await deleteSchedule(own.workspace, String(req.params['schedule']))
  redirect(req, res, `${own.href}/settings`, { flash: 'The schedule is removed.' })
})

const changeAgain = (req: Request, res: Response, service: Ours['service'], workspace: Ours['workspace']): void => onFormErrors(res, async (errors, _input, status) =>
  page(req, res, 'tenant/kasm/change', await changePage(service, workspace, userOf(req), Object.values(errors)[0] ?? null), { title: `Change ${service.name}`, status }))

settingsRoutes.get(`${at}/change`, requireUser, async (req, res) => {
  const { service, workspace, href } = await ours(req)
  const refusal = workspace.refusalToChange(clock.now(), service)
  if (refusal) return redirect(req, res, `${href}/settings`, { flash: { kind: 'bad', text: refusal.message } })
  changeAgain(req, res, service, workspace)
  const { choice } = query(changeQuery, req)
  const reachable = await choicesOfChange(workspace, service).then(() => null, sentenceOf)
  if (reachable) return redirect(req, res, `${href}/settings`, { flash: { kind: 'bad', text: reachable } })
  if (!choice) return page(req, res, 'tenant/kasm/change', await changePage(service, workspace, userOf(req)), { title: `Change ${service.name}` })
  page(req, res, 'tenant/kasm/change-preview', { ...(await changePreview(service, workspace, choiceOf(choice), userOf(req))), choice }, { title: `Change ${service.name}?` })
})

settingsRoutes.post(`${at}/change`, requireUser, power, async (req, res) => {
  const { service, workspace, href } = await ours(req)
  changeAgain(req, res, service, workspace)
  await changeWorkspace(workspace, service, choiceOf(form(changeForm, req).choice))
  redirect(req, res, href, { flash: 'It is changed. Your files stay where they are.' })
})

settingsRoutes.get(`${at}/archive`, requireUser, async (req, res) => {
  const { service, workspace, href } = await ours(req)
  const refusal = workspace.refusalToArchive(clock.now())
  if (refusal) return redirect(req, res, `${href}/settings`, { flash: { kind: 'bad', text: refusal.message } })
  page(req, res, 'tenant/kasm/archive', { name: service.name, href, keepDays: (await keepFiles.read()).days }, { title: `Remove ${service.name}?` })
})

settingsRoutes.post(`${at}/archive`, requireUser, power, async (req, res) => {
  form(button, req)
  const { workspace, href } = await ours(req)
  const said = await archiveWorkspace(workspace).then(() => null, sentenceOf)
  redirect(req, res, href, { flash: said ? { kind: 'bad', text: said } : 'The workspace is removed. You can bring it back while its files are kept.' })
})

settingsRoutes.delete(`${at}/archive`, requireUser, power, async (req, res) => {
  form(button, req)
  const { service, workspace, href } = await ours(req)
  const said = await restoreWorkspace(workspace, service).then(() => null, sentenceOf)
  redirect(req, res, href, { flash: said ? { kind: 'bad', text: said } : 'It is back, with its files. Start it when you need it.' })
})

settingsRoutes.get(`${at}/cancellation`, requireUser, async (req, res) => confirmRemoval(req, res, await ours(req)))

settingsRoutes.post(`${at}/cancellation`, requireUser, power, async (req, res) => {
  const own = await ours(req)
  const { confirm } = form(removal, req)
  if (confirm !== own.service.name) return confirmRemoval(req, res, own, new FormErrors({ confirm: `Type ${own.service.name} exactly.` }))
  const refusal = await refusalIn(() => terminateWorkspace(own.workspace))
  redirect(req, res, own.href, { flash: refusal ? { kind: 'bad', text: refusal.message } : 'The workspace is being removed. The meter has stopped.' })
})

function confirmRemoval(req: Request, res: Response, { service, workspace, href }: Ours, errors?: FormErrors): void {
  const refusal = workspace.refusalToTerminate(clock.now())
  if (refusal) return redirect(req, res, href, { flash: { kind: 'bad', text: refusal.message } })
  page(req, res, 'tenant/kasm/remove', { name: service.name, href, error: errors?.fields['confirm'] }, { title: `Remove ${service.name}?`, status: errors ? 422 : 200 })
}
