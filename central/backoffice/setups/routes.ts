/** Services at a tenant's desk: the work they make for a person ("To set up"), their details, suspending and ending them. */
import { Router, type Request, type Response } from 'express'
import { parsePaging } from '../../../shared/database/paging.js'
import { form, query } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { FormErrors, NotFound } from '../../../shared/errors.js'
import { clock } from '../../../shared/time/clock.js'
import { changeDetails, completeSetup } from '../../../tenant/services/complete-setup.js'
import { isManual } from '../../../tenant/services/manual-driver.js'
import { finishTask, ServiceTask } from '../../../tenant/services/service-task.js'
import { Service } from '../../../tenant/services/service.js'
import { suspendService, unsuspendService } from '../../../tenant/services/suspend-service.js'
import { terminateService } from '../../../tenant/services/terminate-service.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { detailsForm, detailsFrom, emptyForm, endForm, listQuery, reasonForm, servicesQuery } from './forms.js'
import { serviceDeskPage, serviceListPage, serviceSorts, taskList, taskPage } from './pages.js'

export const setupDesk = Router()
type Errors = Readonly<Record<string, string>> | null
const base = (req: Request): string => deskOf(req).base
const mayManage = (req: Request): boolean => deskOf(req).role !== 'support'
const taskOf = (req: Request): Promise<ServiceTask> => ServiceTask.findOwned<ServiceTask>({ publicId: String(req.params['publicId']) })
/** The address is read now: when an error is shown, the route and its parameters are over. */
function again(req: Request, res: Response, show: (req: Request, res: Response, publicId: string, errors: Errors, status: number) => Promise<void>): void {
  const publicId = String(req.params['publicId'])
  onFormErrors(res, (errors, _input, status) => show(req, res, publicId, errors, status))
}
const serviceOf = (req: Request): Promise<Service> => Service.findOwned<Service>({ publicId: String(req.params['publicId']) })

setupDesk.get('/setups', async (req, res) => {
  const { show } = query(listQuery, req)
  deskPage(req, res, 'setups/list', await atDesk(req, 'set-ups', () => taskList(show)), { title: 'To set up' })
})

setupDesk.get('/setups/:publicId', (req, res) => showTask(req, res, req.params.publicId))

async function showTask(req: Request, res: Response, publicId: string, errors: Errors = null, status = 200): Promise<void> {
  deskPage(req, res, 'setups/task', { ...(await atDesk(req, 'set-up', async () => taskPage(await ServiceTask.findOwned<ServiceTask>({ publicId })))), errors }, { title: 'To set up', status })
}

/** Ready: details, task and service in one step. Support may do it: it is their daily work. */
setupDesk.post('/setups/:publicId/readiness', async (req, res) => {
  again(req, res, showTask)
  const details = detailsFrom(form(detailsForm, req))
  const service = await atDesk(req, 'complete set-up', async () => completeSetup(await taskOf(req), details))
  redirect(req, res, `${base(req)}/setups`, { flash: `${service.name} is ready. The customer gets a letter.` })
})

setupDesk.post('/setups/:publicId/completion', async (req, res) => {
  again(req, res, showTask)
  form(emptyForm, req)
  await atDesk(req, 'finish task', async () => {
    const task = await taskOf(req)
    if (task.kind === 'setup') throw new FormErrors({ form: 'Mark the service ready instead.' })
    await finishTask(task)
  })
  redirect(req, res, `${base(req)}/setups`, { flash: 'Done. Thank you.' })
})

setupDesk.get('/services', async (req, res) => {
  const wish = query(servicesQuery, req)
  deskPage(req, res, 'setups/services', await atDesk(req, 'services', () => serviceListPage(wish, parsePaging(req.query, serviceSorts), base(req))), { title: 'Services' })
})

setupDesk.get('/services/:publicId', (req, res) => showService(req, res, req.params.publicId))

async function showService(req: Request, res: Response, publicId: string, errors: Errors = null, status = 200): Promise<void> {
  deskPage(req, res, 'setups/service', { ...(await atDesk(req, 'service', async () => serviceDeskPage(await Service.findOwned<Service>({ publicId })))), errors, can: mayManage(req) }, { title: 'Service', status })
}

setupDesk.put('/services/:publicId/details', async (req, res) => {
  again(req, res, showService)
  const details = detailsFrom(form(detailsForm, req))
  await atDesk(req, 'change service details', async () => {
    const service = await serviceOf(req)
    if (!isManual(service)) throw new NotFound('service')
    await changeDetails(service, details)
  })
  redirect(req, res, `${base(req)}/services/${String(req.params['publicId'])}`, { flash: 'The details are saved.' })
})

setupDesk.post('/services/:publicId/suspension', async (req, res) => {
  mustManage(req)
  again(req, res, showService)
  const { reason } = form(reasonForm, req)
  await atDesk(req, 'suspend service', async () => suspendService(await serviceOf(req), 'staff', clock.now(), reason))
  redirect(req, res, `${base(req)}/services/${String(req.params['publicId'])}`, { flash: 'The service is suspended.' })
})

setupDesk.delete('/services/:publicId/suspension', async (req, res) => {
  mustManage(req)
  form(emptyForm, req)
  await atDesk(req, 'lift suspension', async () => unsuspendService(await serviceOf(req), 'staff'))
  redirect(req, res, `${base(req)}/services/${String(req.params['publicId'])}`, { flash: 'The suspension is lifted.' })
})

setupDesk.get('/services/:publicId/termination', (req, res) => showEnd(req, res, req.params.publicId))

async function showEnd(req: Request, res: Response, publicId: string, errors: Errors = null, status = 200): Promise<void> {
  mustManage(req)
  const error = errors ? errors['confirm'] ?? errors['form'] ?? null : null
  deskPage(req, res, 'setups/end', { ...(await atDesk(req, 'service', async () => serviceDeskPage(await Service.findOwned<Service>({ publicId })))), error }, { title: 'End this service?', status })
}

setupDesk.post('/services/:publicId/termination', async (req, res) => {
  mustManage(req)
  again(req, res, showEnd)
  const { confirm } = form(endForm, req)
  await atDesk(req, 'end service', async () => {
    const service = await serviceOf(req)
    if (confirm !== service.name) throw new FormErrors({ confirm: `Type ${service.name} exactly.` })
    await terminateService(service, 'staff')
  })
  redirect(req, res, `${base(req)}/services/${String(req.params['publicId'])}`, { flash: 'The service has ended.' })
})
