/** What the timetable runs for payments: every state that waits has its sweeper here. */
import { schedule } from '../../../shared/jobs/timetable.js'
import { Invoice } from '../invoices/invoice.js'
import { enqueueCollection } from './collect-invoice.js'
import { Payment } from './payment.js'
import { PaymentMethod } from './payment-method.js'
import { resumeWebhooks } from './process-webhook.js'
import { resolveDuePayments } from './resolve-payment.js'

/** An issued invoice nobody tried to collect for this long has lost its nudge. */
const LOST_NUDGE = 10 * 60_000

schedule({ name: 'payments.resolve-due', every: '1 minute', scope: 'tenant', run: resolveDuePayments })
schedule({ name: 'payments.resume-webhooks', every: '1 minute', scope: 'tenant', run: resumeWebhooks })
schedule({ name: 'payments.collect-forgotten', every: '10 minutes', scope: 'tenant', run: collectForgotten })

/** Open invoices without any attempt, of customers with a saved method. */
export async function collectForgotten(now: Date): Promise<void> {
  const forgotten = await Invoice.query().where({ status: 'open' }).where('issuedAt', '<', new Date(now.getTime() - LOST_NUDGE))
    .whereNotExists(Payment.query().whereColumn('payments.invoice_id', 'invoices.id')).whereExists(PaymentMethod.query().whereColumn('payment_methods.user_id', 'invoices.user_id').where('payment_methods.status', 'active'))
    .orderBy('id').limit(200).select('id')
  for (const { id } of forgotten) await enqueueCollection(id)
}
