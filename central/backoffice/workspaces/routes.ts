/** Workspaces at a tenant's desk: list, one of them, and the parts that have their own files. */
import { Router } from 'express'
import { parsePaging } from '../../../shared/database/paging.js'
import { query } from '../../../shared/http/form.js'
import { clock } from '../../../shared/time/clock.js'
import { atDesk, deskOf, deskPage } from '../desk.js'
import { actRoutes } from './act-routes.js'
import { bulkRoutes } from './bulk-routes.js'
import { failureRoutes } from './failure-routes.js'
import { figureRoutes } from './figure-routes.js'
import { listQuery } from './forms.js'
import { listCsv, listPage } from './list-pages.js'
import { runRoutes } from './run-routes.js'
import { sorts } from './search.js'
import { settingRoutes } from './setting-routes.js'
import { showPage } from './show-pages.js'
import { workspaceOf } from './workspace-of.js'

export const workspaceDesk = Router()

workspaceDesk.get('/workspaces', async (req, res) => {
  const wish = query(listQuery, req)
  const data = await atDesk(req, 'workspaces', () => listPage(wish, parsePaging(req.query, sorts), deskOf(req).base, clock.now()))
  deskPage(req, res, 'workspaces/list', { ...data, can: deskOf(req).role !== 'support' }, { title: 'Workspaces' })
})

workspaceDesk.get('/workspaces.csv', async (req, res) => {
  const wish = query(listQuery, req)
  const csv = await atDesk(req, 'workspaces as CSV', () => listCsv(wish, clock.now()))
  res.type('text/csv').attachment('workspaces.csv').set('cache-control', 'private, no-store').send(csv)
})

workspaceDesk.use(bulkRoutes, settingRoutes, failureRoutes, figureRoutes)

workspaceDesk.get('/workspaces/:publicId', async (req, res) => {
  const data = await atDesk(req, 'workspace', async () => showPage(await workspaceOf(req), deskOf(req).base, clock.now()))
  deskPage(req, res, 'workspaces/show', { ...data, manages: deskOf(req).role !== 'support' }, { title: data.name })
})
workspaceDesk.use(actRoutes, runRoutes)
