/** A suspended shop, or one under maintenance, answers every request with its own page. Stylesheets are mounted before, so the page has its brand. */
import type { RequestHandler } from 'express'
import { renderView } from '../views/engine.js'
import { frameBrand } from './page.js'
import { wantsJson } from './request.js'

const reasons = {
  suspended: { title: 'This shop is closed for now', text: 'It cannot be used at the moment. Your services and data are kept. Please try again later.', retryAfter: 3600 },
  maintenance: { title: 'We are working on this shop', text: 'It will be back in a few minutes. Nothing you did is lost.', retryAfter: 120 },
} as const

export const refuseClosed: RequestHandler = (req, res, next) => {
  const { tenant } = req.site
  if (tenant?.status !== 'suspended' && tenant?.status !== 'maintenance') return next()
  const { title, text, retryAfter } = reasons[tenant.status]
  res.status(503).set('Retry-After', String(retryAfter))
  if (wantsJson(req)) res.json({ error: { status: 503, code: `shop.${tenant.status}`, message: text, request: req.id } })
  else res.type('html').send(renderView('tenant/errors/closed', { layout: 'error', title, text, brand: frameBrand(req.site) }))
}
