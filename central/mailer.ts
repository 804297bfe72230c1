/** Letters that the platform itself sends: to resellers, never to their customers. */
import { registerLetter } from '../shared/mail/letter.js'

const shop = { owner: 'Robin Park', reseller: 'Acme Hosting' }

export function registerCentralLetters(): void {
  registerLetter({
    name: 'reseller-welcome', subject: (data) => `${String(data['reseller'])} is ready`, view: 'central/mail/reseller-welcome', secret: true,
    preview: () => ({ ...shop, shop: 'https://shop.example.com', area: 'https://platform.example.com/reseller', link: 'https://platform.example.com/reseller/set-password/example', first: true }),
  })
  registerLetter({
    name: 'member-reset', subject: 'Choose a new password', view: 'central/mail/member-reset', secret: true, preview: () => ({ name: shop.owner, link: 'https://platform.example.com/reseller/password/reset/example' }),
  })
  registerLetter({
    name: 'wholesale-invoice', subject: (data) => `Invoice ${String(data['number'])}`, view: 'central/mail/wholesale-invoice',
    preview: () => ({ ...shop, number: 'WS-2026-00042', total: { minor: 12_345, currency: 'USD' }, dueAt: new Date('2026-12-08'), periodStart: new Date('2026-11-01'), periodEnd: new Date('2026-12-01'), url: 'https://platform.example.com/reseller/bills/example' }),
  })
}
