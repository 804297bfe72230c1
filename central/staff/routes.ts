/** Signing in to and out of the console. */
import { Router } from 'express'
import { z } from 'zod'
import { emailAddress, form, query } from '../../shared/http/form.js'
import { onFormErrors, page, redirect } from '../../shared/http/page.js'
import { byAddress, byField, limit } from '../../shared/http/rate-limit.js'
import { safePath } from '../../shared/http/request.js'
import { signIn, signOut } from '../../shared/http/session.js'
import { checkSignIn } from '../access/sign-in.js'

const nextSchema = z.object({ next: z.string().max(500).optional() })
const signInSchema = z.object({ email: emailAddress, password: z.string().min(1, 'Enter your password.').max(200), next: z.string().max(500).optional() })

export const staffRoutes = Router()
staffRoutes.get('/sign-in', (req, res) => {
  const { next } = query(nextSchema, req)
  page(req, res, 'central/staff/sign-in', { input: {}, next: safePath(next), action: '/sign-in' }, { title: 'Sign in', layout: 'tenant-auth' })
})
staffRoutes.post('/sign-in', limit('staff-sign-in-ip', { points: 30, seconds: 600, by: byAddress }), limit('staff-sign-in', { points: 10, seconds: 600, by: byField('email') }), async (req, res) => {
  onFormErrors(res, (errors, input, status) => page(req, res, 'central/staff/sign-in', { errors, input, next: safePath(input['next']), action: '/sign-in' }, { title: 'Sign in', status, layout: 'tenant-auth' }))
  const { email, password, next } = form(signInSchema, req)
  await signIn(req, res, { kind: 'staff', id: await checkSignIn('staff', email, password) })
  redirect(req, res, safePath(next))
})
staffRoutes.post('/sign-out', async (req, res) => {
  await signOut(req, res)
  redirect(req, res, '/sign-in', { flash: 'You are signed out.' })
})
