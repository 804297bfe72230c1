/** The console's reseller pages: list, open, watch the opening, suspend, resume, drop. */
import { Router, type Request, type Response } from 'express'
import { z } from 'zod'
import { FormErrors } from '../../shared/errors.js'
import { echo, form, text } from '../../shared/http/form.js'
import { fragment, onFormErrors, page, redirect } from '../../shared/http/page.js'
import { dropReseller, resumeReseller, startMaintenance, suspendReseller } from './change-status.js'
import type { NewResellerInput } from './new-reseller.js'
import { openReseller, retryOpening } from './open-reseller.js'
import { listPage, openingPart, showPage, zoneOptions } from './pages.js'
import { Reseller } from './reseller.js'

/** Fields as the browser sends them; newResellerSchema says what they mean. */
const field = z.string().max(300).optional()
const newForm = z.object({
  name: field, ownerName: field, ownerEmail: field, host: field, slug: field, currency: field, timeZone: field, tier: field,
  monthlyFee: field, discountPercent: field, commissionPercent: field, billingDay: field, sandbox: field,
})
const reasonForm = z.object({ reason: text('The reason', 255) })
const dropForm = z.object({ confirm: z.string().max(120).default('') })

const found = (req: Request): Promise<Reseller> => Reseller.query().where({ slug: String(req.params['slug']) }).orderBy('id', 'desc').first().then((row) => row ?? Reseller.findOwned({ slug: '' }))

function newPage(req: Request, res: Response, input: object, errors: object = {}, status = 200): void {
  page(req, res, 'central/resellers/new', {
    input, errors, zones: zoneOptions(), currencies: ['USD', 'EUR', 'GBP'].map((c) => ({ value: c, label: c })),
    tiers: [{ value: 'basic', label: 'Basic' }, { value: 'pro', label: 'Pro' }, { value: 'enterprise', label: 'Enterprise' }],
    crumbs: [{ href: '/resellers', label: 'Resellers' }, { label: 'Open a reseller' }],
  }, { title: 'Open a reseller', status })
}

export const resellerRoutes = Router()
resellerRoutes.get('/resellers', async (req, res) => page(req, res, 'central/resellers/list', await listPage(req), { title: 'Resellers' }))
resellerRoutes.get('/resellers/new', (req, res) => newPage(req, res, { currency: 'USD', timeZone: 'UTC', tier: 'basic', monthlyFee: '99.00', discountPercent: '0', commissionPercent: '0', billingDay: '1' }))
resellerRoutes.post('/resellers', async (req, res) => {
  onFormErrors(res, (errors, input, status) => newPage(req, res, input, errors, status))
  const sent = form(newForm, req)
  try {
    const reseller = await openReseller(sent as NewResellerInput)
    redirect(req, res, `/resellers/${reseller.slug}`)
  } catch (error) {
    if (error instanceof FormErrors) throw new FormErrors(error.fields, echo(sent))
    throw error
  }
})
resellerRoutes.get('/resellers/:slug', async (req, res) => {
  const reseller = await found(req)
  page(req, res, 'central/resellers/show', await showPage(reseller), { title: reseller.name })
})
resellerRoutes.get('/resellers/:slug/opening', async (req, res) => {
  const reseller = await found(req)
  const part = await openingPart(reseller)
  // When the opening has ended, the whole page has more to show.
  if (reseller.status !== 'opening') res.set('HX-Refresh', 'true')
  fragment(req, res, 'central/resellers/_opening', part)
})
resellerRoutes.post('/resellers/:slug/opening', async (req, res) => {
  const reseller = await found(req)
  await retryOpening(reseller)
  redirect(req, res, `/resellers/${reseller.slug}`, { flash: 'Trying again from the step that failed.' })
})
resellerRoutes.post('/resellers/:slug/suspension', async (req, res) => {
  const reseller = await found(req)
  onFormErrors(res, async (errors, input, status) => page(req, res, 'central/resellers/show', { ...(await showPage(reseller)), errors, input }, { title: reseller.name, status }))
  await suspendReseller(reseller, form(reasonForm, req).reason)
  redirect(req, res, `/resellers/${reseller.slug}`, { flash: `${reseller.name} is suspended: its shop shows a notice.` })
})
resellerRoutes.delete('/resellers/:slug/suspension', async (req, res) => {
  const reseller = await found(req)
  await resumeReseller(reseller)
  redirect(req, res, `/resellers/${reseller.slug}`, { flash: `${reseller.name} is open again.` })
})
resellerRoutes.post('/resellers/:slug/maintenance', async (req, res) => {
  const reseller = await found(req)
  await startMaintenance(reseller)
  redirect(req, res, `/resellers/${reseller.slug}`, { flash: 'Visitors now see a page that says "back soon".' })
})
const dropPage = async (req: Request, res: Response, reseller: Reseller, error?: string, status = 200): Promise<void> => page(req, res, 'central/resellers/drop', {
  title: `Drop ${reseller.name}`, text: 'This deletes the database with all customers, invoices and workspaces of this reseller. It cannot be undone.',
  points: ['Workspaces of its customers are ended at their servers, files included.', 'The shop and its hosts stop answering at once.', 'Wholesale invoices stay in the console.', 'A last wholesale invoice is made for the time until now.'],
  action: `/resellers/${reseller.slug}`, method: 'delete', label: `Drop ${reseller.name}`, backHref: `/resellers/${reseller.slug}`, backLabel: 'Keep it', typeName: reseller.name, ...(error ? { error } : {}),
}, { title: `Drop ${reseller.name}`, status })
resellerRoutes.get('/resellers/:slug/drop', async (req, res) => dropPage(req, res, await found(req)))
resellerRoutes.delete('/resellers/:slug', async (req, res) => {
  const reseller = await found(req)
  if (form(dropForm, req).confirm !== reseller.name) return dropPage(req, res, reseller, `Type the name exactly as it is written: ${reseller.name}`, 422)
  await dropReseller(reseller)
  redirect(req, res, '/resellers', { flash: `${reseller.name} is dropped.` })
})
