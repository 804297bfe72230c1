/** What the customer's pages of subscriptions show. */
import { formatMoney } from '../../../shared/views/format.js'
import type { Customer } from '../../customers/customer.js'
import { subscriptionRules } from './billing-rules.js'
import { cancelReasons } from './cancellation.js'
import { endIfCancelled, restWorth } from './cancel-subscription.js'
import { subscriptionRow, type SubscriptionRow } from './present-subscription.js'
import { Subscription } from './subscription.js'

export interface SubscriptionList {
  rows: Array<SubscriptionRow & { href: string }>
  chips: Array<{ href: string; label: string; count: number; current: boolean }>
  filtered: boolean
}

export async function listPage(customer: Customer, show: 'current' | 'ended', now: Date): Promise<SubscriptionList> {
  const all = await Subscription.query().where({ userId: customer.id }).orderBy('id', 'desc')
  const chosen = all.filter((s) => s.isOver === (show === 'ended'))
  const rows = []
  for (const s of chosen) rows.push({ ...await subscriptionRow(s, customer.locale, now), href: `/subscriptions/${s.publicId}` })
  const chip = (name: 'current' | 'ended', label: string, href: string) => ({ href, label, count: all.filter((s) => s.isOver === (name === 'ended')).length, current: show === name })
  return { rows, chips: [chip('current', 'Current', '/subscriptions'), chip('ended', 'Ended', '/subscriptions?show=ended')], filtered: show === 'ended' }
}

export interface CancelPage {
  href: string
  name: string
  timings: Array<{ value: string; label: string; text: string; disabled?: boolean }>
  reasons: Array<{ value: string; label: string }>
  addons: number
  input: Readonly<Record<string, unknown>>
  errors: Readonly<Record<string, string>>
}

export async function cancelPage(s: Subscription, customer: Customer, day: (at: Date) => string, now: Date, input: Readonly<Record<string, unknown>> = {}, errors: Readonly<Record<string, string>> = {}): Promise<CancelPage> {
  const family = await s.family()
  const { cancelRefund } = await subscriptionRules.read()
  const worth = cancelRefund === 'credit' ? (await restWorth(family, now)).reduce((sum, w) => sum + w.amountMinor, 0) : 0
  const end = await endIfCancelled(s, now)
  const later = end > now
  const tooEarly = s.refusalToCancelNow(now)
  const back = worth ? `You get ${formatMoney(worth, s.currency, customer.locale)} back as credit.` : 'Nothing is paid back for the rest of the period.'
  return {
    href: `/subscriptions/${s.publicId}`, name: (await subscriptionRow(s, customer.locale, now)).name, addons: family.length - 1, errors, input: { timing: later ? 'end' : 'now', ...input },
    timings: [
      ...(later ? [{ value: 'end', label: `On ${day(end)}`, text: 'It works until then. You can change your mind until that day.' }] : []),
      { value: 'now', label: 'Now', text: tooEarly ? tooEarly.message : `It stops at once, and what is stored in it will be deleted. ${back}`, ...(tooEarly ? { disabled: true } : {}) },
    ],
    reasons: Object.entries(cancelReasons).map(([value, label]) => ({ value, label })),
  }
}
