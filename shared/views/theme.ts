/** Light, dark or as the device says: a cookie read by the server, so that the first paint is right. */
import { Router, type Request, type Response } from 'express'
import { faviconSvg, themeCss } from './theme-css.js'

export type Theme = 'light' | 'dark' | 'system'
const oneYear = 31536000

/** The visitor's choice, from the raw Cookie header. */
export function themeOf(cookieHeader: string | undefined): Theme {
  const found = /(?:^|;\s*)theme=(light|dark)(?:;|$)/.exec(cookieHeader ?? '')
  return (found?.[1] as Theme | undefined) ?? 'system'
}

/** What of a brand its stylesheet and tab icon show. */
export interface ThemeBrand { companyName: string; primaryColor: string; secondaryColor: string; version: string }

/** `/theme.css` and `/favicon.svg` of the brand. `v` in the address is brand.version, so they may be cached for long. */
export function themeRoutes(brandOf: (req: Request) => ThemeBrand): Router {
  const router = Router()
  const answer = (type: string, write: (brand: ThemeBrand) => string) => (req: Request, res: Response): void => {
    const brand = brandOf(req)
    res.set('Cache-Control', req.query['v'] === brand.version ? 'public, max-age=31536000, immutable' : 'no-cache')
    res.type(type).send(write(brand))
  }
  router.get('/theme.css', answer('text/css', themeCss))
  router.get('/favicon.svg', answer('image/svg+xml', faviconSvg))
  return router
}

/** `POST /theme` for browsers without JavaScript: remembers the choice and goes back. Mount after the body parser and the CSRF check. */
export function themeChoice(): Router {
  const router = Router()
  router.post('/theme', (req, res) => {
    const body = (req.body ?? {}) as Record<string, unknown>
    const theme = body['theme'] === 'dark' || body['theme'] === 'light' ? body['theme'] : 'system'
    const back = typeof body['back'] === 'string' && /^\/(?![/\\])[\x21-\x7e]*$/.test(body['back']) ? body['back'] : '/'
    res.append('Set-Cookie', `theme=${theme}; Path=/; Max-Age=${oneYear}; SameSite=Lax${req.secure ? '; Secure' : ''}`)
    res.redirect(303, back)
  })
  return router
}
