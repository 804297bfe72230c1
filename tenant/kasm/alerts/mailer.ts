/** The letter to the shop's own people. */
import { send } from '../../../shared/mail/compose.js'
import { registerLetter } from '../../../shared/mail/letter.js'
import type { ShopAlert } from './alert.js'

registerLetter({
  name: 'shop-alert', subject: (data) => `[Alert] ${String(data['title'])}`, view: 'tenant/mail/shop-alert',
  preview: () => ({ title: 'A workspace could not be set up', message: 'All servers were busy for 19 minutes.', facts: [{ label: 'customer', value: 'ada@example.com' }, { label: 'workspace', value: 'api-box' }], at: new Date('2026-11-10T09:00:00Z') }),
})

/** Once for each time that it was raised. */
export async function mailAlert(alert: ShopAlert, email: string): Promise<void> {
  await send({
    name: 'shop-alert', to: { email, name: '' }, key: `shop-alert:${alert.id}:${alert.raisedAt.getTime()}`,
    data: { title: alert.title, message: alert.message, facts: Object.entries(alert.fields).map(([label, value]) => ({ label, value: String(value) })), at: alert.raisedAt },
  })
}
