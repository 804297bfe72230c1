/** The letters of dunning. Their words are the reseller's; the button leads to a page that takes the payment without signing in. */
import type { Knex } from 'knex'
import { send } from '../../../shared/mail/compose.js'
import { registerLetter } from '../../../shared/mail/letter.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { formatDate, formatMoney } from '../../../shared/views/format.js'
import { Customer } from '../../customers/customer.js'
import type { Invoice } from '../invoices/invoice.js'
import { issuePayLink } from '../payments/pay-link.js'
import type { BilledService } from './billed-services.js'
import { exampleValues, wordsFor } from './notice-words.js'
import { defaultLetters, dunningLetters, type LetterName, type Variable } from './words.js'

const amount = { minor: 4735, currency: 'USD' }
registerLetter({
  name: 'dunning-notice', subject: (data) => String(data.subject), view: 'tenant/mail/dunning-notice', secret: true,
  preview: () => ({ ...wordsFor(defaultLetters.warning, exampleValues), number: 'INV-2026-00042', amount, payHref: 'https://shop.example/pay/…' }),
})

export interface NoticeFacts {
  readonly invoice: Invoice
  readonly dueAt: Date
  readonly services: readonly BilledService[]
  readonly suspendAt: Date | null
  readonly terminateAt: Date | null
  readonly now: Date
}

async function valuesOf(customer: Customer, { invoice, dueAt, services, suspendAt, terminateAt, now }: NoticeFacts): Promise<Record<Variable, string>> {
  const { timeZone, brand } = currentTenant()
  const day = (date: Date | null): string => (date ? formatDate(date, timeZone, customer.locale, 'date') : 'a later day')
  return {
    name: customer.name, number: invoice.label, amount: formatMoney(invoice.balance.minor, invoice.currency, customer.locale), due_date: day(dueAt),
    days_overdue: String(Math.max(0, Math.floor((now.getTime() - dueAt.getTime()) / 86_400_000))), services: services.map((s) => s.name).join(', ') || 'your services', suspend_date: day(suspendAt), terminate_date: day(terminateAt),
    shop_name: brand.companyName,
  }
}

/** In the transaction of the step. `key`: of the step, so that it is written once. */
export async function sendNotice(trx: Knex.Transaction, letter: LetterName, key: string, facts: NoticeFacts): Promise<void> {
  const { invoice } = facts
  const customer = await Customer.findOwned({ id: invoice.userId })
  await send({
    name: 'dunning-notice', to: { email: customer.email, name: customer.name, userId: customer.id }, key: `dunning:${key}`,
    data: {
      ...wordsFor((await dunningLetters.read())[letter], await valuesOf(customer, facts)), number: invoice.label, amount: { minor: invoice.balance.minor, currency: invoice.currency },
      payHref: await issuePayLink(trx, invoice, facts.now),
    },
  })
}
