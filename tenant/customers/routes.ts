/** The signed-in customer's own details. */
import { Router } from 'express'
import { form } from '../../shared/http/form.js'
import { onFormErrors, redirect } from '../../shared/http/page.js'
import { changeProfile } from './change-profile.js'
import { profileForm } from './forms.js'
import { requireUser, userOf } from './guard.js'
import { profilePage } from './pages.js'

export const customersRoutes = Router()

customersRoutes.get('/account/profile', requireUser, (req, res) => profilePage(req, res, userOf(req), {}))

customersRoutes.put('/account/profile', requireUser, async (req, res) => {
  onFormErrors(res, (errors, input, status) => profilePage(req, res, userOf(req), { errors, input, status }))
  await changeProfile(userOf(req), form(profileForm, req))
  redirect(req, res, '/account/profile', { flash: 'Your profile is saved.' })
})
