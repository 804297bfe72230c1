/** The console's own pages: overview, workspaces, failures, jobs, palette. */
import { Router } from 'express'
import { z } from 'zod'
import { NotFound } from '../../shared/errors.js'
import { query } from '../../shared/http/form.js'
import { page, redirect } from '../../shared/http/page.js'
import { retryJob } from '../../shared/jobs/console.js'
import { resumeParked } from '../../shared/jobs/park.js'
import { failureRoutes } from './failure-routes.js'
import { jobsPage, overviewPage, paletteItems } from './pages.js'
import { workspacesPage } from './workspace-pages.js'

const workspacesQuery = z.object({ q: z.string().max(80).catch('').default(''), sort: z.enum(['running', 'failed', 'waiting', 'name']).catch('running').default('running'), page: z.string().regex(/^[1-9]\d{0,4}$/).catch('1').default('1') })

export const consoleRoutes = Router()
consoleRoutes.get('/', async (req, res) => page(req, res, 'central/console/overview', await overviewPage(), { title: 'Overview' }))
consoleRoutes.use(failureRoutes)
consoleRoutes.get('/workspaces', async (req, res) => {
  const { q, sort, page: number } = query(workspacesQuery, req)
  page(req, res, 'central/console/workspaces', await workspacesPage({ q, sort, page: Number(number) }), { title: 'Workspaces' })
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
