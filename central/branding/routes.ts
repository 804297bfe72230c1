/** The branding page of the reseller area. */
import { Router, type Request, type Response } from 'express'
import { form } from '../../shared/http/form.js'
import { onFormErrors, page, redirect } from '../../shared/http/page.js'
import { adviseColor } from '../../shared/views/theme-css.js'
import { membershipOf } from '../members/guard.js'
import { brandingForm, readBranding, saveBranding } from './branding.js'

function show(req: Request, res: Response, input: Readonly<Record<string, unknown>>, errors: object = {}, status = 200): void {
  const advice = adviseColor(input['primaryColor'])
  const contrast = advice && { ...advice, ratio: advice.ratio.toFixed(1) }
  page(req, res, 'central/branding/edit', { input, errors, contrast }, { title: 'Branding', layout: 'reseller', status })
}

export const brandingRoutes = Router()
brandingRoutes.get('/reseller/branding', async (req, res) => show(req, res, { ...(await readBranding(membershipOf(req).tenantId)) }))
brandingRoutes.put('/reseller/branding', async (req, res) => {
  onFormErrors(res, (errors, input, status) => show(req, res, input, errors, status))
  await saveBranding(membershipOf(req).tenantId, form(brandingForm, req))
  redirect(req, res, '/reseller/branding', { flash: 'Saved. Your shop shows it now.' })
})
