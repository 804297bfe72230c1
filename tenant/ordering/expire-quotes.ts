import { refusalIn } from '../../shared/errors.js'
import { record } from '../../shared/events/record.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { Quote } from './quote.js'

/** Quotes nobody answered in time. One that is answered at this moment stays as it is. */
export async function expireQuotes(now: Date): Promise<void> {
  for (const quote of await Quote.query().where({ status: 'sent' }).where('validUntil', '<=', now).orderBy('id').limit(500)) {
    await refusalIn(() => tenantTransaction(async () => {
      await quote.become('expired')
      await record('quote.expired', quote, {}, { userId: quote.userId })
    }))
  }
}
