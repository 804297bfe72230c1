/** What the templates of signing in see. */
import type { Request, Response } from 'express'
import { page } from '../../shared/http/page.js'
import { sessionsOf } from '../../shared/http/session-store.js'
import { safePath } from '../../shared/http/request.js'
import type { Customer } from '../customers/customer.js'
import { countryFrom, countryOptions } from '../customers/places.js'
import { browserName } from './browser-name.js'

type Texts = Readonly<Record<string, unknown>>
export interface Shown {
  errors?: Texts
  input?: Texts
  status?: number
}
const layout = 'tenant-auth'
/** Where signing in leads when nothing else was asked for. */
export const home = '/account'

export function signInPage(req: Request, res: Response, { errors, input = {}, status = 200 }: Shown): void {
  page(req, res, 'tenant/auth/sign-in', { errors, input, next: safePath(input['next'], home) }, { title: 'Sign in', status, layout })
}

export function signUpPage(req: Request, res: Response, { errors, input = {}, status = 200 }: Shown): void {
  const { locale } = req.site.tenant ?? { locale: 'en' }
  const country = input['country'] ?? countryFrom(req.get('accept-language')) ?? ''
  page(req, res, 'tenant/auth/sign-up', { errors, input: { ...input, country }, countries: countryOptions(locale), next: safePath(input['next'], home) }, { title: 'Create your account', status, layout })
}

export function inboxPage(req: Request, res: Response, email: string, { signedIn = false } = {}): void {
  page(req, res, 'tenant/auth/check-inbox', { email, signedIn }, { title: 'Check your inbox', layout })
}

/** `email` is shown only to the browser that opened the account. */
export function verifyPage(req: Request, res: Response, token: string, needsPassword: boolean, { errors, status = 200 }: Shown): void {
  page(req, res, 'tenant/auth/verify-email', { token, needsPassword, errors }, { title: 'Confirm your e-mail address', status, layout })
}

export function spentLinkPage(req: Request, res: Response, kind: 'verify' | 'reset'): void {
  page(req, res, 'tenant/auth/spent-link', { reset: kind === 'reset' }, { title: 'This link does not work any more', status: 400, layout })
}

export function forgotPage(req: Request, res: Response, { errors, input = {}, status = 200 }: Shown): void {
  page(req, res, 'tenant/auth/forgot', { errors, input }, { title: 'Forgot your password?', status, layout })
}

export function resetPage(req: Request, res: Response, token: string, { errors, status = 200 }: Shown): void {
  page(req, res, 'tenant/auth/reset', { token, errors }, { title: 'Choose a new password', status, layout })
}

export function passwordPage(req: Request, res: Response, { errors, status = 200 }: Shown): void {
  page(req, res, 'tenant/account/password', { errors }, { title: 'Password', status })
}

export async function sessionsPage(req: Request, res: Response, customer: Customer): Promise<void> {
  const rows = await sessionsOf(req.site, customer.subject)
  const sessions = rows.map((row) => ({ id: row.id, browser: browserName(row.user_agent), ip: row.ip, since: row.created_at, seen: row.last_seen_at, here: row.id === req.session.id }))
  page(req, res, 'tenant/account/sessions', { sessions, others: sessions.length > 1 }, { title: 'Where you are signed in' })
}
