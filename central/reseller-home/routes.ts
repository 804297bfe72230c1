/** The reseller area on the platform's host. Every route acts for the tenant of the membership, never for one named by the browser. */
import { Router } from 'express'
import { z } from 'zod'
import { FormErrors, Refusal } from '../../shared/errors.js'
import { form } from '../../shared/http/form.js'
import { onFormErrors, page, redirect } from '../../shared/http/page.js'
import { Plan } from '../../tenant/catalog/plan.js'
import { setPlanPrice } from '../../tenant/catalog/set-plan-price.js'
import { inTenantOf } from '../access/enter-tenant.js'
import { membershipOf } from '../members/guard.js'
import { invoiceDetail, invoiceList } from '../wholesale/present-invoice.js'
import { WholesaleInvoice } from '../wholesale/wholesale-invoice.js'
import { homePage, paletteItems, pricesPage } from './pages.js'

const reseller = { layout: 'reseller' } as const
const priceForm = z.object({ price: z.string().regex(/^\d{1,4}(\.\d{1,4})?$/, 'Enter a price like 0.15, with at most four decimals.') })
/** Exact: text to micro-units without going through a fraction. */
const microsOf = (price: string): number => {
  const [whole = '0', part = ''] = price.split('.')
  return Number(whole) * 1_000_000 + Number(part.padEnd(6, '0'))
}

export const resellerHomeRoutes = Router()
resellerHomeRoutes.get('/reseller', async (req, res) => page(req, res, 'central/reseller-home/home', await homePage(membershipOf(req).tenantId), { title: 'Overview', ...reseller }))
resellerHomeRoutes.get('/reseller/prices', async (req, res) => page(req, res, 'central/reseller-home/prices', await pricesPage(membershipOf(req).tenantId), { title: 'Prices', ...reseller }))
resellerHomeRoutes.put('/reseller/prices/:slug', async (req, res) => {
  const { tenantId, role } = membershipOf(req)
  if (role === 'support') throw new Refusal('desk.role', 'Your role may look at this, but not change it. Ask the owner of the shop.')
  const slug = req.params.slug
  onFormErrors(res, async (errors, input, status) => page(req, res, 'central/reseller-home/prices', { ...(await pricesPage(tenantId)), errors, wrong: slug, input }, { title: 'Prices', status, ...reseller }))
  const { price } = form(priceForm, req)
  const { name, belowCost } = await inTenantOf(tenantId, 'set price', async () => {
    const plan = await Plan.query().findOne({ slug })
    if (!plan) throw new FormErrors({ form: 'This plan does not exist any more.' })
    return { name: plan.name, ...(await setPlanPrice(plan, microsOf(price))) }
  })
  redirect(req, res, '/reseller/prices', { flash: belowCost ? { kind: 'info', text: `${name} now costs less than you pay for it.` } : `The new price of ${name} counts for new orders. Running services keep theirs.` })
})
resellerHomeRoutes.get('/reseller/bills', async (req, res) => page(req, res, 'central/wholesale/list', { invoices: await invoiceList(membershipOf(req).tenantId), staff: false, base: '/reseller/bills' }, { title: 'Your bills', ...reseller }))
resellerHomeRoutes.get('/reseller/bills/:publicId', async (req, res) => {
  const invoice = await WholesaleInvoice.findOwned({ publicId: req.params.publicId, tenantId: membershipOf(req).tenantId })
  page(req, res, 'central/wholesale/show', { ...(await invoiceDetail(invoice)), staff: false, crumbs: [{ href: '/reseller/bills', label: 'Your bills' }, { label: invoice.number }] }, { title: `Invoice ${invoice.number}`, ...reseller })
})
resellerHomeRoutes.get('/palette.json', async (req, res) => void res.json(await paletteItems(membershipOf(req).tenantId)))
