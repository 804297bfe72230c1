/** How often somebody may try, on every path that tells something about an account. Counted by shop. */
import type { RequestHandler } from 'express'
import { byAddress, byField, byFieldAndAddress, limit, type Rule } from '../../shared/http/rate-limit.js'

const minutes = 60
/** Ten tries at one account from one place; a success forgives them. */
export const accountRule: Rule = { points: 10, seconds: 10 * minutes, by: byFieldAndAddress('email') }

export const signInLimits: RequestHandler[] = [
  limit('sign-in', accountRule),
  limit('sign-in-account', { points: 60, seconds: 60 * minutes, by: byField('email') }),
  limit('sign-in-address', { points: 100, seconds: 10 * minutes, by: byAddress }),
]
export const signUpLimits: RequestHandler[] = [
  limit('sign-up-account', { points: 5, seconds: 15 * minutes, by: byField('email') }),
  limit('sign-up-address', { points: 60, seconds: 60 * minutes, by: byAddress }),
]
export const forgotLimits: RequestHandler[] = [
  limit('forgot-account', { points: 3, seconds: 15 * minutes, by: byField('email') }),
  limit('forgot-address', { points: 30, seconds: 15 * minutes, by: byAddress }),
]
/** Opening links, choosing passwords, asking for a link again. */
export const linkLimit: RequestHandler = limit('link', { points: 40, seconds: 10 * minutes, by: byAddress })
export const resendLimit: RequestHandler = limit('resend', { points: 4, seconds: 15 * minutes, by: byAddress })
export const passwordLimit: RequestHandler = limit('password', { points: 10, seconds: 10 * minutes, by: (req) => (req.session.subjectId === null ? null : `user:${req.session.subjectId}`) })
