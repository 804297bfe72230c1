/** The customer's services, of every kind, and the page of those that staff sets up. A kind with its own page (kasm) is mounted by its feature, after this. */
import { Router, type Request } from 'express'
import { form, query } from '../../shared/http/form.js'
import { onFormErrors, page, redirect } from '../../shared/http/page.js'
import { limit } from '../../shared/http/rate-limit.js'
import { clock } from '../../shared/time/clock.js'
import { requireUser, userOf } from '../customers/guard.js'
import { listQuery, nameForm, revealForm } from './forms.js'
import { isManual } from './manual-driver.js'
import { serviceList } from './pages.js'
import { renameService } from './rename-service.js'
import { revealDetails } from './service-detail.js'
import { servicePage } from './service-page.js'
import { Service } from './service.js'

export const serviceRoutes = Router()
const few = limit('service-details', { points: 30, seconds: 3600, by: (req) => `user:${userOf(req).id}` })
const mine = (req: Request): Promise<Service> => Service.findOwned<Service>({ publicId: String(req.params['publicId']), userId: userOf(req).id })

serviceRoutes.get('/services', requireUser, async (req, res) => {
  const { show } = query(listQuery, req)
  page(req, res, 'tenant/services/list', await serviceList(userOf(req), show === 'ended', clock.now()), { title: 'Services' })
})

serviceRoutes.get('/services/:publicId', requireUser, async (req, res, next) => {
  const service = await mine(req)
  if (!isManual(service)) return next()
  page(req, res, 'tenant/services/show', await servicePage(service, clock.now()), { title: service.name })
})

/** Opens the secrets on this one answer. Not by GET: every look is written down. */
serviceRoutes.post('/services/:publicId/details', requireUser, few, async (req, res, next) => {
  const service = await mine(req)
  if (!isManual(service)) return next()
  form(revealForm, req)
  const revealed = service.isOver ? [] : await revealDetails(service)
  page(req, res, 'tenant/services/show', await servicePage(service, clock.now(), { revealed }), { title: service.name, fragment: 'tenant/services/_details' })
})

/** The name of a service that has no page of its own kind. */
serviceRoutes.put('/services/:publicId/name', requireUser, async (req, res, next) => {
  const service = await mine(req)
  if (!isManual(service)) return next()
  onFormErrors(res, async (errors, _input, status) => {
    page(req, res, 'tenant/services/show', await servicePage(service, clock.now(), { errors }), { title: service.name, status })
  })
  const { name } = form(nameForm, req)
  await renameService(service, name)
  redirect(req, res, `/services/${service.publicId}`, { flash: `It is called ${name} now.` })
})
