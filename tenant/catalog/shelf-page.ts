/** What a shelf of the shop shows: a card for each product, under the headings of its groups. */
import { currentTenant } from '../../shared/tenancy/context.js'
import { cycleNames, cycleUnits, isRenewing, savingPercent } from './cycle.js'
import { offeredProducts, type Offered } from './offered.js'
import type { PlanCard } from './pages.js'
import { moneyText, unitText } from './price-label.js'
import { ProductGroup } from './product-group.js'
import type { ServiceType } from './product.js'
import { allShelves, type Shelf } from './shelf.js'

export interface ShelfSection { id: string; title: string; text: string; href: string; plans: PlanCard[] }

/** Products of one type: a section for each group, the rest under the type's own heading. */
export async function shelfSections(shelf: Shelf, currency: string, locale: string): Promise<ShelfSection[]> {
  const offered = await offeredProducts(shelf.serviceType, currency)
  const groups = await ProductGroup.inOrder()
  const own = groups.map((group) => ({ id: group.slug, title: group.name, text: group.description, href: '', plans: offered.filter((o) => o.product.groupId === group.id).map((o) => productCard(o, locale)) }))
  const rest = { id: 'all', title: own.some((g) => g.plans.length > 0) ? 'More' : shelf.title, text: '', href: '', plans: offered.filter((o) => !groups.some((g) => g.id === o.product.groupId)).map((o) => productCard(o, locale)) }
  return [...own, rest].filter((section) => section.plans.length > 0)
}

/** All shelves but the workspaces', as sections of the front page and of the whole shop. */
export async function otherShelves(currency: string, locale: string): Promise<ShelfSection[]> {
  const offered = await offeredProducts(undefined, currency)
  const sectionOf = ({ serviceType, title, text, href }: Shelf): ShelfSection => ({ id: serviceType, title, text, href, plans: of(offered, serviceType).map((o) => productCard(o, locale)) })
  return allShelves.filter((s) => s.serviceType !== 'kasm_workspace').map(sectionOf).filter((s) => s.plans.length > 0)
}

const of = (offered: readonly Offered[], serviceType: ServiceType): Offered[] => offered.filter((o) => o.product.serviceType === serviceType)

/** Shows the monthly price where there is one, else the shortest cycle's; the best saving and a set-up fee stand below it. */
export function productCard({ product, plans }: Offered, locale: string): PlanCard {
  const shown = plans.find((p) => p.billingCycle === 'monthly') ?? plans[0]!
  const best = plans.map((p) => ({ name: cycleNames[p.billingCycle].toLowerCase(), saving: savingPercent(p.price, p.billingCycle, shown.price) })).sort((a, b) => b.saving - a.saving)[0]!
  const notes = [
    product.isSoldOut ? 'Sold out at the moment' : '', product.trialDays > 0 && isRenewing(shown.billingCycle) ? `${product.trialDays} days free` : '', shown.setupFeeMinor > 0 ? `plus ${moneyText(shown.setupFee, locale)} set-up` : '',
    shown.billingCycle === 'monthly' && best.saving > 0 ? `save up to ${best.saving} % when paid ${best.name}` : '',
  ].filter(Boolean)
  return {
    name: product.name, text: product.description, price: shown.priceMicros === 0 ? 'Free' : unitText(shown.priceMicros, shown.currency, locale), per: shown.priceMicros === 0 ? '' : cycleUnits[shown.billingCycle],
    note: begun(notes.join(', ')), features: product.features, href: shown.isMetered ? `/order/${shown.slug}` : product.shopHref, label: product.isSoldOut ? 'Look at it' : 'Choose',
  }
}

const begun = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** The currency a page shows: the customer's own; for a guest the one asked for, if the shop sells in it, else the shop's. */
export function currencyFor(customer: { currency: string } | null, asked: unknown, offered: readonly string[]): string {
  if (customer) return customer.currency
  return typeof asked === 'string' && offered.includes(asked) ? asked : currentTenant().currency
}

