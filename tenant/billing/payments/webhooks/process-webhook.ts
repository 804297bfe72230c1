/**
 * What an event leads to. It only names an object: the truth is fetched from the gateway, compared with our row, and settled like every other answer.
 * What does not match is parked with an alert; the ledger is not touched. What cannot be worked on is tried again with growing waits, then it is dead: a person
 * looks, and may replay it.
 */
import { z } from 'zod'
import { alert } from '../../../../shared/alerts/alert.js'
import { OutsideError, refuse } from '../../../../shared/errors.js'
import { log } from '../../../../shared/log.js'
import { defineJob } from '../../../../shared/jobs/job.js'
import { tenantTransaction } from '../../../../shared/database/transaction.js'
import { record } from '../../../../shared/events/record.js'
import { clock } from '../../../../shared/time/clock.js'
import { GatewayAccount } from '../gateways/gateway-account.js'
import { judge, type Verdict } from './judge-webhook.js'
import { WebhookEvent } from './webhook-event.js'

const processing = defineJob({
  name: 'payments.webhook', scope: 'tenant', payload: z.object({ id: z.number().int() }), attempts: 8, backoffSeconds: 10,
  handler: async ({ id }) => {
    const event = await WebhookEvent.query().findById(id)
    if (event) await processWebhook(event)
  },
})
export const enqueueWebhook = (id: number): Promise<void> => processing.enqueue({ id }, { key: `payments.webhook:${id}` })
/** A key of its own: the job that asks for this one still stands in the store. */
const enqueueNextTry = (id: number, attempts: number, at: Date): Promise<void> => processing.enqueue({ id }, { key: `payments.webhook:${id}:${attempts}`, at })

/** Events whose job got lost. The timetable runs it. */
export async function resumeWebhooks(now: Date): Promise<void> {
  const due = await WebhookEvent.query().where({ status: 'received' }).where('receivedAt', '<', new Date(now.getTime() - 60_000))
    .where((q) => void q.whereNull('next_try_at').orWhere('next_try_at', '<=', now)).orderBy('id').limit(200).select('id')
  for (const { id } of due) await enqueueWebhook(id)
}

/** Safe to repeat, by several at once. Never throws for what the gateway does: the row says what became of it. */
async function processWebhook(event: WebhookEvent, now = clock.now()): Promise<void> {
  if (event.status !== 'received') return
  await WebhookEvent.query().increment('attempts', 1).where({ id: event.id })
  const attempts = event.attempts + 1
  let verdict: Verdict
  try {
    verdict = await judge(event, await GatewayAccount.findOwned({ id: event.gatewayAccountId }))
  } catch (error) {
    return failed(event, error, attempts, now)
  }
  await tenantTransaction(async () => {
    // Another worker may have been faster; both asked the gateway, and settling is done once.
    const fresh = await WebhookEvent.query().findById(event.id).forUpdate()
    if (fresh?.status !== 'received') return
    await fresh.become(verdict.status, { processedAt: now, nextTryAt: null, error: verdict.status === 'parked' ? verdict.why.slice(0, 500) : null })
    if (verdict.status !== 'parked') return
    await record('webhook.parked', fresh, { eventId: fresh.eventId, type: fresh.type, why: verdict.why })
    await alert({ level: 'error', title: 'A payment event does not match', message: `${verdict.why} Nothing was changed. Look at the payment at the gateway.`, fields: { event: fresh.eventId, type: fresh.type } })
  })
}

async function failed(event: WebhookEvent, error: unknown, attempts: number, now: Date): Promise<void> {
  if (!(error instanceof OutsideError)) log().error({ err: error, event: event.eventId, type: event.type }, 'A payment event could not be worked on')
  const why = (error instanceof Error ? error.message : String(error)).slice(0, 500)
  const nextTryAt = event.nextTry(attempts, now)
  if (nextTryAt) {
    await WebhookEvent.query().patch({ error: why, nextTryAt }).where({ id: event.id, status: 'received' })
    return enqueueNextTry(event.id, attempts, nextTryAt)
  }
  await tenantTransaction(async () => {
    const fresh = await WebhookEvent.query().findById(event.id).forUpdate()
    if (fresh?.status !== 'received') return
    await fresh.become('dead', { error: why, nextTryAt: null })
    await record('webhook.dead', fresh, { eventId: fresh.eventId, type: fresh.type, attempts, why })
    await alert({ level: 'error', title: 'A payment event could not be worked on', message: `We tried ${attempts} times: ${why} Replay it when the cause is mended.`, fields: { event: fresh.eventId, type: fresh.type } })
  })
}

/** Works on an event again from the beginning, as if it had just arrived. Harmless: what was settled stays settled. Throws Refusal. */
export async function replayWebhook(given: WebhookEvent): Promise<void> {
  await tenantTransaction(async () => {
    const event = await WebhookEvent.query().findById(given.id).forUpdate().throwIfNotFound()
    refuse(event.refusalToReplay())
    const before = event.status
    await event.become('received', { attempts: 0, error: null, nextTryAt: null, processedAt: null })
    await record('webhook.replayed', event, { eventId: event.eventId, type: event.type, before })
    await enqueueWebhook(event.id)
  })
}
