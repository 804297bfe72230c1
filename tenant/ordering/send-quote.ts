import { refuse } from '../../shared/errors.js'
import { record } from '../../shared/events/record.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { hashToken, newToken } from '../../shared/security/token.js'
import { clock } from '../../shared/time/clock.js'
import { drawNumber } from '../billing/invoices/number-series/number-series.js'
import { mailQuote } from './mailer.js'
import { Quote, QuoteLine } from './quote.js'

/** Gives it its number and mails it. Sending again makes a new link; the old one stops working. Throws Refusal without lines or once it was answered. */
export async function sendQuote(quote: Quote, now = clock.now()): Promise<void> {
  await tenantTransaction(async (trx) => {
    const current = await Quote.query().findById(quote.id).forUpdate().throwIfNotFound()
    refuse(current.refusalToSend((await QuoteLine.ofQuote(current)).length, now))
    const token = newToken()
    const change = { tokenHash: hashToken(token), sentAt: now, number: current.number ?? await drawNumber(trx, 'quote') }
    if (current.status === 'draft') await current.become('sent', change)
    else await current.$query().patch(change)
    current.$set(change)
    await mailQuote(current, token, now)
    await record('quote.sent', current, { number: current.number }, { userId: current.userId })
  })
}
