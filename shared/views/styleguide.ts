/** `/styleguide`: every part and layout with sample data, in any theme and colour. Development only; mount with `app.use(styleguideRoutes())`. */
import { Router, type Request, type Response } from 'express'
import { config } from '../config.js'
import { NotFound } from '../errors.js'
import { parseColor, toHex } from './contrast.js'
import { renderView, type Locals } from './engine.js'
import { iconNames } from './icons.js'
import { statusFacts } from './status.js'
import { samples } from './styleguide-samples.js'
import { themeCss } from './theme-css.js'

const screens: Record<string, { layout: string; title: string }> = {
  parts: { layout: 'tenant', title: 'Parts' },
  shop: { layout: 'tenant', title: 'Cloud workspaces' },
  workspace: { layout: 'tenant', title: 'Workspace' },
  form: { layout: 'tenant', title: 'Order' },
  auth: { layout: 'tenant-auth', title: 'Sign in' },
  console: { layout: 'console', title: 'Overview' },
  reseller: { layout: 'reseller', title: 'Overview' },
  error: { layout: 'error', title: 'Page not found' },
  letter: { layout: 'mail', title: 'Your invoice' },
  invoice: { layout: 'print', title: 'Invoice' },
}
const states = ['active', 'running', 'paid', 'succeeded', 'verified', 'trial', 'pending', 'provisioning', 'starting', 'stopping', 'processing', 'open', 'overdue', 'past_due',
  'requires_action', 'unknown', 'suspended', 'maintenance', 'failed', 'uncollectible', 'stopped', 'draft', 'void', 'canceled', 'terminated', 'refunded']

const asked = (req: Request, name: string, fallback: string): string => {
  const color = parseColor(req.query[name])
  return color ? toHex(color) : fallback
}

function frameOf(req: Request, res: Response, screen: string): Locals {
  const { layout, title } = screens[screen]!
  const house = layout === 'console' || layout === 'reseller' || layout === 'platform'
  const [primary, secondary] = [asked(req, 'primary', house ? '#1d4ed8' : '#0f766e'), asked(req, 'secondary', '#f59e0b')]
  const query = `primary=${encodeURIComponent(primary)}&secondary=${encodeURIComponent(secondary)}`
  const theme = ['light', 'dark'].includes(String(req.query['theme'])) ? String(req.query['theme']) : 'system'
  return {
    layout, title, theme, primary, secondary, query, locale: 'en-US', timeZone: 'America/Chicago', now: samples.now, nonce: res.locals['nonce'] ?? '', csrfToken: 'sample',
    path: { shop: '/', console: '/', reseller: '/reseller', workspace: '/services' }[screen] ?? '/workspaces/plans', alpine: false,
    brand: {
      name: house ? 'EZSCALE' : 'Northwind Cloud', logoUrl: null, faviconUrl: null, supportEmail: 'help@northwind.example', supportPhone: '+1 312 555 0142', primaryColor: primary,
      legalName: 'Northwind Cloud LLC', legalAddress: ['200 W Adams St', 'Chicago, IL 60606', 'United States'], themeHref: house && !req.query['primary'] ? null : `/styleguide/theme.css?${query}`,
    },
    user: req.query['guest'] || screen === 'auth' ? null : { name: 'Ada Lovelace', email: 'ada@example.com' },
    sandbox: req.query['sandbox'] ? { now: samples.now } : null, shopName: 'Northwind Cloud', shopHref: '/',
    requestId: 'req_7Qm2', preheader: 'Paid with Visa •••• 4242', paper: 'A4',
  }
}

/** The pages of the style guide; in production they do not exist. */
export function styleguideRoutes(): Router {
  const router = Router()
  router.use('/styleguide', (_req, _res, next) => next(config().NODE_ENV === 'production' ? new NotFound() : undefined))
  router.get('/styleguide/theme.css', (req, res) => {
    res.type('text/css').send(themeCss({ primaryColor: req.query['primary'], secondaryColor: req.query['secondary'] }))
  })
  router.get(['/styleguide', '/styleguide/:screen'], (req, res) => {
    const screen = String(req.params['screen'] ?? 'parts')
    if (!Object.hasOwn(screens, screen)) throw new NotFound()
    if (screens[screen]!.layout === 'print') res.set('Content-Security-Policy', String(res.getHeader('Content-Security-Policy') ?? '').replace("font-src 'self'", "font-src 'self' data:"))
    const facts = { screens: Object.keys(screens), iconNames, states: states.map((value) => ({ value, ...statusFacts(value) })) }
    res.type('html').send(renderView(`styleguide/${screen}`, { ...samples, ...facts, ...frameOf(req, res, screen) }))
  })
  return router
}
