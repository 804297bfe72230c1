/** Prices with margins, and what workspaces brought in. */
import { Router } from 'express'
import { z } from 'zod'
import { query } from '../../../shared/http/form.js'
import { clock } from '../../../shared/time/clock.js'
import { atDesk, deskOf, deskPage } from '../desk.js'
import { figuresCsv, figuresPage, figureWish } from './figure-pages.js'
import { pricesPage } from './price-pages.js'

export const figureRoutes = Router()
const some = z.string().max(20).optional().catch(undefined)
const figuresQuery = z.object({ from: some, until: some, step: some, currency: some, by: some })

figureRoutes.get('/workspaces/prices', async (req, res) => {
  const data = await atDesk(req, 'prices of workspaces', () => pricesPage(deskOf(req).base))
  deskPage(req, res, 'workspaces/prices', { ...data, can: deskOf(req).role !== 'support' }, { title: 'Prices of workspaces' })
})

figureRoutes.get('/workspaces/figures', async (req, res) => {
  const asked = query(figuresQuery, req)
  const data = await atDesk(req, 'figures of workspaces', async () => figuresPage(await figureWish(asked, clock.now()), deskOf(req).base, clock.now()))
  deskPage(req, res, 'workspaces/figures', data, { title: 'Use and revenue' })
})
figureRoutes.get('/workspaces/figures.csv', async (req, res) => {
  const asked = query(figuresQuery, req)
  const csv = await atDesk(req, 'figures as CSV', async () => figuresCsv(await figureWish(asked, clock.now()), clock.now()))
  res.type('text/csv').attachment('workspace-figures.csv').set('cache-control', 'private, no-store').send(csv)
})
