/** The console's wholesale pages. */
import { Router } from 'express'
import { page, redirect } from '../../shared/http/page.js'
import { invoiceDetail, invoiceList } from './present-invoice.js'
import { payWholesaleInvoice } from './pay-wholesale-invoice.js'
import { WholesaleInvoice } from './wholesale-invoice.js'

export const wholesaleRoutes = Router()
wholesaleRoutes.get('/wholesale', async (req, res) => page(req, res, 'central/wholesale/list', { invoices: await invoiceList(), staff: true, base: '/wholesale' }, { title: 'Wholesale invoices' }))
wholesaleRoutes.get('/wholesale/:publicId', async (req, res) => {
  const invoice = await WholesaleInvoice.findOwned({ publicId: String(req.params['publicId']) })
  page(req, res, 'central/wholesale/show', { ...(await invoiceDetail(invoice)), staff: true, crumbs: [{ href: '/wholesale', label: 'Wholesale' }, { label: invoice.number }] }, { title: `Wholesale invoice ${invoice.number}` })
})
wholesaleRoutes.post('/wholesale/:publicId/payment', async (req, res) => {
  const invoice = await WholesaleInvoice.findOwned({ publicId: String(req.params['publicId']) })
  await payWholesaleInvoice(invoice)
  redirect(req, res, `/wholesale/${invoice.publicId}`, { flash: `Invoice ${invoice.number} is marked as paid.` })
})
