/** The buttons of a workspace: start, stop, pause, restart, extend, open. Each is a form, and asks the same rule as its verb. */
import { Router } from 'express'
import { OutsideError, Refusal } from '../../../shared/errors.js'
import { form } from '../../../shared/http/form.js'
import { page, redirect } from '../../../shared/http/page.js'
import { requireUser } from '../../customers/guard.js'
import { extendWorkspace } from '../extend-workspace.js'
import { button, extensionForm } from '../forms.js'
import { issueTicket, spendTicket } from '../launch/launch-ticket.js'
import { launchWorkspace } from '../launch/launch-workspace.js'
import { pauseWorkspace } from '../pause-workspace.js'
import { restartWorkspace } from '../restart-workspace.js'
import { startWorkspace } from '../start-workspace.js'
import { stopWorkspace } from '../stop-workspace.js'
import { act, at, ours, power, sentenceOf, settle } from './ours.js'

export const powerRoutes = Router()

powerRoutes.post(`${at}/session`, requireUser, power, (req, res) => act(req, res, ({ service, workspace }) => startWorkspace(workspace, service)))
powerRoutes.delete(`${at}/session`, requireUser, power, (req, res) => act(req, res, ({ workspace }) => stopWorkspace(workspace)))
powerRoutes.post(`${at}/pause`, requireUser, power, (req, res) => act(req, res, ({ workspace }) => pauseWorkspace(workspace)))
powerRoutes.post(`${at}/restart`, requireUser, power, (req, res) => act(req, res, ({ service, workspace }) => restartWorkspace(workspace, service)))

powerRoutes.post(`${at}/extension`, requireUser, power, async (req, res) => {
  await ours(req)
  const { minutes } = form(extensionForm, req)
  await settle(req, res, ({ workspace }) => extendWorkspace(workspace, minutes), 'It runs on. The automatic stop is put off.')
})

/** Answers with a page that goes on by itself: browsers apply the policy for forms to redirects too, so a redirect to the server would be blocked. */
powerRoutes.post(`${at}/launch`, requireUser, power, async (req, res) => {
  form(button, req)
  const { service, workspace, href } = await ours(req)
  try {
    const next = `${href}/desktop/${await issueTicket(workspace, service)}`
    res.set({ 'Refresh': `0; url=${next}`, 'Cache-Control': 'private, no-store', 'Referrer-Policy': 'no-referrer' })
    page(req, res, 'tenant/kasm/opening', { name: service.name, next, href }, { title: `Opening ${service.name}` })
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    redirect(req, res, href, { flash: { kind: 'bad', text: error.message } })
  }
})

/** The link signs its bearer in: it leaves in this header only, to the person who clicked, and is kept nowhere. */
powerRoutes.get(`${at}/desktop/:ticket`, requireUser, power, async (req, res) => {
  const { service, workspace, href } = await ours(req)
  try {
    await spendTicket(workspace, String(req.params['ticket']))
    const url = await launchWorkspace(workspace, service)
    res.set({ 'Cache-Control': 'private, no-store', 'Referrer-Policy': 'no-referrer' }).status(303).location(url).end()
  } catch (error) {
    const text = error instanceof OutsideError ? 'The workspace server does not answer just now. Your desktop keeps running; try again in a moment.' : sentenceOf(error)
    redirect(req, res, href, { flash: { kind: 'bad', text } })
  }
})
