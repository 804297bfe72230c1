/** What the review shows: the cart as it will be ordered, the buyer's address, the terms, and how it will be paid. */
import { currentTenant } from '../../shared/tenancy/context.js'
import { formatMoney } from '../../shared/views/format.js'
import { creditBalance } from '../billing/credit/credit.js'
import { taxAdvice, type TaxAdvice } from '../billing/tax/number-in-words.js'
import { PaymentMethod } from '../billing/payments/methods/payment-method.js'
import type { Customer } from '../customers/customer.js'
import { countryOptions } from '../customers/places.js'
import { missingInAddress } from './billing-address.js'
import { shownItem, shownSums, type ShownItem, type ShownSums } from './cart-pages.js'
import type { Cart } from './cart.js'
import { terms } from './order-rules.js'
import { priceCart } from './price-cart.js'

interface Shown {
  errors?: Readonly<Record<string, string>>
  input?: Readonly<Record<string, unknown>>
  /** The address form is asked for. */
  address: boolean
}
export interface CheckoutPage {
  items: ShownItem[]
  sums: ShownSums
  blocked: boolean
  checkoutKey: string
  seen: string
  termsVersion: number
  shopName: string
  address: { lines: string[]; missing: string; editing: boolean; input: Readonly<Record<string, unknown>>; countries: Array<{ value: string; label: string }> }
  /** Null where tax numbers change nothing. */
  tax: TaxAdvice | null
  /** Nothing is to be paid now. */
  free: boolean
  ways: Array<{ value: string; label: string; text: string; icon: string }>
  pay: string
  /** `$12.00`, when there is some. */
  credit: string | null
  errors: Readonly<Record<string, string>> | null
}

/** Null: there is nothing to order. */
export async function checkoutPage(cart: Cart | null, customer: Customer, now: Date, { errors, input = {}, address }: Shown): Promise<CheckoutPage | null> {
  const priced = cart ? await priceCart(cart, customer, now) : null
  if (!cart || !priced?.lines.length) return null
  const ways = await waysToPay(customer, now)
  const missing = missingInAddress(customer)
  const tax = await taxAdvice(customer, now)
  const credit = await creditBalance(customer.id, cart.currency)
  const { name, company, addressLine1, addressLine2, city, region, postcode, country } = customer
  return {
    items: priced.lines.map((line) => shownItem(line, customer.locale)), sums: shownSums(priced, customer.locale), blocked: priced.problems > 0, checkoutKey: cart.checkoutKey, seen: priced.fingerprint,
    termsVersion: (await terms.read()).version, shopName: currentTenant().brand.companyName,
    address: {
      lines: customer.addressLines, missing: missing.join(', '), editing: address || missing.length > 0, countries: countryOptions(customer.locale),
      input: { name, company, addressLine1, addressLine2, city, region, postcode, country, taxId: tax?.typed ?? '', ...(address ? input : {}) },
    },
    tax, free: priced.charge.total.isZero(), ways, pay: String(input['pay'] ?? ways[0]?.value ?? 'later'), credit: credit.isPositive() ? formatMoney(credit.minor, credit.currency, customer.locale) : null, errors: errors ?? null,
  }
}

async function waysToPay(customer: Customer, now: Date): Promise<CheckoutPage['ways']> {
  const saved = (await PaymentMethod.activeOf(customer.id)).filter((m) => !m.hasExpired(now))
  const later = { value: 'later', label: saved.length ? 'Another way' : 'Choose on the next page', text: 'Card, and whatever else we offer', icon: 'wallet' }
  return [...saved.map((m) => ({ value: m.publicId, label: m.label, text: m.isDefault ? 'Your default' : '', icon: 'credit-card' })), later]
}
