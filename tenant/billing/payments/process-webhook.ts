/**
 * What an event leads to. It only names an object: the truth is fetched from the gateway, compared with our row, and settled like every other answer.
 * What does not match is parked with an alert; the ledger is not touched.
 */
import { z } from 'zod'
import { alert } from '../../../shared/alerts/alert.js'
import { defineJob } from '../../../shared/jobs/job.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { record } from '../../../shared/events/record.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { clock } from '../../../shared/time/clock.js'
import { Customer } from '../../customers/customer.js'
import { findSetup, settleSetup } from './add-payment-method.js'
import { syncMethod } from './change-methods.js'
import { enqueueCollection } from './collect-invoice.js'
import { GatewayAccount } from './gateway-account.js'
import { Payment } from './payment.js'
import { PaymentMismatch, settlePayment } from './settle-payment.js'
import { WebhookEvent } from './webhook-event.js'

const processing = defineJob({
  name: 'payments.webhook', scope: 'tenant', payload: z.object({ id: z.number().int() }), attempts: 8, backoffSeconds: 10,
  handler: async ({ id }) => {
    const event = await WebhookEvent.query().findById(id)
    if (event) await processWebhook(event)
  },
})
export const enqueueWebhook = (id: number): Promise<void> => processing.enqueue({ id }, { key: `payments.webhook:${id}` })

/** Events whose job got lost. The timetable runs it. */
export async function resumeWebhooks(now: Date): Promise<void> {
  const waiting = await WebhookEvent.query().where({ status: 'received' }).where('receivedAt', '<', new Date(now.getTime() - 60_000)).orderBy('id').limit(200).select('id')
  for (const { id } of waiting) await enqueueWebhook(id)
}

type Verdict = { readonly status: 'processed' | 'ignored' } | { readonly status: 'parked'; readonly why: string }

/** Safe to repeat. Throws OutsideError when the gateway does not answer: the job comes again. */
async function processWebhook(event: WebhookEvent): Promise<void> {
  if (event.status !== 'received') return
  await WebhookEvent.query().increment('attempts', 1).where({ id: event.id })
  const account = await GatewayAccount.findOwned({ id: event.gatewayAccountId })
  const verdict = await judge(event, account).catch((error: unknown): Verdict => {
    if (error instanceof PaymentMismatch) return { status: 'parked', why: error.message }
    if ((error as { code?: unknown }).code === 'resource_missing') return { status: 'parked', why: 'The gateway does not know the object that this event is about.' }
    throw error
  })
  await tenantTransaction(async () => {
    await event.become(verdict.status, { processedAt: clock.now(), error: verdict.status === 'parked' ? verdict.why.slice(0, 500) : null })
    if (verdict.status !== 'parked') return
    await record('webhook.parked', event, { eventId: event.eventId, type: event.type, why: verdict.why })
    await alert({ level: 'error', title: 'A payment event does not match', message: `${verdict.why} Nothing was changed. Look at the payment at the gateway.`, fields: { event: event.eventId, type: event.type } })
  })
}

async function judge(event: WebhookEvent, account: GatewayAccount): Promise<Verdict> {
  const { id, ...rest } = objectOf(event)
  if (event.type.startsWith('payment_intent.')) return judgePayment(id, account)
  if (event.type === 'setup_intent.succeeded') return judgeSetup(id, rest.user)
  if (event.type.startsWith('payment_method.')) return { status: (await syncMethod(account, id)) ? 'processed' : 'ignored' }
  if (event.type.startsWith('charge.dispute.')) return { status: 'parked', why: 'A customer disputes a charge. Answer it at the gateway before its deadline.' }
  return { status: 'ignored' }
}

function objectOf(event: WebhookEvent): { id: string; user: string | null } {
  const body = JSON.parse(event.payload) as { data?: { object?: { id?: string; metadata?: Record<string, string> } } }
  return { id: String(body.data?.object?.id), user: body.data?.object?.metadata?.user ?? null }
}

async function judgePayment(id: string, account: GatewayAccount): Promise<Verdict> {
  const truth = await account.open().retrievePayment(id)
  const { tenant, attempt } = truth.metadata
  if (tenant === undefined && attempt === undefined) return { status: 'ignored' } // the reseller uses this account for something else, too
  if (tenant !== currentTenant().uuid) return { status: 'parked', why: 'This payment was made for another shop.' }
  const payment = await Payment.query().findOne({ publicId: attempt ?? '', gatewayAccountId: account.id })
  if (!payment) return { status: 'parked', why: `The gateway has a payment ${id} that we know nothing about.` }
  const settled = await settlePayment(payment, truth)
  if (payment.isOpen && settled.status === 'failed' && settled.offSession && settled.invoiceId !== null) await enqueueCollection(settled.invoiceId)
  return { status: 'processed' }
}

async function judgeSetup(id: string, userPublicId: string | null): Promise<Verdict> {
  const customer = userPublicId === null ? undefined : await Customer.query().findOne({ publicId: userPublicId })
  if (!customer) return { status: 'ignored' }
  await settleSetup(await findSetup(customer, id), customer)
  return { status: 'processed' }
}
