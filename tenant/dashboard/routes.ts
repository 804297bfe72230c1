/** The customer's home, and what they are going to be charged. */
import { Router } from 'express'
import { page } from '../../shared/http/page.js'
import { clock } from '../../shared/time/clock.js'
import { chargesAhead } from '../billing/subscriptions/charges-ahead.js'
import { requireUser, userOf } from '../customers/guard.js'
import { chargesCsv, chargesPage } from './charges-page.js'
import { overview } from './pages.js'

export const dashboardRoutes = Router()

dashboardRoutes.get('/account', requireUser, async (req, res) => {
  page(req, res, 'tenant/account/overview', await overview(userOf(req)), { title: 'Your account' })
})

dashboardRoutes.get('/account/charges', requireUser, async (req, res) => {
  page(req, res, 'tenant/dashboard/charges', chargesPage(await chargesAhead(userOf(req).id, clock.now()), userOf(req)), { title: 'Next 12 months' })
})

dashboardRoutes.get('/account/charges.csv', requireUser, async (req, res) => {
  const csv = chargesCsv(await chargesAhead(userOf(req).id, clock.now()), userOf(req))
  res.type('text/csv').attachment('charges.csv').set('cache-control', 'private, no-store').send(csv)
})
