/** What each type costs the customer and the shop, by the hour. Runs inside the tenant. */
import { currentTenant } from '../../../shared/tenancy/context.js'
import { formatRate } from '../../../shared/views/format.js'
import { Plan } from '../../../tenant/catalog/plan.js'
import { microsText } from '../../../tenant/catalog/price-rules.js'
import { Product } from '../../../tenant/catalog/product.js'

/** Per hour, with its sign. Pure. */
export const marginText = (micros: number, currency: string, locale: string): string => `${micros < 0 ? '-' : ''}${formatRate({ micros: Math.abs(micros), currency, per: 'hour' }, locale)}`

export async function pricesPage(base: string): Promise<object> {
  const { locale } = currentTenant()
  const plans = await Plan.query().where({ serviceType: 'kasm_workspace', billingCycle: 'hourly' }).whereNot({ status: 'retired' }).whereNotNull('productId').orderBy('sortOrder').orderBy('id')
  const products = new Map((await Product.query().whereIn('id', plans.flatMap((p) => p.productId ?? []))).map((p) => [p.id, p.publicId]))
  const rows = plans.map((plan) => {
    const href = `${base}/products/${products.get(plan.productId!)}/plans/${plan.publicId}`
    const cost = plan.wholesalePriceMicros === null ? null : Number(plan.wholesalePriceMicros)
    return {
      id: plan.publicId, name: plan.name, size: plan.vcpu ? `${plan.vcpu} vCPU, ${(plan.ramMb ?? 0) / 1024} GB RAM` : '', status: plan.status, href, action: `${href}/preview`, version: plan.version, price: microsText(plan.priceMicros, plan.currency), setup: plan.setupFee.toString(), currency: plan.currency,
      retail: plan.rate, wholesale: cost === null ? null : { micros: cost, currency: plan.currency, per: 'hour' }, margin: cost === null ? null : marginText(Number(plan.priceMicros) - cost, plan.currency, locale),
      percent: plan.marginPercent, belowCost: plan.isBelowCost,
    }
  })
  return { home: `${base}/workspaces`, rows, losses: rows.filter((r) => r.belowCost).length }
}
