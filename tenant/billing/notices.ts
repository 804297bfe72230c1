/** What customers read in the app about their bills. Letters stand with their features. Read by tenant/reactions.ts. */
import type { RecordedEvent } from '../../shared/events/event.js'
import { on } from '../../shared/events/reactions.js'
import { formatDate, formatMoney } from '../../shared/views/format.js'
import { Customer } from '../customers/customer.js'
import type { NoticeType } from '../notifications/kinds.js'
import { notify } from '../notifications/notify.js'
import { Invoice } from './invoices/invoice.js'
import { Subscription } from './subscriptions/subscription.js'

interface Said { title: string; body?: string; href: string }
type Words = (event: RecordedEvent, customer: Customer) => Promise<Said | null>

const invoiceIssued: Words = async (event, { locale, timeZone }) => {
  const invoice = await Invoice.query().findById(event.subjectId!)
  if (!invoice) return null
  const due = invoice.dueAt && invoice.balance.isPositive() ? `Due on ${formatDate(invoice.dueAt, timeZone, locale)}.` : 'Nothing is left to pay.'
  return { title: `Invoice ${invoice.label} over ${formatMoney(invoice.total.minor, invoice.currency, locale)}`, body: due, href: `/invoices/${invoice.publicId}` }
}

const payment = (title: (amount: string) => string): Words => async ({ data }, { locale }) => {
  const [minor, currency] = [data['amountMinor'], data['currency']]
  return typeof minor === 'number' && typeof currency === 'string' ? { title: title(formatMoney(minor, currency, locale)), href: '/invoices' } : null
}

const subscription = (title: (name: string) => string): Words => async (event) => {
  const found = await Subscription.query().findById(event.subjectId!)
  return found ? { title: title('subscription'), href: `/subscriptions/${found.publicId}` } : null
}

const tellings: ReadonlyArray<readonly [event: string, type: NoticeType, words: Words]> = [
  ['invoice.issued', 'invoice', invoiceIssued],
  ['payment.succeeded', 'payment', payment((amount) => `Payment received: ${amount}`)],
  ['payment.refunded', 'payment', payment((amount) => `${amount} goes back to you`)],
  ['payment.reversed', 'payment', payment((amount) => `A payment of ${amount} was taken back by the bank`)],
  ['subscription.cancel-scheduled', 'subscription', subscription((name) => `Your ${name} is canceled`)],
  ['subscription.ended', 'subscription', subscription((name) => `A ${name} of yours has ended`)],
  ['user.password-changed', 'account', async () => ({ title: 'Your password was changed', body: 'If this was not you, sign out everywhere else and write to us.', href: '/account/sessions' })],
]

export function registerBillingNotices(): void {
  for (const [type, kind, words] of tellings) {
    on(type, 'notify the customer', async (event) => {
      const customer = event.userId === null ? undefined : await Customer.query().findById(event.userId)
      const said = customer && (await words(event, customer))
      if (customer && said) await notify({ userId: customer.id, type: kind, key: `${type}:${event.id}`, ...said })
    })
  }
}
