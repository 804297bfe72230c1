/** A workspace's pages and buttons. It is always found through its owner; somebody else's does not exist. */
import { Router } from 'express'
import { fragment, page, redirect } from '../../shared/http/page.js'
import { wantsFragment } from '../../shared/http/request.js'
import { clock } from '../../shared/time/clock.js'
import { requireUser } from '../customers/guard.js'
import { at, ours } from './page/ours.js'
import { showsCredentials, workspacePage } from './page/overview-page.js'
import { powerRoutes } from './page/power-routes.js'
import { settingsRoutes } from './page/settings-routes.js'
import { usageRoutes } from './page/usage-routes.js'

export const kasmRoutes = Router()

kasmRoutes.get(at, requireUser, async (req, res) => {
  const { service, workspace } = await ours(req)
  const data = { ...(await workspacePage(service, workspace, clock.now())), credentials: showsCredentials(service, workspace) }
  page(req, res, 'tenant/kasm/overview', data, { title: service.name, fragment: 'tenant/kasm/_overview' })
})

kasmRoutes.get(`${at}/status`, requireUser, async (req, res) => {
  const { service, workspace, href } = await ours(req)
  if (wantsFragment(req)) fragment(req, res, 'tenant/kasm/_overview', await workspacePage(service, workspace, clock.now()))
  else redirect(req, res, href)
})

kasmRoutes.use(powerRoutes, usageRoutes, settingsRoutes)
