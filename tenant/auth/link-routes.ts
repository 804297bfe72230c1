/** Confirming an address, and choosing a new password by a link. Opening a link changes nothing (mail scanners open links too): the button does. */
import { Router, type Request } from 'express'
import { z } from 'zod'
import { form, query } from '../../shared/http/form.js'
import { onFormErrors, redirect } from '../../shared/http/page.js'
import { safePath } from '../../shared/http/request.js'
import { remember, signedInAs, signIn } from '../../shared/http/session.js'
import { userOrNull } from '../customers/guard.js'
import { emptyForm, forgotForm, nextQuery, resetForm } from './forms.js'
import { sendResetLetter, sendSignUpLetter } from './jobs.js'
import { forgotLimits, linkLimit, resendLimit } from './limits.js'
import { forgotPage, home, inboxPage, resetPage, spentLinkPage, verifyPage } from './pages.js'
import { resetPassword } from './set-password.js'
import { peekToken } from './user-token.js'
import { customerOfLink, provedByBrowser, verifyEmail, type Proof } from './verify-email.js'

const remembered = z.object({ email: z.string(), account: z.string(), next: z.string() })
const tokenOf = (req: Request): string => String(req.params['token'])
/** The sign-up that this browser began, if any. */
const begun = (req: Request) => remembered.safeParse(req.session.data['signUp']).data ?? null
const proofOf = (req: Request, password?: string): Proof => ({ opened: begun(req)?.account ?? null, signedIn: signedInAs(req, 'user'), password })

export const linkRoutes = Router()

linkRoutes.get('/verify-email', async (req, res) => {
  const { next } = query(nextQuery, req)
  const customer = userOrNull(req)
  if (customer?.isVerified) return redirect(req, res, safePath(next, home))
  if (customer && next) await remember(req, res, { next: safePath(next, home) })
  const email = customer?.email ?? begun(req)?.email
  if (!email) return redirect(req, res, '/sign-in')
  inboxPage(req, res, email, { signedIn: customer !== null })
})

/** Sends the letter again, to the address that this browser signed up or is signed in with. */
linkRoutes.post('/verify-email', resendLimit, async (req, res) => {
  form(emptyForm, req)
  const email = userOrNull(req)?.email ?? begun(req)?.email
  if (!email) return redirect(req, res, '/sign-in')
  await sendSignUpLetter.enqueue({ email })
  redirect(req, res, '/verify-email', { flash: 'We sent the letter again. It should arrive within a minute or two.' })
})

linkRoutes.get('/verify-email/:token', linkLimit, async (req, res) => {
  const customer = await customerOfLink(tokenOf(req))
  if (!customer) return spentLinkPage(req, res, 'verify')
  verifyPage(req, res, tokenOf(req), !provedByBrowser(customer, proofOf(req)), {})
})

linkRoutes.post('/verify-email/:token', linkLimit, async (req, res) => {
  const token = tokenOf(req)
  onFormErrors(res, (errors, _input, status) => ('password' in errors ? verifyPage(req, res, token, true, { errors, status }) : spentLinkPage(req, res, 'verify')))
  const { password } = form(z.object({ password: z.string().max(200).optional() }), req)
  const customer = await verifyEmail(token, proofOf(req, password))
  const next = safePath(begun(req)?.next ?? req.session.data['next'], home)
  if (signedInAs(req, 'user') !== customer.id) await signIn(req, res, customer.subject)
  redirect(req, res, next, { flash: 'Your e-mail address is confirmed. Welcome!' })
})

linkRoutes.get('/password/forgot', (req, res) => forgotPage(req, res, {}))

linkRoutes.post('/password/forgot', ...forgotLimits, async (req, res) => {
  onFormErrors(res, (errors, input, status) => forgotPage(req, res, { errors, input, status }))
  const { email } = form(forgotForm, req)
  await sendResetLetter.enqueue({ email })
  redirect(req, res, '/sign-in', { flash: { kind: 'info', text: `If ${email} has an account here, a letter with a link is on its way. The link works for 15 minutes.` } })
})

linkRoutes.get('/password/reset/:token', linkLimit, async (req, res) => {
  if ((await peekToken(tokenOf(req), 'reset-password')) === null) return spentLinkPage(req, res, 'reset')
  resetPage(req, res, tokenOf(req), {})
})

linkRoutes.post('/password/reset/:token', linkLimit, async (req, res) => {
  const token = tokenOf(req)
  onFormErrors(res, (errors, _input, status) => ('form' in errors && status === 409 ? spentLinkPage(req, res, 'reset') : resetPage(req, res, token, { errors, status })))
  const { password } = form(resetForm, req)
  await resetPassword(token, password, req.site)
  redirect(req, res, '/sign-in', { flash: 'Your new password is set. Sign in with it.' })
})
