/** The reseller area on the platform's host. Every route acts for the tenant of the membership, never for one named by the browser. */
import { Router } from 'express'
import { page } from '../../shared/http/page.js'
import { membershipOf } from '../members/guard.js'
import { invoiceDetail, invoiceList } from '../wholesale/present-invoice.js'
import { WholesaleInvoice } from '../wholesale/wholesale-invoice.js'
import { homePage, paletteItems } from './pages.js'

const reseller = { layout: 'reseller' } as const

export const resellerHomeRoutes = Router()
resellerHomeRoutes.get('/reseller', async (req, res) => page(req, res, 'central/reseller-home/home', await homePage(membershipOf(req).tenantId), { title: 'Overview', ...reseller }))
/** Where prices by the hour stood until they got a preview; kept for bookmarks. */
resellerHomeRoutes.get('/reseller/prices', (_req, res) => res.redirect(301, '/reseller/workspaces/prices'))
resellerHomeRoutes.get('/reseller/bills', async (req, res) => page(req, res, 'central/wholesale/list', { invoices: await invoiceList(membershipOf(req).tenantId), staff: false, base: '/reseller/bills' }, { title: 'Your bills', ...reseller }))
resellerHomeRoutes.get('/reseller/bills/:publicId', async (req, res) => {
  const invoice = await WholesaleInvoice.findOwned({ publicId: req.params.publicId, tenantId: membershipOf(req).tenantId })
  page(req, res, 'central/wholesale/show', { ...(await invoiceDetail(invoice)), staff: false, crumbs: [{ href: '/reseller/bills', label: 'Your bills' }, { label: invoice.number }] }, { title: `Invoice ${invoice.number}`, ...reseller })
})
resellerHomeRoutes.get('/palette.json', async (req, res) => void res.json(await paletteItems(membershipOf(req).tenantId)))
