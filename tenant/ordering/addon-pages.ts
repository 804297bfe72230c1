/** What the pages of a later add-on show: what there is, its form, and what it costs. */
import { Money } from '../../shared/money/money.js'
import { newPublicId } from '../../shared/security/token.js'
import { currentTenant } from '../../shared/tenancy/context.js'
import { formatMoney } from '../../shared/views/format.js'
import { subscriptionRow } from '../billing/subscriptions/present-subscription.js'
import type { Subscription } from '../billing/subscriptions/subscription.js'
import { cycleNames, cycleUnits, isRenewing } from '../catalog/cycle.js'
import { optionFields } from '../catalog/option-fields.js'
import type { Plan } from '../catalog/plan.js'
import { priceText } from '../catalog/price-label.js'
import type { Product } from '../catalog/product.js'
import type { Fields } from '../catalog/read-selection.js'
import { addonsFor, type AddonPreview } from './order-addon.js'
import { terms } from './order-rules.js'

type Errors = Readonly<Record<string, string>>
const hrefOf = (s: Subscription): string => `/subscriptions/${s.publicId}`
async function head(s: Subscription, locale: string, now: Date) {
  return { href: hrefOf(s), home: `${hrefOf(s)}/addons`, name: (await subscriptionRow(s, locale, now)).name }
}

export async function addonsPage(s: Subscription, locale: string, now: Date): Promise<object> {
  const offers = await addonsFor(s)
  return {
    ...await head(s, locale, now),
    offers: offers.map(({ product, plan }) => ({
      name: product.name, description: product.description, price: priceText(plan, locale), href: `${hrefOf(s)}/addons/${plan.publicId}`,
      follows: product.followsParent && isRenewing(plan.billingCycle), soldOut: product.isSoldOut,
    })),
  }
}

export async function addonPage(s: Subscription, { product, plan }: { product: Product; plan: Plan }, locale: string, now: Date, typed: Fields | null = null, errors: Errors = {}): Promise<object> {
  return {
    ...await head(s, locale, now), addon: { name: product.name, description: product.description, price: priceText(plan, locale), action: `${hrefOf(s)}/addons/${plan.publicId}` },
    many: product.maxQuantity > 1, most: product.maxQuantity, quantity: typed?.['quantity'] ?? '1', options: await optionFields(plan, typed, locale, errors), errors,
  }
}

/** `fields`: what the form sent, carried along to the order. */
export async function addonPreviewPage(s: Subscription, preview: AddonPreview, fields: Record<string, string>, locale: string, now: Date, errors: Errors = {}): Promise<object> {
  const { plan, product, recurring } = preview.priced
  return {
    ...await head(s, locale, now), addon: product.name, action: `${hrefOf(s)}/addons/${plan.publicId}/order`, back: `${hrefOf(s)}/addons/${plan.publicId}`, cycle: cycleNames[plan.billingCycle],
    lines: preview.lines.map((line) => ({ label: line.description, amount: Money.of(line.amountMinor, plan.currency) })), discount: preview.discount.isZero() ? null : preview.discount.negate(), tax: preview.tax.isZero() ? null : preview.tax, total: preview.total,
    renewal: isRenewing(plan.billingCycle) ? `${formatMoney(recurring.minor, recurring.currency, locale)} ${cycleUnits[plan.billingCycle]}` : null,
    fields: Object.entries(fields).map(([name, value]) => ({ name, value })), at: preview.at.getTime(), seen: preview.total.minor, key: newPublicId(), termsVersion: (await terms.read()).version,
    shopName: currentTenant().brand.companyName, errors,
  }
}
