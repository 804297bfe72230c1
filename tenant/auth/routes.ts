/** Signing up, in and out. Links from letters are in link-routes.ts, the account's own pages in account-routes.ts. */
import { Router, type Request, type Response } from 'express'
import { form, query } from '../../shared/http/form.js'
import { onFormErrors, redirect } from '../../shared/http/page.js'
import { forgive } from '../../shared/http/rate-limit.js'
import { safePath } from '../../shared/http/request.js'
import { remember, signIn, signOut } from '../../shared/http/session.js'
import { newPublicId } from '../../shared/security/token.js'
import { userOrNull } from '../customers/guard.js'
import { guessTimeZone } from '../customers/places.js'
import { accountRoutes } from './account-routes.js'
import { checkSignIn } from './check-sign-in.js'
import { nextQuery, signInForm, signUpForm } from './forms.js'
import { accountRule, signInLimits, signUpLimits } from './limits.js'
import { linkRoutes } from './link-routes.js'
import { home, inboxPage, signInPage, signUpPage } from './pages.js'
import { signUp } from './sign-up.js'

export const authRoutes = Router()

authRoutes.get('/sign-in', (req, res) => {
  const { next } = query(nextQuery, req)
  if (userOrNull(req)) return redirect(req, res, safePath(next, home))
  signInPage(req, res, { input: { next } })
})

async function signInHere(req: Request, res: Response): Promise<void> {
  onFormErrors(res, (errors, input, status) => signInPage(req, res, { errors, input, status }))
  const { email, password, next } = form(signInForm, req)
  const customer = await checkSignIn(email, password)
  await forgive('sign-in', accountRule, req)
  await signIn(req, res, customer.subject)
  redirect(req, res, safePath(next, home))
}
authRoutes.post(['/sign-in', '/session'], ...signInLimits, signInHere)

async function signOutHere(req: Request, res: Response): Promise<void> {
  await signOut(req, res)
  redirect(req, res, '/sign-in', { flash: 'You are signed out.' })
}
authRoutes.post('/sign-out', signOutHere)
authRoutes.delete('/session', signOutHere)

authRoutes.get('/sign-up', (req, res) => {
  const { next } = query(nextQuery, req)
  if (userOrNull(req)) return redirect(req, res, safePath(next, home))
  signUpPage(req, res, { input: { next } })
})

authRoutes.post('/sign-up', ...signUpLimits, async (req, res) => {
  onFormErrors(res, (errors, input, status) => signUpPage(req, res, { errors, input, status }))
  const { next, timeZone, ...wish } = form(signUpForm, req)
  const account = newPublicId()
  await signUp({ ...wish, timeZone: guessTimeZone(timeZone, wish.country, req.site.tenant?.timeZone ?? 'UTC') }, account)
  await remember(req, res, { signUp: { email: wish.email, account, next: safePath(next, home) } })
  inboxPage(req, res, wish.email)
})

authRoutes.use(linkRoutes, accountRoutes)
