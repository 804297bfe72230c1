/** Signing in to the reseller area, the first password, and a forgotten one. Same words for known and unknown addresses. */
import { Router, type Request, type Response } from 'express'
import { z } from 'zod'
import { FormErrors, NotFound } from '../../shared/errors.js'
import { emailAddress, form, query } from '../../shared/http/form.js'
import { onFormErrors, page, redirect } from '../../shared/http/page.js'
import { byAddress, byField, limit } from '../../shared/http/rate-limit.js'
import { safePath } from '../../shared/http/request.js'
import { signIn, signOut } from '../../shared/http/session.js'
import { passwordFault } from '../../shared/security/password.js'
import { peekToken, type Purpose } from '../access/access-token.js'
import { checkSignIn } from '../access/sign-in.js'
import { Member } from './member.js'
import { choosePassword, sendReset } from './password.js'

const nextSchema = z.object({ next: z.string().max(500).optional() })
const signInSchema = z.object({ email: emailAddress, password: z.string().min(1, 'Enter your password.').max(200), next: z.string().max(500).optional() })
const passwordSchema = z.object({ password: z.string().min(1, 'Choose a password.').max(200) })
const forgotSchema = z.object({ email: emailAddress })
const platform = { layout: 'tenant-auth' } as const
const signInPage = { action: '/reseller/sign-in', heading: 'Sign in to your reseller area', forgotHref: '/reseller/password/forgot' }

export const memberRoutes = Router()
const guessLimit = limit('member-token-ip', { points: 30, seconds: 600, by: byAddress })

memberRoutes.get('/reseller/sign-in', (req, res) => {
  const { next } = query(nextSchema, req)
  page(req, res, 'central/staff/sign-in', { ...signInPage, input: {}, next: safePath(next, '/reseller') }, { title: 'Sign in', ...platform })
})
memberRoutes.post('/reseller/sign-in', limit('member-sign-in-ip', { points: 30, seconds: 600, by: byAddress }), limit('member-sign-in', { points: 10, seconds: 600, by: byField('email') }), async (req, res) => {
  onFormErrors(res, (errors, input, status) => page(req, res, 'central/staff/sign-in', { ...signInPage, errors, input, next: safePath(input['next'], '/reseller') }, { title: 'Sign in', status, ...platform }))
  const { email, password, next } = form(signInSchema, req)
  await signIn(req, res, { kind: 'member', id: await checkSignIn('member', email, password) })
  redirect(req, res, safePath(next, '/reseller'))
})
memberRoutes.post('/reseller/sign-out', async (req, res) => {
  await signOut(req, res)
  redirect(req, res, '/reseller/sign-in', { flash: 'You are signed out.' })
})

memberRoutes.get('/reseller/password/forgot', (req, res) => page(req, res, 'central/members/forgot', { input: {} }, { title: 'Forgotten password', ...platform }))
memberRoutes.post('/reseller/password/forgot', limit('member-forgot-ip', { points: 10, seconds: 3600, by: byAddress }), limit('member-forgot', { points: 4, seconds: 3600, by: byField('email') }), async (req, res) => {
  onFormErrors(res, (errors, input, status) => page(req, res, 'central/members/forgot', { errors, input }, { title: 'Forgotten password', status, ...platform }))
  await sendReset(form(forgotSchema, req).email)
  redirect(req, res, '/reseller/sign-in', { flash: 'If we know this address, a link is on its way to it. It works for 15 minutes.' })
})

async function personFor(req: Request, purpose: Purpose): Promise<Member> {
  const id = await peekToken(String(req.params['token']), 'member', purpose)
  const member = id === null ? undefined : await Member.query().findById(id)
  if (!member) throw new NotFound('link, or it has been used already. Ask for a new one')
  return member
}

function passwordRoutes(path: string, purpose: Purpose, title: string): void {
  const show = (req: Request, res: Response, member: Member, errors: object, status = 200) =>
    page(req, res, 'central/members/set-password', { title, email: member.email, errors, action: req.originalUrl }, { title, status, ...platform })
  memberRoutes.get(`${path}/:token`, guessLimit, async (req, res) => show(req, res, await personFor(req, purpose), {}))
  memberRoutes.post(`${path}/:token`, guessLimit, async (req, res) => {
    const member = await personFor(req, purpose)
    onFormErrors(res, (errors, _input, status) => show(req, res, member, errors, status))
    const { password } = form(passwordSchema, req)
    const fault = passwordFault(password, [member.email, member.name])
    if (fault) throw new FormErrors({ password: fault })
    await choosePassword(String(req.params['token']), purpose, password)
    await signIn(req, res, { kind: 'member', id: member.id })
    redirect(req, res, '/reseller', { flash: 'Your password is set. Welcome!' })
  })
}
passwordRoutes('/reseller/set-password', 'set-password', 'Choose your password')
passwordRoutes('/reseller/password/reset', 'reset-password', 'Choose a new password')
