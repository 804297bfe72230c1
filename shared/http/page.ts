/** Answers with a page: the whole one, or the fragment that htmx asked for. The layout's frame is filled here and nowhere else. */
import type { Request, Response } from 'express'
import { clock } from '../time/clock.js'
import { renderView, type Locals } from '../views/engine.js'
import type { Frame, FrameBrand } from '../views/frame.js'
import { csrfToken } from './csrf.js'
import { setFlash, takeFlash, type Flash } from './flash.js'
import { isHtmx, safePath, wantsFragment, type Site } from './request.js'
import { nonceOf } from './security-headers.js'

export interface PageOptions {
  /** Sentence case, without the brand. */
  title: string
  /** Default 200. */
  status?: number
  /** View to answer with when htmx wants a part of the page; same data. */
  fragment?: string
  /** Default by site: tenant, console, platform. */
  layout?: string
}

/** The brand as layouts show it; the platform's own on console and platform site. */
export function frameBrand(site: Site): FrameBrand {
  const brand = site.tenant?.brand
  if (!brand) return { name: 'EZSCALE' }
  return {
    name: brand.companyName, logoUrl: brand.logoUrl, faviconUrl: brand.faviconUrl, supportEmail: brand.supportEmail, supportPhone: brand.supportPhone,
    legalName: brand.legalName, themeHref: `/theme.css?v=${encodeURIComponent(brand.version)}`, iconHref: `/favicon.svg?v=${encodeURIComponent(brand.version)}`,
  }
}

function frame(req: Request, res: Response, options: PageOptions, whole: boolean): Frame {
  const { site } = req
  const tenant = site.tenant
  const now = clock.now()
  const flash = whole ? takeFlash(req, res) : null
  return {
    layout: whole ? options.layout ?? site.kind : false, title: options.title, brand: frameBrand(site), locale: tenant?.locale ?? 'en-US', timeZone: tenant?.timeZone ?? 'UTC', now,
    nonce: nonceOf(res), csrfToken: csrfToken(req, res), path: req.baseUrl + req.path, flash: flash ? [flash] : [], requestId: req.id,
    sandbox: tenant?.sandbox && tenant.clockOffsetMs > 0 ? { now } : null,
  }
}

/** Renders `view` with the frame, what middleware left in res.locals (user, theme, time zone), and `data`. */
export function page(req: Request, res: Response, view: string, data: object, options: PageOptions): void {
  const part = options.fragment !== undefined && wantsFragment(req)
  const locals: Locals = { ...frame(req, res, options, !part), ...res.locals, ...data }
  const html = renderView(part ? options.fragment ?? view : view, locals)
  res.status(options.status ?? 200).type('html').send(html)
}

/** Sends a fragment on its own, for htmx. */
export function fragment(req: Request, res: Response, view: string, data: object, status = 200): void {
  const locals: Locals = { ...frame(req, res, { title: '' }, false), ...res.locals, ...data }
  res.status(status).type('html').send(renderView(view, locals))
}

/**
 * Goes to another page of ours (303, so that a reload repeats nothing); for htmx in a header, as its requests would follow a redirect silently.
 * `flash` is shown there once. Paths of elsewhere are a bug of the caller and go to `/`.
 */
export function redirect(req: Request, res: Response, path: string, options: { flash?: Flash | string } = {}): void {
  const target = safePath(path)
  if (options.flash !== undefined) setFlash(req, res, options.flash)
  if (isHtmx(req) && req.get('hx-boosted') !== 'true') res.status(204).set('HX-Redirect', target).end()
  else res.redirect(303, target)
}

type ShowForm = (errors: Readonly<Record<string, string>>, input: Readonly<Record<string, unknown>>, status: number) => void | Promise<void>

/** Says how to show this route's form again. From here on FormErrors (422) and Refusal (409, under `form`) come back as that form. */
export function onFormErrors(res: Response, show: ShowForm): void {
  // Outside its router a request has lost the parts of its address that the route named; the form may ask for them.
  const { req } = res
  const { params } = req
  const again: ShowForm = (errors, input, status) => {
    req.params = params
    return show(errors, input, status)
  }
  res.locals['showForm'] = again
}
export const formToShow = (res: Response): ShowForm | undefined => res.locals['showForm'] as ShowForm | undefined
