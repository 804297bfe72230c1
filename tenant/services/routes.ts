/** The customer's services, of every kind. A kind's own page is mounted by its feature. */
import { Router } from 'express'
import { z } from 'zod'
import { query } from '../../shared/http/form.js'
import { page } from '../../shared/http/page.js'
import { clock } from '../../shared/time/clock.js'
import { requireUser, userOf } from '../customers/guard.js'
import { serviceList } from './pages.js'

export const serviceRoutes = Router()
const filter = z.object({ show: z.enum(['current', 'ended']).default('current') })

serviceRoutes.get('/services', requireUser, async (req, res) => {
  const { show } = query(filter, req)
  page(req, res, 'tenant/services/list', await serviceList(userOf(req), show === 'ended', clock.now()), { title: 'Services' })
})
