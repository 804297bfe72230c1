/** One price of a product at the desk, and what a change would do. Everything runs inside the tenant. */
import { originOf } from '../../../shared/config.js'
import { Money } from '../../../shared/money/money.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { directory } from '../../../shared/tenancy/directory.js'
import { FormErrors } from '../../../shared/errors.js'
import { cycleNames, cycleUnits } from '../../../tenant/catalog/cycle.js'
import { Plan } from '../../../tenant/catalog/plan.js'
import { PlanMigration, PlanVersion } from '../../../tenant/catalog/plan-migration.js'
import { priceText, unitText } from '../../../tenant/catalog/price-label.js'
import { faultOfPrice, microsText } from '../../../tenant/catalog/price-rules.js'
import type { Product } from '../../../tenant/catalog/product.js'
import { minorOf, type PriceWish } from './forms.js'
import { holdersOf } from './holders.js'
import { planRows } from './pages.js'

const DAY = 86_400_000
type Input = Readonly<Record<string, unknown>>

export async function planView(product: Product, plan: Plan, base: string, input?: Input) {
  const [row] = await planRows([plan])
  const versions = await PlanVersion.query().where({ planId: plan.id }).orderBy('version', 'desc').limit(50)
  const migrations = await PlanMigration.query().where({ planId: plan.id }).orderBy('id', 'desc').limit(20)
  const { locale } = currentTenant()
  const price = (micros: number): string => `${unitText(micros, plan.currency, locale)} ${cycleUnits[plan.billingCycle]}`.trim()
  const href = `${base}/products/${product.publicId}`
  return {
    title: `${product.name}, ${cycleNames[plan.billingCycle].toLowerCase()} in ${plan.currency}`, href: `${href}/plans/${plan.publicId}`, crumbs: [{ href: `${base}/products`, label: 'Products' }, { href, label: product.name }, { label: `${cycleNames[plan.billingCycle]} in ${plan.currency}` }],
    plan: row, free: plan.billingCycle === 'free', sku: plan.wholesaleSku ?? '', linkUrl: plan.status === 'hidden' && product.status !== 'retired' ? `${originOf(currentTenant().primaryHost)}${product.shopHref}?plan=${plan.publicId}` : '',
    input: input ?? { price: microsText(plan.priceMicros, plan.currency), setup: plan.setupFee.toString(), who: 'new', notice: '30', version: String(plan.version) }, whos: whosOf(row!.holders).slice(0, plan.isMetered ? 1 : 2), version: plan.version,
    versions: versions.map((v) => ({ version: v.version, price: price(v.priceMicros), setup: v.setupFeeMinor > 0 ? Money.of(v.setupFeeMinor, plan.currency) : null, since: v.since })),
    migrations: migrations.map((m) => ({ price: price(m.priceMicros), earliestAt: m.earliestAt, status: m.status, customers: m.customers })),
  }
}

const keepersText = (holders: number): string => (holders === 0 ? 'Nobody has this plan yet.' : holders === 1 ? '1 existing customer keeps the price they have.' : `${holders} existing customers keep the price they have.`)
const whosOf = (holders: number) => [
  { value: 'new', label: 'New orders only', text: keepersText(holders) },
  { value: 'move', label: 'Existing customers too, with notice', text: 'Each gets a letter now and pays the new price from the first renewal after the notice.' },
]

/** What would happen, in sentences; the same checks as the change itself. Throws FormErrors. */
export async function previewOf(product: Product, plan: Plan, wish: PriceWish, now: Date) {
  const fault = faultOfPrice(wish.price, plan.billingCycle, plan.currency)
  if (fault) throw new FormErrors({ price: fault }, {})
  const setupFeeMinor = minorOf(wish.setup, plan.currency)
  if (wish.who === 'move' && wish.notice === undefined) throw new FormErrors({ notice: 'Enter the notice in days.' }, {})
  const after = Plan.fromJson({ ...plan.$toJson(), priceMicros: wish.price, setupFeeMinor }, { skipValidation: true })
  const holders = (await holdersOf([plan.id])).get(plan.id) ?? 0
  const { locale } = currentTenant()
  return {
    title: `New price of ${product.name}`, before: priceText(plan, locale), after: priceText(after, locale), setupBefore: plan.setupFee, setupAfter: after.setupFee, setupChanges: plan.setupFeeMinor !== setupFeeMinor,
    margin: after.marginPercent === null ? '' : `${after.marginPercent} %`, belowCost: after.isBelowCost, moves: wish.who === 'move', movers: holders === 1 ? 'The existing customer pays the new price' : `All ${holders} existing customers pay the new price`, keepers: keepersText(holders), from: new Date(now.getTime() + (wish.notice ?? 0) * DAY), same: plan.priceMicros === wish.price && plan.setupFeeMinor === setupFeeMinor,
  }
}

/** Articles of EZSCALE's list that fit the plan: by the hour or by the month, in its currency. */
export async function articlesOf(plan: Plan): Promise<Array<{ value: string; label: string }>> {
  const unit = plan.isMetered ? 'hour' : 'month'
  const listed = (await directory().wholesalePrices(currentTenant())).filter((p) => p.unit === unit && p.currency === plan.currency)
  return listed.map((p) => ({ value: p.sku, label: `${p.sku}: ${unitText(p.priceMicros, p.currency, 'en')} per ${unit}` }))
}

