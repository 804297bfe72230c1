/** The customer's home. */
import { Router } from 'express'
import { page } from '../../shared/http/page.js'
import { requireUser, userOf } from '../customers/guard.js'
import { overview } from './pages.js'

export const dashboardRoutes = Router()

dashboardRoutes.get('/account', requireUser, async (req, res) => {
  page(req, res, 'tenant/account/overview', await overview(userOf(req)), { title: 'Your account' })
})
