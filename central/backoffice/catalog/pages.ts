/** What the desk shows of the catalogue: the list and one product. Everything runs inside the tenant. */
import { originOf } from '../../../shared/config.js'
import { applyPaging, type Paging } from '../../../shared/database/paging.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { addonIdsOf } from '../../../tenant/catalog/save-product.js'
import { allShelves, shelfOf } from '../../../tenant/catalog/shelf.js'
import { OptionChoice, PlanOptionPrice, ProductOption } from '../../../tenant/catalog/product-option.js'
import { ProductGroup } from '../../../tenant/catalog/product-group.js'
import { Plan } from '../../../tenant/catalog/plan.js'
import { Product, type OfferStatus } from '../../../tenant/catalog/product.js'
import { cycleOrder, cycleNames } from '../../../tenant/catalog/cycle.js'
import { priceText, unitText } from '../../../tenant/catalog/price-label.js'
import { holdersOf } from './holders.js'

export interface ListQuery { type?: string | undefined; status?: string | undefined; q?: string | undefined }
const statuses: ReadonlyArray<{ value: OfferStatus; label: string }> = [{ value: 'active', label: 'In the shop' }, { value: 'hidden', label: 'Hidden' }, { value: 'retired', label: 'Retired' }]
export const statusLabel = (status: OfferStatus): string => statuses.find((s) => s.value === status)!.label
export const productSorts = { sortable: { name: 'products.name', order: 'products.sort_order', type: 'products.service_type' }, default: 'order' } as const

const shown = (query: ListQuery) => {
  const products = Product.query()
  if (query.type) void products.where('products.service_type', query.type)
  if (query.status) void products.where('products.status', query.status)
  if (query.q) void products.where('products.name', 'like', `%${query.q.replace(/[\\%_]/g, '\\$&')}%`)
  return products
}
/** The list's address with one part changed. */
const hrefWith = (query: ListQuery & { sort?: string }, change: Record<string, string | undefined>): string => {
  const all = Object.entries({ ...query, ...change }).filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== '')
  return all.length > 0 ? `/products?${new URLSearchParams(all).toString()}` : '/products'
}

export async function listPage(query: ListQuery, paging: Paging, base: string) {
  const { rows, page, pages, total, from, to } = await applyPaging(shown(query), paging)
  const plans = await Plan.query().whereIn('productId', rows.map((p) => p.id)).whereNot({ status: 'retired' })
  const groups = new Map((await ProductGroup.inOrder()).map((g) => [g.id, g.name]))
  const { locale } = currentTenant()
  const link = (change: Record<string, string | undefined>): string => base + hrefWith(query, change)
  return {
    q: query.q, type: query.type, status: query.status, filtered: Boolean(query.q ?? query.type ?? query.status), summary: total > 0 ? `${from}–${to} of ${total}` : '',
    previousHref: page > 1 ? link({ page: String(page - 1) }) : null, nextHref: page < pages ? link({ page: String(page + 1) }) : null,
    chips: [{ href: link({ status: undefined }), label: 'All', current: !query.status }, ...statuses.map((s) => ({ href: link({ status: s.value }), label: s.label, current: query.status === s.value }))],
    types: [{ href: link({ type: undefined }), label: 'All types', current: !query.type }, ...allShelves.map((s) => ({ href: link({ type: s.serviceType }), label: s.title, current: query.type === s.serviceType }))],
    products: rows.map((product) => {
      const own = plans.filter((p) => p.productId === product.id)
      return {
        publicId: product.publicId, href: `${base}/products/${product.publicId}`, name: product.name, addon: product.kind === 'addon', type: shelfOf(product.serviceType).title, group: product.groupId === null ? '' : groups.get(product.groupId) ?? '',
        prices: [...own].sort((a, b) => cycleOrder.indexOf(a.billingCycle) - cycleOrder.indexOf(b.billingCycle)).slice(0, 3).map((p) => priceText(p, locale)).join(', '), more: Math.max(0, own.length - 3),
        stock: product.stockLimit === null ? '' : `${product.stockTaken} of ${product.stockLimit} sold`, soldOut: product.isSoldOut, belowCost: own.some((p) => p.isBelowCost), status: product.status, statusLabel: statusLabel(product.status),
      }
    }),
  }
}

/** One row of a product's price table; also of the price list as CSV. */
export async function planRows(plans: readonly Plan[]) {
  const { locale } = currentTenant()
  const holders = await holdersOf(plans.map((p) => p.id))
  const inOrder = [...plans].sort((a, b) => a.currency.localeCompare(b.currency) || cycleOrder.indexOf(a.billingCycle) - cycleOrder.indexOf(b.billingCycle))
  return inOrder.map((plan) => ({
    publicId: plan.publicId, cycle: cycleNames[plan.billingCycle], currency: plan.currency, price: priceText(plan, locale), setup: plan.setupFeeMinor > 0 ? plan.setupFee : null, version: plan.version,
    cost: plan.wholesalePriceMicros === null ? '' : `${unitText(plan.wholesalePriceMicros, plan.currency, locale)} ${plan.isMetered ? 'an hour' : 'a month'}`, margin: plan.marginPercent === null ? '' : `${plan.marginPercent} %`,
    belowCost: plan.isBelowCost, holders: holders.get(plan.id) ?? 0, status: plan.status, statusLabel: statusLabel(plan.status), metered: plan.isMetered,
  }))
}

export async function productPage(product: Product, base: string, input: Readonly<Record<string, unknown>> = {}) {
  const plans = await Plan.query().where({ productId: product.id })
  const chosen = new Set(await addonIdsOf(product))
  const addons = product.kind === 'plan' ? await Product.query().where({ kind: 'addon' }).whereNot({ status: 'retired' }).orderBy('sortOrder') : []
  const kasm = product.serviceType === 'kasm_workspace'
  return {
    product: {
      publicId: product.publicId, name: product.name, description: product.description, href: `${base}/products/${product.publicId}`, status: product.status, statusLabel: statusLabel(product.status), kasm, addon: product.kind === 'addon',
      soldOut: product.isSoldOut, shopUrl: product.status === 'retired' || product.kind === 'addon' ? '' : originOf(currentTenant().primaryHost) + product.shopHref,
    },
    facts: factRows(product, product.groupId === null ? '' : (await ProductGroup.query().findById(product.groupId))?.name ?? ''), plans: await planRows(plans), options: await optionRows(product, plans, base),
    addons: addons.map((a) => ({ name: `a_${a.publicId}`, label: a.name, text: `${a.followsParent ? 'Renews and ends with its service.' : 'Has a life of its own.'}${a.status === 'hidden' ? ' Hidden: not offered yet.' : ''}`, checked: chosen.has(a.id) })),
    cycles: cycleOrder.filter((c) => c !== 'hourly').map((c) => ({ name: `price_${c}`, label: cycleNames[c], value: input[`price_${c}`] })), input: { currency: currentTenant().currency, ...input }, adding: Object.keys(input).length > 0,
  }
}

function factRows(product: Product, group: string): Array<{ label: string; value: string }> {
  const when = { now: 'At once', 'period-end': 'At the end of the period' } as const
  return [
    { label: 'Type', value: `${shelfOf(product.serviceType).title}${product.kind === 'addon' ? ', add-on' : ''}` }, { label: 'Group', value: group || 'None' },
    { label: 'Stock', value: product.stockLimit === null ? `No limit, ${product.stockTaken} sold` : `${product.stockTaken} of ${product.stockLimit} sold` }, { label: 'Largest quantity', value: String(product.maxQuantity) },
    { label: 'Trial', value: product.trialDays > 0 ? `${product.trialDays} days` : 'None' }, { label: 'Minimum term', value: product.minTermMonths > 0 ? `${product.minTermMonths} months` : 'None' }, { label: 'Tax class', value: product.taxClass },
    { label: 'Upgrades', value: when[product.upgradePolicy] }, { label: 'Downgrades', value: when[product.downgradePolicy] },
    ...(product.kind === 'addon' ? [{ label: 'With its service', value: product.followsParent ? 'Renews and ends together' : 'Lives on its own' }] : []),
  ]
}

async function optionRows(product: Product, plans: readonly Plan[], base: string) {
  const options = await ProductOption.query().where({ productId: product.id }).orderBy('sortOrder').orderBy('id')
  const choices = await OptionChoice.query().whereIn('optionId', options.map((o) => o.id)).where({ status: 'active' }).orderBy('sortOrder').orderBy('id')
  const prices = await PlanOptionPrice.query().whereIn('choiceId', choices.map((c) => c.id))
  const offered = plans.filter((p) => p.status !== 'retired')
  const kinds = { select: 'One of several', quantity: 'A number', checkbox: 'A tick' } as const
  return options.map((option) => {
    const own = choices.filter((c) => c.optionId === option.id)
    const priced = offered.filter((plan) => prices.some((p) => p.planId === plan.id && own.some((c) => c.id === p.choiceId))).length
    return { name: option.name, href: `${base}/products/${product.publicId}/options/${option.id}`, kind: kinds[option.kind], choices: option.kind === 'select' ? own.map((c) => c.label).join(', ') : option.unit, priced: `${priced} of ${offered.length}`, gap: priced < offered.length, retired: option.status === 'retired' }
  })
}
