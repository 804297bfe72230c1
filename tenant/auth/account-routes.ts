/** The signed-in customer's password and devices. */
import { Router } from 'express'
import { form } from '../../shared/http/form.js'
import { onFormErrors, redirect } from '../../shared/http/page.js'
import { revokeSession, revokeSessions } from '../../shared/http/session-store.js'
import { NotFound } from '../../shared/errors.js'
import { requireUser, userOf } from '../customers/guard.js'
import { changePasswordForm, emptyForm } from './forms.js'
import { passwordLimit } from './limits.js'
import { passwordPage, sessionsPage } from './pages.js'
import { changePassword } from './set-password.js'

export const accountRoutes = Router()

accountRoutes.get('/account/password', requireUser, (req, res) => passwordPage(req, res, {}))

accountRoutes.put('/account/password', requireUser, passwordLimit, async (req, res) => {
  onFormErrors(res, (errors, _input, status) => passwordPage(req, res, { errors, status }))
  const { currentPassword, password } = form(changePasswordForm, req)
  await changePassword(userOf(req), currentPassword, password, req.site, req.session.id)
  redirect(req, res, '/account/password', { flash: 'Your password is changed. You are signed out everywhere else.' })
})

accountRoutes.get('/account/sessions', requireUser, (req, res) => sessionsPage(req, res, userOf(req)))

accountRoutes.delete('/account/sessions', requireUser, async (req, res) => {
  form(emptyForm, req)
  await revokeSessions(req.site, userOf(req).subject, req.session.id)
  redirect(req, res, '/account/sessions', { flash: 'You are signed out everywhere else.' })
})

accountRoutes.delete('/account/sessions/:id', requireUser, async (req, res) => {
  form(emptyForm, req)
  const ended = await revokeSession(req.site, userOf(req).subject, String(req.params['id']))
  if (!ended) throw new NotFound('session')
  redirect(req, res, '/account/sessions', { flash: 'That browser is signed out.' })
})
