/** Letters about taxes: a VAT number that VIES does not know, and what became of a request for exemption. */
import { originOf } from '../../../shared/config.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import type { RecordedEvent } from '../../../shared/events/event.js'
import { send } from '../../../shared/mail/compose.js'
import { registerLetter } from '../../../shared/mail/letter.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { Customer } from '../../customers/customer.js'
import { TaxExemption } from './exemption.js'

const words = (number: string, href: string) => ({
  heading: 'We could not confirm your VAT number',
  paragraphs: [
    `The European register VIES does not know the number ${number}. Your next invoices carry the normal tax of your country.`,
    'Is the number right and new? Then it may take some days until it is listed: we ask again by ourselves. If it is wrong, please correct it.',
  ],
  button: { href, label: 'Look at your VAT number' },
})
registerLetter({ name: 'tax-number-refused', subject: 'We could not confirm your VAT number', view: 'tenant/mail/notice', preview: () => words('DE136695976', 'https://shop.example/account/tax') })

const decided = (approved: boolean, reason: string, href: string) => ({
  heading: approved ? 'Your exemption from tax is approved' : 'Your request for exemption was declined',
  paragraphs: approved ? [`Your next invoices bear no tax and say why: ${reason}.`] : ['Your invoices carry the normal tax. Answer this letter if you have other evidence, or ask again.'],
  button: { href, label: 'Look at your tax page' },
})
registerLetter({
  name: 'tax-exemption-decided', subject: (data) => String(data.heading), view: 'tenant/mail/notice',
  preview: () => decided(true, 'Exempt: registered charity', 'https://shop.example/account/tax'),
})

/** Reaction to `tax-exemption.approved` and `.declined`: safe to repeat. */
export async function mailDecision(event: RecordedEvent): Promise<void> {
  const customer = await Customer.findOwned<Customer>({ id: event.userId })
  const exemption = await TaxExemption.findOwned<TaxExemption>({ id: event.subjectId })
  const data = decided(event.type === 'tax-exemption.approved', exemption.reason, `${originOf(currentTenant().primaryHost)}/account/tax`)
  await send({ name: 'tax-exemption-decided', to: { email: customer.email, name: customer.name, userId: customer.id }, key: `tax-exemption-decided:${event.id}`, data })
}

/** Reaction to `tax-number.refused`: safe to repeat. */
export async function mailRefusedNumber(event: RecordedEvent): Promise<void> {
  const customer = await Customer.findOwned({ id: event.userId })
  const number = String(event.data['number'])
  const still = await tenantDb()('tax_numbers').where({ user_id: customer.id, number, status: 'invalid' }).first('id')
  if (!still) return
  const to = { email: customer.email, name: customer.name, userId: customer.id }
  await send({ name: 'tax-number-refused', to, key: `tax-number-refused:${event.id}`, data: words(number, `${originOf(currentTenant().primaryHost)}/account/tax`) })
}
