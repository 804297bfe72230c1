/** The letters about subscriptions: before a trial ends, before a price moves, when one is going to end and when it has. */
import { originOf } from '../../../shared/config.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { send } from '../../../shared/mail/compose.js'
import { registerLetter } from '../../../shared/mail/letter.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { formatDate, formatMoney } from '../../../shared/views/format.js'
import { cycleUnits } from '../../catalog/cycle.js'
import { Customer } from '../../customers/customer.js'
import { Cancellation } from './cancellation.js'
import { calledBy, namesOf } from './line-names.js'
import { Subscription } from './subscription.js'
import type { Change } from './subscription-change.js'

interface Notice {
  readonly heading: string
  readonly paragraphs: readonly string[]
  readonly label: string
}
const view = 'tenant/mail/notice'
const example = (heading: string, ...paragraphs: string[]) => () => ({ heading, paragraphs: ['Hello Ada,', ...paragraphs], button: { href: 'https://shop.example/subscriptions/…', label: 'See the subscription' } })
const subject = (data: Record<string, unknown>): string => String(data['heading'])
registerLetter({ name: 'trial-ending', subject, view, preview: example('Your trial ends on December 8, 2026', 'VPS S "web-1" goes on at $9.00 a month from then on. If you do not want that, cancel before that day and nothing is charged.') })
registerLetter({ name: 'price-move', subject, view, preview: example('A new price from January 10, 2027', 'VPS S "web-1" costs $9.00 a month until then, and $11.00 a month from that day on.') })
registerLetter({ name: 'subscription-cancelled', subject, view, preview: example('Your subscription ends on December 10, 2026', 'VPS S "web-1" works until then. You can keep it at any time before that day.') })
registerLetter({ name: 'subscription-ended', subject, view, preview: example('Your subscription has ended', 'VPS S "web-1" has ended. Nothing more is charged for it.') })

async function write(name: string, key: string, subscription: Subscription, notice: (facts: { what: string; day: (at: Date) => string; price: (minor: number) => string }) => Notice): Promise<void> {
  const customer = await Customer.findOwned<Customer>({ id: subscription.userId })
  const what = calledBy(await namesOf(subscription, subscription.planId))
  const day = (at: Date): string => formatDate(at, subscription.timeZone, customer.locale, 'long')
  const price = (minor: number): string => `${formatMoney(minor, subscription.currency, customer.locale)} ${cycleUnits[subscription.billingCycle]}`
  const { heading, paragraphs, label } = notice({ what, day, price })
  const href = `${originOf(currentTenant().primaryHost)}/subscriptions/${subscription.publicId}`
  await send({ name, key, to: { email: customer.email, name: customer.name, userId: customer.id }, data: { heading, paragraphs: [`Hello ${customer.name},`, ...paragraphs], button: { href, label } } })
}

export async function mailTrialEnding(subscription: Subscription): Promise<void> {
  const hasMethod = Boolean(await tenantDb()('payment_methods').where({ user_id: subscription.userId, status: 'active' }).first('id'))
  await write('trial-ending', `trial-ending:${subscription.id}`, subscription, ({ what, day, price }) => ({
    heading: `Your trial ends on ${day(subscription.trialEnd!)}`, label: 'See the subscription',
    paragraphs: [`${what} goes on at ${price(subscription.amountMinor)} from then on, plus tax where it applies. If you do not want that, cancel before that day and nothing is charged.`,
      hasMethod ? 'We charge your saved payment method.' : 'You have no saved payment method: we send you an invoice that you can pay online.'],
  }))
}

export async function mailPriceMove(subscription: Subscription, change: Change): Promise<void> {
  await write('price-move', change.businessKey!, subscription, ({ what, day, price }) => ({
    heading: `A new price from ${day(change.effectiveAt)}`, label: 'See the subscription',
    paragraphs: [`${what} costs ${price(subscription.amountMinor)} until then, and ${price(change.scheduled.terms.amountMinor)} from that day on. What you have already paid for stays as it is.`,
      'If you do not want to go on at that price, you can change or cancel it before that day.'],
  }))
}

/** Reaction: one letter for each time it happened; not when it was taken back in the meantime. */
export async function mailCancelled(subscriptionId: number, eventId: number): Promise<void> {
  const subscription = await Subscription.findOwned<Subscription>({ id: subscriptionId })
  if (!subscription.cancelAt || subscription.isOver) return
  await write('subscription-cancelled', `subscription-cancelled:${eventId}`, subscription, ({ what, day }) => ({
    heading: `Your subscription ends on ${day(subscription.cancelAt!)}`, label: 'Keep it', paragraphs: [`${what} works until then; nothing more is charged for it. If you change your mind, you can keep it at any time before that day.`],
  }))
}

/** Reaction. What was never paid for, and add-ons that went along, end without a letter of their own. */
export async function mailEnded(subscriptionId: number, eventId: number): Promise<void> {
  const subscription = await Subscription.findOwned<Subscription>({ id: subscriptionId })
  if (!subscription.isOver || !subscription.startedAt || subscription.parentId !== null || subscription.endReason === 'terminated') return
  const last = await Cancellation.query().where({ subscriptionId }).orderBy('id', 'desc').first()
  await write('subscription-ended', `subscription-ended:${eventId}`, subscription, ({ what }) => ({
    heading: 'Your subscription has ended', label: 'See the subscription', paragraphs: [`${what} has ended. Nothing more is charged for it.`, ...(last?.refund === 'credit' ? ['What was paid for the rest of the period is now credit in your account.'] : [])],
  }))
}
