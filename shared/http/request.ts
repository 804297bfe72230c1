/** What the middleware of app.ts puts on a request before any route sees it. */
import type { Tenant } from '../tenancy/tenant.js'
import type { Session } from './session.js'

export type SiteKind = 'tenant' | 'console' | 'platform'

/** Who answers on this host. */
export interface Site {
  readonly kind: SiteKind
  /** Null on the console and the platform site. */
  readonly tenant: Tenant | null
  /** Normalised, without port. */
  readonly host: string
  /** `https://shop.example` as the browser sees it: scheme, host and port. */
  readonly origin: string
  /** Part of every key of cookies, limits and tokens: the tenant's uuid, or the kind of site. */
  readonly scope: string
}

declare module 'express-serve-static-core' {
  interface Request {
    /** Shown on error pages and in every log line of the request. */
    id: string
    /** Set once the host is resolved; missing before (health, assets). */
    site: Site
    session: Session
  }
}

/** htmx asked for a part of a page: answer with a fragment. Boosted links and history want the whole page. */
export const wantsFragment = (req: { get(name: string): string | undefined }): boolean =>
  req.get('hx-request') === 'true' && req.get('hx-request-type') !== 'full' && req.get('hx-boosted') !== 'true'

/** htmx made the request, in whatever form: redirects must travel in a header. */
export const isHtmx = (req: { get(name: string): string | undefined }): boolean => req.get('hx-request') === 'true'

/** The caller is a program: errors are JSON. */
export const wantsJson = (req: { accepts(types: string[]): string | false; get(name: string): string | undefined }): boolean =>
  !isHtmx(req) && (req.accepts(['html', 'json']) === 'json' || /^application\/json\b/.test(req.get('content-type') ?? ''))

/** A path of our own to go to next, or `otherwise`. Never another origin, whatever tricks of `//`, `\` or control characters. */
export function safePath(value: unknown, otherwise = '/'): string {
  if (typeof value !== 'string' || value.length > 500 || !/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(value)) return otherwise
  const base = 'http://here.invalid'
  if (!URL.canParse(value, base)) return otherwise
  const url = new URL(value, base)
  const path = url.pathname + url.search + url.hash
  return url.origin === base && !path.startsWith('//') ? path : otherwise
}
