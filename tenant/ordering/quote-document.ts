/** The quote on paper: the same facts as its page, in the shop's brand, on the paper of the shop's country. */
import { documentHtml, documentPdf, type Paper } from '../billing/invoices/documents/print-document.js'
import { billedCustomer, sellerToday } from '../billing/invoices/parties.js'
import { clock } from '../../shared/time/clock.js'
import { quotePage } from './quote-pages.js'
import type { Quote } from './quote.js'

/** The document as HTML: no address of any network in it. */
export async function quoteHtml(quote: Quote, paper?: Paper): Promise<string> {
  const [shown, { buyer }] = [await quotePage(quote, null, clock.now()), await billedCustomer(quote.userId)]
  return documentHtml('ordering/quote-document', { ...shown, isDraft: quote.status === 'draft', seller: sellerToday(), buyer }, `Quote ${quote.label}`, paper)
}

/** Throws OutsideError (retryable) when the browser could not make it. */
export async function quotePdf(quote: Quote, paper?: Paper): Promise<{ filename: string; content: Buffer }> {
  return documentPdf(await quoteHtml(quote, paper), quote.number ?? `quote-${quote.publicId}`, paper)
}
