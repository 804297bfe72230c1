/** The desk where webhooks arrive: which account, is it stored already. Everything else happens in process-webhook.ts, by a job. */
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import type { GatewayEvent } from '../../../shared/payments/gateway.js'
import type { WebhookDesk } from '../../../shared/payments/inbound-webhook.js'
import { clock } from '../../../shared/time/clock.js'
import { GatewayAccount } from './gateway-account.js'
import { enqueueWebhook } from './process-webhook.js'

export const webhookDesk: WebhookDesk = {
  async open(accountPublicId) {
    const account = await GatewayAccount.query().findOne({ publicId: accountPublicId, status: 'active' })
    return account ? { verify: (body, signature) => account.open().verifyWebhook(body, signature), store: (event, raw) => storeEvent(account, event, raw) } : null
  },
}

async function storeEvent(account: GatewayAccount, event: GatewayEvent, payload: string): Promise<boolean> {
  const now = clock.now()
  return tenantTransaction(async () => {
    const row = { gateway_account_id: account.id, event_id: event.id, type: event.type.slice(0, 80), payload, status: 'received', received_at: now }
    await tenantDb()('webhook_events').insert(row).onConflict(['gateway_account_id', 'event_id']).ignore()
    const stored = await tenantDb()('webhook_events').where({ gateway_account_id: account.id, event_id: event.id }).first<{ id: number; status: string; received_at: Date }>('id', 'status', 'received_at')
    await GatewayAccount.query().patch({ lastEventAt: now }).where({ id: account.id })
    if (stored.status === 'received') await enqueueWebhook(stored.id)
    return stored.status === 'received' && stored.received_at.getTime() === now.getTime()
  })
}
