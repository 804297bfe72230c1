/** The desk where webhooks arrive: which account, is it stored already. Everything else happens in process-webhook.ts, by a job. */
import { isDuplicate } from '../../../../shared/database/database-busy.js'
import { tenantDb } from '../../../../shared/database/tenant-database.js'
import type { GatewayName } from '../../../../shared/money/currency.js'
import type { GatewayEvent } from '../../../../shared/payments/gateway-events.js'
import type { WebhookDesk } from '../../../../shared/payments/inbound-webhook.js'
import { clock } from '../../../../shared/time/clock.js'
import { GatewayAccount } from '../gateways/gateway-account.js'
import { enqueueWebhook } from './process-webhook.js'

/** How exact "last event" is on the gateway's page, in milliseconds. */
const SEEN_EVERY = 10_000

/** The desk of one gateway: an address of the other one does not exist here. A disconnected account is still heard: disputes and refunds come for months. */
export const webhookDesk = (gateway: GatewayName): WebhookDesk => ({
  async open(accountPublicId) {
    const account = await GatewayAccount.query().findOne({ publicId: accountPublicId, gateway })
    return account ? { verify: (body, header) => account.open().verifyWebhook(body, header), store: (event, raw) => storeEvent(account, event, raw) } : null
  },
})

/** No transaction: the row is the truth, and the sweeper finds it should the nudge get lost. */
async function storeEvent(account: GatewayAccount, event: GatewayEvent, payload: string): Promise<boolean> {
  const now = clock.now()
  const where = { gateway_account_id: account.id, event_id: event.id }
  const fresh = await insertOnce({ ...where, type: event.type.slice(0, 80), payload, status: 'received', received_at: now })
  const stored = await tenantDb()('webhook_events').where(where).first<{ id: number; status: string }>('id', 'status')
  if (stored.status === 'received') await enqueueWebhook(stored.id)
  if (!account.lastEventAt || now.getTime() - account.lastEventAt.getTime() > SEEN_EVERY) await GatewayAccount.query().patch({ lastEventAt: now }).where({ id: account.id })
  return fresh
}

async function insertOnce(row: Record<string, unknown>): Promise<boolean> {
  try {
    await tenantDb()('webhook_events').insert(row)
    return true
  } catch (error) {
    if (isDuplicate(error)) return false
    throw error
  }
}
