/** What the desk sees of quotes. */
import { DateTime } from 'luxon'
import { applyPaging, type Paging } from '../../../shared/database/paging.js'
import { formatMoney } from '../../../shared/views/format.js'
import { cycleNames } from '../../../tenant/catalog/cycle.js'
import { optionFields } from '../../../tenant/catalog/option-fields.js'
import { optionsOn } from '../../../tenant/catalog/option-offer.js'
import { Plan } from '../../../tenant/catalog/plan.js'
import { Product } from '../../../tenant/catalog/product.js'
import { firstSelection, selectionFields } from '../../../tenant/catalog/read-selection.js'
import { Customer } from '../../../tenant/customers/customer.js'
import { quotePage } from '../../../tenant/ordering/quote-pages.js'
import { Quote } from '../../../tenant/ordering/quote.js'
import type { Desk } from '../desk.js'

export const quoteSorts = { sortable: { written: 'quotes.created_at', valid: 'quotes.valid_until' }, default: '-written' } as const
const chips = { all: 'All', draft: 'Drafts', sent: 'Sent', accepted: 'Accepted', closed: 'Declined or expired' } as const
export type Show = keyof typeof chips

export function quotesQuery(show: Show) {
  const wanted = Quote.query()
  if (show === 'closed') void wanted.whereIn('status', ['declined', 'expired'])
  else if (show !== 'all') void wanted.where({ status: show })
  return wanted
}

export async function listPage(show: Show, paging: Paging, base: string): Promise<object> {
  const paged = await applyPaging(quotesQuery(show), paging)
  const people = new Map((await Customer.query().whereIn('id', paged.rows.map((q) => q.userId))).map((c) => [c.id, c]))
  const here = (part: Record<string, string>): string => `${base}/quotes?${new URLSearchParams({ show, ...part })}`
  const sort = `${paged.descending ? '-' : ''}${paged.sort}`
  return {
    rows: paged.rows.map((q) => ({ publicId: q.publicId, label: q.label, customer: people.get(q.userId)?.email ?? '', status: q.status, lastDay: q.lastDay, writtenAt: q.createdAt })), filtered: show !== 'all', csvHref: `${base}/quotes.csv?show=${show}`,
    chips: Object.entries(chips).map(([key, label]) => ({ label, href: here({ show: key }), current: key === show })), summary: paged.total ? `${paged.from}–${paged.to} of ${paged.total}` : '',
    previousHref: paged.page > 1 ? here({ sort, page: String(paged.page - 1) }) : null, nextHref: paged.page < paged.pages ? here({ sort, page: String(paged.page + 1) }) : null,
  }
}

/** The day after the last on which it is valid, at midnight of the shop; and back. */
export const endOfDay = (day: string, zone: string): Date => DateTime.fromISO(day, { zone }).plus({ days: 1 }).startOf('day').toJSDate()
export const lastDay = (until: Date, zone: string): string => DateTime.fromJSDate(new Date(until.getTime() - 1), { zone }).toISODate() ?? ''

export async function detailPage(quote: Quote, desk: Desk, now: Date): Promise<object> {
  const plans = quote.status === 'draft' ? await planOptions(quote.currency, desk.locale) : []
  return {
    ...(await quotePage(quote, null, now)), isDraft: quote.status === 'draft', isSent: quote.status === 'sent', currency: quote.currency, answeredAt: quote.answeredAt, declineReason: quote.declineReason, plans,
    form: { validUntil: lastDay(quote.validUntil, desk.timeZone), discount: quote.discountPpm / 10_000, note: quote.note },
  }
}

/** Everything that can be quoted: also hidden plans. */
async function planOptions(currency: string, locale: string): Promise<Array<{ value: string; label: string }>> {
  const plans = await Plan.query().where({ currency }).whereIn('status', ['active', 'hidden']).whereNotNull('productId').whereNot('billingCycle', 'hourly').orderBy('name').orderBy('id')
  return plans.map((p) => ({ value: p.publicId, label: `${p.name}, ${cycleNames[p.billingCycle].toLowerCase()}: ${formatMoney(p.price.minor, p.currency, locale)}` }))
}

/** The inputs of one plan. */
export async function planLinePage(quote: Quote, plan: Plan, locale: string, input?: Readonly<Record<string, unknown>>): Promise<object> {
  const product = await Product.findOwned<Product>({ id: plan.productId })
  const offers = await optionsOn(plan)
  const fields = input ?? selectionFields(firstSelection(offers), offers)
  return {
    quote: { publicId: quote.publicId, label: quote.label }, plan: { publicId: plan.publicId, name: plan.name, cycle: cycleNames[plan.billingCycle], price: plan.price }, many: product.maxQuantity > 1, most: product.maxQuantity,
    options: await optionFields(plan, fields, locale), input: { quantity: fields['quantity'] ?? 1, name: fields['name'] ?? product.name },
  }
}
