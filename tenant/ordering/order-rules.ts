/** What a shop decides about orders: how long an unpaid one lives, and the terms a customer accepts. Forms: the desk's order settings. */
import { z } from 'zod'
import { defineSetting } from '../settings/setting.js'

/** `unpaidDays`: after so many days an unpaid order is given up and its stock goes back. 1 to 60. */
export interface OrderRules { readonly unpaidDays: number }
export const orderRules = defineSetting<OrderRules>('ordering.rules', z.object({ unpaidDays: z.number().int().min(1).max(60) }), { unpaidDays: 7 })

/** The words of a version never change: saving other words makes the next version. Blank lines separate paragraphs. */
export interface Terms { readonly version: number; readonly text: string; readonly changedAt: string | null }
const standard = 'You order for yourself or for the company you name. What you order is set up when it is paid for, and renews at the price shown until you cancel it. '
  + 'You can cancel at any time to the end of the period you have paid for.\n\nUse our services lawfully and do no harm to others with them. We may suspend a service that endangers others, or that is not paid.\n\n'
  + 'Your rights as a consumer are not limited by these terms.'
export const terms = defineSetting<Terms>('ordering.terms', z.object({ version: z.number().int().min(1), text: z.string().min(1).max(50_000), changedAt: z.string().nullable() }), { version: 1, text: standard, changedAt: null })

/** Saves new words as the next version; the same words change nothing. */
export async function changeTerms(text: string, now: Date): Promise<Terms> {
  const before = await terms.read()
  if (before.text === text) return before
  const next = { version: before.version + 1, text, changedAt: now.toISOString() }
  await terms.write(next)
  return next
}
