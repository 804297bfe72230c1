/** The invoice on paper: the same facts as the page, in the shop's own brand and zone. Made when somebody asks for it; the invoice does not depend on it. */
import { OutsideError } from '../../../shared/errors.js'
import { registerAttachment } from '../../../shared/mail/attachments.js'
import { renderPdf } from '../../../shared/pdf/render-pdf.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { tenantKey } from '../../../shared/tenancy/tenant.js'
import { clock } from '../../../shared/time/clock.js'
import { renderView } from '../../../shared/views/engine.js'
import { Invoice } from './invoice.js'
import { invoicePage } from './pages.js'

/** Where people write on Letter. */
const letterRegions = new Set(['US', 'CA', 'MX', 'PH', 'CL', 'CO'])
export const paperOf = (locale: string): 'A4' | 'Letter' => (letterRegions.has(new Intl.Locale(locale).region ?? '') ? 'Letter' : 'A4')

/** The document as HTML: no address of any network in it. */
export async function invoiceHtml(invoice: Invoice): Promise<string> {
  const { brand, locale, timeZone } = currentTenant()
  const now = clock.now()
  return renderView('tenant/invoices/document', {
    ...await invoicePage(invoice, now), layout: 'print', title: `Invoice ${invoice.number ?? ''}`, paper: paperOf(locale), locale, timeZone, now,
    brand: { name: brand.companyName, primaryColor: brand.primaryColor },
  })
}

/** Throws OutsideError (retryable) when the browser could not make it. */
export async function invoicePdf(invoice: Invoice): Promise<{ filename: string; content: Buffer }> {
  const content = await renderPdf(await invoiceHtml(invoice), { format: paperOf(currentTenant().locale) })
  return { filename: fileName(invoice, 'pdf'), content }
}

/** Tries before a letter goes out with the page itself: an invoice must reach its customer although no browser can print it. */
const mostTries = 3
const failures = new Map<string, number>()

registerAttachment('invoice-pdf', async (id) => {
  const invoice = await Invoice.findOwned({ id: Number(id) })
  const key = `${tenantKey(currentTenant())}:${invoice.id}`
  try {
    const pdf = await invoicePdf(invoice)
    failures.delete(key)
    return { ...pdf, contentType: 'application/pdf' }
  } catch (error) {
    failures.set(key, (failures.get(key) ?? 0) + 1)
    if (!(error instanceof OutsideError) || failures.get(key)! <= mostTries) throw error
    failures.delete(key)
    return { filename: fileName(invoice, 'html'), contentType: 'text/html', content: Buffer.from(await invoiceHtml(invoice)) }
  }
})

const fileName = (invoice: Invoice, ending: 'pdf' | 'html'): string => `${(invoice.number ?? invoice.publicId).replace(/[^A-Za-z0-9._-]+/g, '-')}.${ending}`
