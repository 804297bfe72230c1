/** The console's own pages: overview, failures, jobs, palette. */
import { Router } from 'express'
import { z } from 'zod'
import { NotFound } from '../../shared/errors.js'
import { form } from '../../shared/http/form.js'
import { page, redirect } from '../../shared/http/page.js'
import { retryJob } from '../../shared/jobs/console.js'
import { resumeParked } from '../../shared/jobs/park.js'
import { retryProvisioning } from '../../tenant/kasm/retry-provisioning.js'
import { Service } from '../../tenant/services/service.js'
import { inTenantOf } from '../access/enter-tenant.js'
import { Reseller } from '../resellers/reseller.js'
import { failuresPage, jobsPage, overviewPage, paletteItems } from './pages.js'

const retryForm = z.object({ slug: z.string().max(40), key: z.string().regex(/^service:\d{1,18}$/) })

export const consoleRoutes = Router()
consoleRoutes.get('/', async (req, res) => page(req, res, 'central/console/overview', await overviewPage(), { title: 'Overview' }))
consoleRoutes.get('/failures', async (req, res) => page(req, res, 'central/console/failures', await failuresPage(), { title: 'Failures' }))
consoleRoutes.post('/failures/retry', async (req, res) => {
  const { slug, key } = form(retryForm, req)
  const reseller = await Reseller.query().where({ slug }).whereNot('status', 'dropped').first()
  if (!reseller) throw new NotFound('reseller')
  await inTenantOf(reseller.id, 'retry provisioning', async () => retryProvisioning(await Service.findOwned({ id: Number(key.slice('service:'.length)) })))
  redirect(req, res, '/failures', { flash: 'Trying again. The row goes when the service runs.' })
})
consoleRoutes.get('/jobs', async (req, res) => page(req, res, 'central/console/jobs', await jobsPage(), { title: 'Jobs' }))
consoleRoutes.post('/jobs/parked/:id/run', async (req, res) => {
  const resumed = /^\d{1,18}$/.test(req.params.id) && (await resumeParked(Number(req.params.id)))
  if (!resumed) throw new NotFound('parked job')
  redirect(req, res, '/jobs', { flash: 'The job is queued again, as the same tenant.' })
})
consoleRoutes.post('/jobs/:id/run', async (req, res) => {
  await retryJob(req.params.id)
  redirect(req, res, '/jobs', { flash: 'The job runs next.' })
})
consoleRoutes.get('/palette.json', async (_req, res) => void res.json(await paletteItems()))
