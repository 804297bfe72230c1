/** A reseller's own workspace servers: brought, tested, changed and switched off by its owner and managers; by staff too. Nobody else's are found here. */
import { Router } from 'express'
import { connectionRow } from '../../providers/connection.js'
import { serverRoutes } from '../../providers/server-routes.js'
import { deskOf, deskPage, mustManage } from '../desk.js'
import { serverList } from './pages.js'

const anyName = /^[\w -]{1,80}$/

export const serverDesk = Router()
serverDesk.get('/servers', async (req, res) => {
  deskPage(req, res, 'servers/list', await serverList(deskOf(req)), { title: 'Workspace servers' })
})
serverDesk.use('/servers', serverRoutes({
  base: (req) => `${deskOf(req).base}/servers`, layout: (req) => deskOf(req).layout, tenantId: (req) => deskOf(req).tenantId, mayChange: mustManage, staff: false,
  find: (req, key) => connectionRow({ name: anyName.test(key) ? key : '', tenant_id: deskOf(req).tenantId }), key: (row) => row.name,
}))
