/** A workspace's page and buttons. It is always found through its owner; somebody else's does not exist. */
import { Router, type Request, type Response } from 'express'
import { FormErrors, NotFound, OutsideError, Refusal } from '../../shared/errors.js'
import { form } from '../../shared/http/form.js'
import { fragment, page, redirect } from '../../shared/http/page.js'
import { limit } from '../../shared/http/rate-limit.js'
import { wantsFragment } from '../../shared/http/request.js'
import { clock } from '../../shared/time/clock.js'
import { requireUser, userOf } from '../customers/guard.js'
import { Service } from '../services/service.js'
import { KASM } from './driver.js'
import { button, removal } from './forms.js'
import { launchWorkspace } from './launch/launch-workspace.js'
import { workspacePage } from './pages.js'
import { startWorkspace } from './start-workspace.js'
import { stopWorkspace } from './stop-workspace.js'
import { terminateWorkspace } from './terminate-workspace.js'
import { Workspace } from './workspace.js'

export const kasmRoutes = Router()
const at = '/services/:publicId'
const power = limit('workspace-power', { points: 30, seconds: 300, by: (req) => `user:${userOf(req).id}` })

interface Ours { service: Service; workspace: Workspace; href: string }

async function ours(req: Request): Promise<Ours> {
  const service = await Service.findOwned({ publicId: String(req.params['publicId']), userId: userOf(req).id, serviceType: KASM })
  return { service, workspace: await Workspace.findOwned({ serviceId: service.id }), href: `/services/${service.publicId}` }
}

const shown = async (req: Request, { service, workspace }: Ours): Promise<object> => workspacePage(service, workspace, clock.now())

kasmRoutes.get(at, requireUser, async (req, res) => {
  const own = await ours(req)
  page(req, res, 'tenant/kasm/show', await shown(req, own), { title: own.service.name, fragment: 'tenant/kasm/_status' })
})

kasmRoutes.get(`${at}/status`, requireUser, async (req, res) => {
  const own = await ours(req)
  if (wantsFragment(req)) fragment(req, res, 'tenant/kasm/_status', await shown(req, own))
  else redirect(req, res, own.href)
})

/** Does it and shows how things stand now; a refusal is said on the same page. */
async function act(req: Request, res: Response, deed: (own: Ours) => Promise<void>): Promise<void> {
  form(button, req)
  const own = await ours(req)
  const said = await deed(own).then(() => null, (error: unknown) => {
    if (error instanceof Refusal) return error.message
    throw error
  })
  if (!wantsFragment(req)) return redirect(req, res, own.href, said ? { flash: { kind: 'bad', text: said } } : {})
  fragment(req, res, 'tenant/kasm/_status', { ...(await shown(req, await ours(req))), said })
}

kasmRoutes.post(`${at}/session`, requireUser, power, (req, res) => act(req, res, ({ service, workspace }) => startWorkspace(workspace, service)))
kasmRoutes.delete(`${at}/session`, requireUser, power, (req, res) => act(req, res, ({ workspace }) => stopWorkspace(workspace)))

/** The link signs its bearer in: it leaves in this answer only, by a header that every browser follows, and is kept nowhere. */
kasmRoutes.post(`${at}/launch`, requireUser, power, async (req, res) => {
  form(button, req)
  const { service, workspace, href } = await ours(req)
  try {
    const url = await launchWorkspace(workspace, service)
    res.set({ Refresh: `0; url=${url}`, 'Cache-Control': 'private, no-store', 'Referrer-Policy': 'no-referrer' })
    page(req, res, 'tenant/kasm/launch', { name: service.name, url, href }, { title: `Opening ${service.name}` })
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof OutsideError)) throw error
    const text = error instanceof Refusal ? error.message : 'The workspace server does not answer just now. Your desktop keeps running; try again in a moment.'
    redirect(req, res, href, { flash: { kind: 'bad', text } })
  }
})

kasmRoutes.get(`${at}/cancellation`, requireUser, async (req, res) => confirmPage(req, res, await ours(req)))

kasmRoutes.post(`${at}/cancellation`, requireUser, power, async (req, res) => {
  const own = await ours(req)
  const { confirm } = form(removal, req)
  if (confirm !== own.service.name) return confirmPage(req, res, own, new FormErrors({ confirm: `Type ${own.service.name} exactly.` }))
  await terminateWorkspace(own.workspace)
  redirect(req, res, own.href, { flash: 'The workspace is being removed. The meter has stopped.' })
})

function confirmPage(req: Request, res: Response, { service, workspace, href }: Ours, errors?: FormErrors): void {
  if (workspace.refusalToTerminate(clock.now())) throw new NotFound('page')
  page(req, res, 'tenant/kasm/remove', { name: service.name, href, error: errors?.fields['confirm'] }, { title: `Remove ${service.name}?`, status: errors ? 422 : 200 })
}
