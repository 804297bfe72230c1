/** Products and plans enter the shop, leave its shelves or are sold no more. Who has bought one keeps it, whatever happens here. */
import { tenantTransaction } from '../../shared/database/transaction.js'
import { record } from '../../shared/events/record.js'
import { Plan } from './plan.js'
import { Product, type OfferStatus } from './product.js'

/** Repeatable; says how many changed. */
export async function setProductStatus(products: readonly Product[], status: OfferStatus): Promise<number> {
  return tenantTransaction(async () => {
    let changed = 0
    for (const product of products) {
      if ((await Product.query().patch({ status }).where({ id: product.id }).whereNot({ status })) === 0) continue
      changed++
      product.$set({ status })
      await record(wordOf('product', status), product, { name: product.name })
    }
    return changed
  })
}

export async function setPlanStatus(plan: Plan, status: OfferStatus): Promise<void> {
  await tenantTransaction(async () => {
    if ((await Plan.query().patch({ status }).where({ id: plan.id }).whereNot({ status })) === 0) return
    plan.$set({ status })
    await record(wordOf('plan', status), plan, { slug: plan.slug })
  })
}

const wordOf = (what: 'product' | 'plan', status: OfferStatus): string => `${what}.${{ active: 'published', hidden: 'hidden', retired: 'retired' }[status]}`
