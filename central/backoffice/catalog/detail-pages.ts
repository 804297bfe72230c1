/** Forms of products and groups at the desk, and the price list as rows. Everything runs inside the tenant. */
import { Plan } from '../../../tenant/catalog/plan.js'
import { ProductGroup } from '../../../tenant/catalog/product-group.js'
import { Product } from '../../../tenant/catalog/product.js'
import { allShelves } from '../../../tenant/catalog/shelf.js'
import { microsText } from '../../../tenant/catalog/price-rules.js'
import { statusLabel, planRows } from './pages.js'

type Input = Readonly<Record<string, unknown>>
export const newProductInput: Input = { kind: 'plan', service_type: 'vps', max_quantity: '1', tax_class: 'standard', upgrade: 'now', downgrade: 'period-end', follows: 'on' }

const inputOf = (p: Product): Input => ({
  name: p.name, slug: p.slug, description: p.description, features: p.features.join('\n'), group: p.groupId === null ? '' : String(p.groupId), follows: p.followsParent ? 'on' : '', stock: p.stockLimit === null ? '' : String(p.stockLimit),
  max_quantity: String(p.maxQuantity), trial_days: String(p.trialDays), min_term: String(p.minTermMonths), tax_class: p.taxClass, upgrade: p.upgradePolicy, downgrade: p.downgradePolicy, sort: String(p.sortOrder),
})

/** The form of a product; `null`: of a new one. */
export async function detailsView(product: Product | null, input: Input = product ? inputOf(product) : newProductInput) {
  const groups = await ProductGroup.inOrder()
  const when = [{ value: 'now', label: 'At once, with the difference for the rest of the period' }, { value: 'period-end', label: 'At the end of the period' }]
  return {
    product: product && { publicId: product.publicId, name: product.name, addon: product.kind === 'addon' }, input, addon: product?.kind === 'addon', follows: input['follows'] === 'on', policies: when, groups: groups.map((g) => ({ value: String(g.id), label: g.name })),
    kinds: [{ value: 'plan', label: 'A product', text: 'Customers order it by itself.' }, { value: 'addon', label: 'An add-on', text: 'Bought with a product, or later for it.' }],
    types: allShelves.filter((s) => s.serviceType !== 'kasm_workspace').map((s) => ({ value: s.serviceType, label: s.title })),
    taxClasses: [{ value: 'standard', label: 'Standard rate' }, { value: 'reduced', label: 'Reduced rate' }, { value: 'exempt', label: 'Never taxed' }],
  }
}

/** `wrong`: public id of the group whose form comes back with `input`. */
export async function groupsView(wrong: string | null = null, input: Input = {}) {
  const groups = await ProductGroup.inOrder()
  const counts = (await Product.query().whereNotNull('groupId').whereNot({ status: 'retired' }).groupBy('groupId').select('groupId').count({ n: '*' })) as unknown as Array<{ groupId: number; n: number }>
  return {
    input: wrong === null ? input : {},
    groups: groups.map((g) => {
      const shown = { name: g.name, slug: g.slug, description: g.description, sort: String(g.sortOrder) }
      return { publicId: g.publicId, title: g.name, address: g.slug, text: g.description, ...shown, ...(g.publicId === wrong ? { ...input, open: true } : {}), products: Number(counts.find((c) => Number(c.groupId) === g.id)?.n ?? 0) }
    }),
  }
}

/** OWASP: a text that begins like a formula is disarmed for spreadsheets. */
const plain = (text: string): string => (/^\s*[=+\-@]/.test(text) ? `'${text}` : text)

export async function priceListRows(plans: readonly Plan[]): Promise<string[][]> {
  const products = new Map((await Product.query()).map((p) => [p.id, p]))
  const rows = new Map((await planRows(plans)).map((r) => [r.publicId, r]))
  const head = ['Product', 'Type', 'Product state', 'Cycle', 'Currency', 'Price', 'Set-up fee', 'You pay', 'Margin', 'Below cost', 'Customers', 'Price state', 'Version']
  return [head, ...plans.map((plan) => {
    const [product, row] = [products.get(plan.productId ?? 0), rows.get(plan.publicId)!]
    return [plain(product?.name ?? plan.name), plan.serviceType, product ? statusLabel(product.status) : '', plan.billingCycle, plan.currency, microsText(plan.priceMicros, plan.currency), plan.setupFee.toString(), row.cost, row.margin, row.belowCost ? 'yes' : 'no', String(row.holders), row.statusLabel, String(plan.version)]
  })]
}
