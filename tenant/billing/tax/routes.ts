/** The signed-in customer's tax number and exemption. */
import { Router, type Request, type Response } from 'express'
import { form } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { limit } from '../../../shared/http/rate-limit.js'
import { requireUser, userOf } from '../../customers/guard.js'
import { askExemption } from './decide-exemption.js'
import { exemptionForm, taxIdForm } from './forms.js'
import { taxPage } from './pages.js'
import { registerTaxId } from './register-tax-id.js'

export const taxRoutes = Router()
/** Each new number is a question to the European register. */
const often = limit('tax-number', { points: 20, seconds: 3600, by: (req) => `user:${userOf(req).id}` })
const again = (req: Request, res: Response): void => onFormErrors(res, (errors, input, status) => taxPage(req, res, userOf(req), { errors, input, status }))

taxRoutes.get('/account/tax', requireUser, (req, res) => taxPage(req, res, userOf(req), {}))

taxRoutes.put('/account/tax/number', requireUser, often, async (req, res) => {
  again(req, res)
  const { taxId, next } = form(taxIdForm, req)
  await registerTaxId(userOf(req).id, { number: taxId ?? null })
  redirect(req, res, next ?? '/account/tax', { flash: taxId ? 'Your tax number is saved.' : 'Your tax number is removed.' })
})

taxRoutes.post('/account/tax/exemptions', requireUser, often, async (req, res) => {
  again(req, res)
  await askExemption(userOf(req).id, form(exemptionForm, req))
  redirect(req, res, '/account/tax', { flash: 'Your request is with us. You will see the answer here.' })
})
