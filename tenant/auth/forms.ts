/** What the forms of signing in may say. */
import { z } from 'zod'
import { emailAddress, text } from '../../shared/http/form.js'
import { longestPassword, passwordFault } from '../../shared/security/password.js'
import { isCountry } from '../customers/places.js'

/** Checked by safePath where it is used. */
const next = z.string().max(4000).optional()
const typedPassword = (missing: string) => z.string(missing).min(1, missing).max(longestPassword, 'No password of ours is that long.')

const chosenPassword = typedPassword('Choose a password.').superRefine((password, ctx) => {
  const fault = passwordFault(password)
  if (fault) ctx.addIssue({ code: 'custom', message: fault })
})

export const emptyForm = z.object({})
export const nextQuery = z.object({ next })
export const signInForm = z.object({ email: emailAddress, password: typedPassword('Enter your password.'), next })
export const forgotForm = z.object({ email: emailAddress })
export const resetForm = z.object({ password: chosenPassword })
export const changePasswordForm = z.object({ currentPassword: typedPassword('Enter your current password.'), password: chosenPassword })

export const signUpForm = z.object({
  name: text('Your name', 120, 2),
  email: emailAddress,
  password: chosenPassword,
  country: z.string().refine(isCountry, 'Choose your country.'),
  /** Filled in by the browser. */
  timeZone: z.string().max(64).optional(),
  next,
}).superRefine((wish, ctx) => {
  const fault = passwordFault(wish.password, [wish.name, wish.email])
  if (fault) ctx.addIssue({ code: 'custom', path: ['password'], message: fault })
})
