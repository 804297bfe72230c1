/** Sends an issued invoice once more, because somebody asked for it. */
import { Refusal } from '../../../shared/errors.js'
import { Customer } from '../../customers/customer.js'
import type { Invoice } from './invoice.js'
import { mailInvoice } from './mailer.js'

/** `key`: one letter a form. Answers the address. Throws Refusal for drafts and what is void. */
export async function sendInvoiceAgain(invoice: Invoice, key: string): Promise<string> {
  if (invoice.issuedAt === null || invoice.status === 'void') throw new Refusal('invoice.not-issued', 'Only an issued invoice that is not void can be sent.')
  await mailInvoice(invoice.id, key)
  return (await Customer.findOwned<Customer>({ id: invoice.userId })).email
}
