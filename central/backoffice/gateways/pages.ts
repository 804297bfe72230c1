/** What the desk shows of the shop's gateways. */
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { clock } from '../../../shared/time/clock.js'
import { GatewayAccount } from '../../../tenant/billing/payments/gateways/gateway-account.js'

/** When money last came in by this account. */
async function lastPaidAt(account: GatewayAccount): Promise<Date | null> {
  const row = await tenantDb()('payments').where({ gateway_account_id: account.id, status: 'succeeded' }).max({ at: 'settled_at' }).first<{ at: Date | null } | undefined>()
  return row?.at ?? null
}

const eventWords = {
  missing: { tone: 'warn', label: 'No events', text: 'The gateway does not send its events to us. Payments are still followed, by asking every few minutes; disputes are not. Make the webhook anew.' },
  waiting: { tone: 'wait', label: 'Waiting for the first event', text: null },
  good: { tone: 'good', label: 'Events arrive', text: null },
  silent: { tone: 'bad', label: 'Silent', text: 'Money came in, but no event after it. The gateway may not reach this address: look at its webhook page, then make the webhook anew.' },
} as const

async function accountCard(account: GatewayAccount, now: Date): Promise<object> {
  const count = async (status: string): Promise<number> => Number(((await tenantDb()('webhook_events').where({ gateway_account_id: account.id, status }).count({ n: '*' }).first()) as { n: number }).n)
  return {
    publicId: account.publicId, label: account.label, live: account.mode === 'live', active: account.status === 'active', key: account.publishableKey ?? '—', keyLabel: account.gateway === 'paypal' ? 'Client id' : 'Publishable key',
    webhookUrl: account.webhookUrl, lastEventAt: account.lastEventAt, checkedAt: account.checkedAt, problem: account.checkError, disconnectedAt: account.disconnectedAt, connectedAt: account.createdAt,
    events: eventWords[account.webhookState(await lastPaidAt(account), now)], toLookAt: (await count('parked')) + (await count('dead')),
  }
}

/** Accounts, the active ones first, and which may still be connected. */
export async function accountsView(): Promise<object> {
  const now = clock.now()
  const accounts = await GatewayAccount.query().orderByRaw("status = 'active' desc").orderBy('id')
  const active = accounts.filter((a) => a.status === 'active').map((a) => a.gateway)
  const [cards, former] = [accounts.filter((a) => a.status === 'active'), accounts.filter((a) => a.status !== 'active')]
  return {
    accounts: await Promise.all(cards.map((a) => accountCard(a, now))), former: former.map((a) => ({ label: a.label, mode: a.mode, disconnectedAt: a.disconnectedAt })),
    offerStripe: !active.includes('stripe'), offerPaypal: !active.includes('paypal'),
  }
}
