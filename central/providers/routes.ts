/** The console's pages of workspace servers: all of them, each by itself, and who is there without a workspace of ours. */
import { Router, type Request, type Response } from 'express'
import { z } from 'zod'
import { NotFound, refuse } from '../../shared/errors.js'
import { form } from '../../shared/http/form.js'
import { page, redirect } from '../../shared/http/page.js'
import { connectionRow, type ConnectionRow } from './connection.js'
import { endOrphan, refusalToEnd } from './end-orphan.js'
import { listPage, presentStranger, strangersPage } from './pages.js'
import { serverRoutes } from './server-routes.js'
import { strangerRow, type StrangerRow } from './stranger-rows.js'

const idIn = (text: unknown): number => {
  if (typeof text !== 'string' || !/^[1-9]\d{0,14}$/.test(text)) throw new NotFound('server')
  return Number(text)
}
const found = (req: Request): Promise<ConnectionRow> => connectionRow({ id: idIn(req.params['server']) })

async function strangerOf(req: Request): Promise<{ row: ConnectionRow; stranger: StrangerRow }> {
  const row = await found(req)
  return { row, stranger: await strangerRow(row.id, idIn(req.params['stranger'])) }
}

export const providerRoutes = Router()
providerRoutes.get('/servers', async (req, res) => page(req, res, 'central/providers/list', await listPage(req), { title: 'Workspace servers' }))
providerRoutes.get('/servers/:server/strangers', async (req, res) => page(req, res, 'central/providers/strangers', await strangersPage(req, await found(req)), { title: 'Strangers' }))
providerRoutes.get('/servers/:server/strangers/:stranger/end', async (req, res) => {
  const { row, stranger } = await strangerOf(req)
  refuse(refusalToEnd(stranger))
  endPage(req, res, row, stranger)
})
providerRoutes.delete('/servers/:server/strangers/:stranger', async (req, res) => {
  const { row, stranger } = await strangerOf(req)
  form(z.object({}), req)
  await endOrphan(row, stranger, (res.locals['user'] as { email: string }).email)
  redirect(req, res, `/servers/${row.id}/strangers`, { flash: 'Ended. It leaves the list when the server has let it go.' })
})
providerRoutes.use('/servers', serverRoutes({
  base: () => '/servers', layout: () => 'console', tenantId: () => null, staff: true,
  find: (_req, key) => connectionRow({ id: idIn(key) }), key: (row) => String(row.id), mayChange: () => undefined,
}))

function endPage(req: Request, res: Response, row: ConnectionRow, stranger: StrangerRow): void {
  const { what, username } = presentStranger(stranger)
  const [title, back] = [`End the ${what.toLowerCase()} of ${username}?`, `/servers/${row.id}/strangers`]
  const points = stranger.kind === 'session'
    ? ['Whoever works in it loses what is not saved; the files of its user stay at the server.', 'Nobody is billed for it: no workspace knows it.']
    : ['The user is removed from the server with its files, for good.', 'No workspace of the shop knows this user.']
  page(req, res, 'central/providers/end', {
    title, text: 'Before anything is ended the server and the shop are looked at once more. If a workspace explains it by then, nothing happens.', points, action: `${back}/${stranger.id}`, label: `End this ${what.toLowerCase()}`, backHref: back,
  }, { title })
}
