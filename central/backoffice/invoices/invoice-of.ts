/** Whom a route of the desk is about. */
import type { Request } from 'express'
import { Invoice } from '../../../tenant/billing/invoices/invoice.js'

/** The invoice of the address; NotFound for anything else. Inside the tenant. */
export const invoiceOf = (req: Request): Promise<Invoice> => Invoice.findOwned({ publicId: String(req.params['publicId']) })
