/** What browsers may do with our pages. No inline script, no eval, no inline style, no frame; a page that needs a payment form says so itself. */
import { randomBytes } from 'node:crypto'
import type { Request, RequestHandler, Response } from 'express'
import { config } from '../config.js'

export type Directive = 'script-src' | 'style-src' | 'img-src' | 'connect-src' | 'frame-src' | 'form-action'
type Policy = Record<string, readonly string[]>

function basePolicy(nonce: string): Policy {
  return {
    'default-src': ["'none'"],
    'script-src': ["'self'", `'nonce-${nonce}'`],
    'style-src': ["'self'", `'nonce-${nonce}'`],
    'img-src': ["'self'", 'data:'],
    'font-src': ["'self'"],
    'connect-src': ["'self'"],
    'manifest-src': ["'self'"],
    'form-action': ["'self'"],
    'base-uri': ["'none'"],
    'frame-ancestors': ["'none'"],
    ...(config().PUBLIC_SCHEME === 'https' ? { 'upgrade-insecure-requests': [] } : {}),
  }
}
const write = (policy: Policy): string => Object.entries(policy).map(([name, values]) => [name, ...values].join(' ')).join('; ')
const origin = /^https?:\/\/[a-z0-9.-]+(?::\d+)?$/

/** The nonce of this answer, for `<script nonce>` and `<style nonce>`. */
export const nonceOf = (res: Response): string => String(res.locals['nonce'] ?? '')

/** Opens the policy of this one answer for named origins (`https://js.stripe.com`). Only origins are taken, never keywords or wildcards. */
export function allowOnPage(res: Response, more: Partial<Record<Directive, readonly string[]>>): void {
  const policy = { ...(res.locals['contentPolicy'] as Policy) }
  for (const [name, origins] of Object.entries(more)) {
    for (const o of origins) if (!origin.test(o)) throw new Error(`The content policy takes origins only, not "${o}".`)
    policy[name] = [...(policy[name] ?? []), ...origins]
  }
  res.locals['contentPolicy'] = policy
  res.set('Content-Security-Policy', write(policy))
}

/** On every answer but assets. Pages are private unless their route says otherwise. */
export const securityHeaders: RequestHandler = (_req: Request, res, next) => {
  const nonce = randomBytes(16).toString('base64url')
  const policy = basePolicy(nonce)
  res.locals['nonce'] = nonce
  res.locals['contentPolicy'] = policy
  res.set({
    'Content-Security-Policy': write(policy),
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    // `no-referrer` would make browsers send `Origin: null` with our own forms.
    'Referrer-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), payment=(self), usb=()',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cache-Control': 'private, no-store',
    'Vary': 'HX-Request',
    ...(config().PUBLIC_SCHEME === 'https' ? { 'Strict-Transport-Security': 'max-age=31536000' } : {}),
  })
  next()
}
