/** `POST /services/…/credentials`: shows the login in this answer only. A GET leads back to the page, where it is hidden. */
import { Router, type Request } from 'express'
import { z } from 'zod'
import { Refusal } from '../../../shared/errors.js'
import { form } from '../../../shared/http/form.js'
import { fragment, page, redirect } from '../../../shared/http/page.js'
import { limit } from '../../../shared/http/rate-limit.js'
import { wantsFragment } from '../../../shared/http/request.js'
import { requireUser, userOf } from '../../customers/guard.js'
import { Service } from '../../services/service.js'
import { KASM } from '../driver.js'
import { Workspace } from '../workspace.js'
import { revealCredentials } from './reveal-credentials.js'

export const credentialRoutes = Router()
const at = '/services/:publicId/credentials'
const seldom = limit('workspace-credentials', { points: 10, seconds: 3600, by: (req) => `user:${userOf(req).id}` })
const button = z.object({})

const mine = (req: Request): Promise<Service> => Service.findOwned<Service>({ publicId: String(req.params['publicId']), userId: userOf(req).id, serviceType: KASM })

credentialRoutes.get(at, requireUser, async (req, res) => redirect(req, res, `/services/${(await mine(req)).publicId}`))

credentialRoutes.post(at, requireUser, seldom, async (req, res) => {
  form(button, req)
  const service = await mine(req)
  const workspace = await Workspace.findOwned<Workspace>({ serviceId: service.id })
  const href = `/services/${service.publicId}`
  const answer = await revealCredentials(workspace, service).catch((error: unknown) => {
    if (error instanceof Refusal) return error
    throw error
  })
  res.set({ 'Cache-Control': 'private, no-store', 'Referrer-Policy': 'no-referrer' })
  if (answer instanceof Refusal && !wantsFragment(req)) return redirect(req, res, href, { flash: { kind: 'bad', text: answer.message } })
  const data = { href, name: service.name, ...(answer instanceof Refusal ? { credentialsSaid: answer.message } : { revealed: answer }) }
  if (wantsFragment(req)) fragment(req, res, 'tenant/kasm/_credentials', data)
  else page(req, res, 'tenant/kasm/credentials', data, { title: `Login of ${service.name}` })
})
