/** Disputes, as the shop's own people hear of them: when one opens, and when its deadline is near. Each is said once. */
import type { RecordedEvent } from '../../../shared/events/event.js'
import { send } from '../../../shared/mail/compose.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { formatDate, formatMoney } from '../../../shared/views/format.js'
import { Dispute } from '../../billing/payments/disputes/dispute.js'
import { reasonWords } from '../../billing/payments/disputes/dispute-reasons.js'
import { Customer } from '../../customers/customer.js'
import { AlertChannel } from './alert-channel.js'
import type { News } from './alert.js'
import { raiseAlert } from './raise-alert.js'

const titles: Readonly<Record<string, string>> = {
  'dispute.opened': 'A customer disputes a payment', 'dispute.inquired': 'A customer asks the bank about a payment', 'dispute.due-soon': 'A dispute must be answered soon',
}
export const disputeEvents = Object.keys(titles)
/** Longer than any dispute lasts. */
const ONCE_MS = 20 * 365 * 86_400_000

/** Repeatable. Money with a deadline is always told: where nobody has chosen to hear of disputes, the support address gets a letter. */
export async function alertOfDispute(event: RecordedEvent): Promise<void> {
  const dispute = await Dispute.findOwned<Dispute>({ id: event.subjectId })
  if (!dispute.isOpen) return
  const news = await newsOf(event, dispute)
  if ((await AlertChannel.current())?.wants('dispute')) return void (await raiseAlert(news, event.occurredAt, ONCE_MS))
  const facts = Object.entries(news.fields ?? {}).map(([label, value]) => ({ label, value: String(value) }))
  await send({ name: 'shop-alert', to: { email: currentTenant().brand.supportEmail, name: '' }, key: `shop-alert:${news.subject}`, data: { title: news.title, message: news.message, facts, at: event.occurredAt } })
}

/** One word for each round: an answer that is asked for again has another deadline. */
async function newsOf({ type }: RecordedEvent, dispute: Dispute): Promise<News> {
  const { timeZone, locale } = currentTenant()
  const customer = await Customer.findOwned<Customer>({ id: dispute.userId })
  const due = dispute.respondBy ? ` Answer it before ${formatDate(dispute.respondBy, timeZone, locale, 'full')}.` : ''
  return {
    kind: 'dispute', subject: `dispute:${dispute.id}:${type}${type === 'dispute.due-soon' ? `:${dispute.respondBy?.getTime() ?? 0}` : ''}`, level: 'warning', title: titles[type]!, href: `/gateways/disputes/${dispute.publicId}`,
    message: `${formatMoney(dispute.amountMinor, dispute.currency, locale)}: ${reasonWords(dispute.reason).title}.${due}`, fields: { customer: customer.email, reason: dispute.reasonText },
  }
}
