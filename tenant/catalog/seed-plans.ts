/** The six workspaces every new shop starts with, at the recommended prices. Safe to repeat: what a reseller has changed stays. */
import { newPublicId } from '../../shared/security/token.js'
import type { Tenant } from '../../shared/tenancy/tenant.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { Plan } from './plan.js'
import { Product } from './product.js'
import { wholesaleList } from './wholesale-copy.js'

interface Recommended {
  slug: string
  name: string
  description: string
  vcpu: number
  ramMb: number
  /** Retail, per hour. */
  priceMicros: number
}

export const recommendedPlans: readonly Recommended[] = [
  { slug: 'developer_basic', name: 'Developer Basic', description: 'Linux with VS Code, for freelance developers and students.', vcpu: 2, ramMb: 4096, priceMicros: 150_000 },
  { slug: 'developer_pro', name: 'Developer Pro', description: 'Several IDEs and Docker, for professional developers and small teams.', vcpu: 4, ramMb: 8192, priceMicros: 300_000 },
  { slug: 'developer_enterprise', name: 'Developer Enterprise', description: 'The full development stack, for development teams and agencies.', vcpu: 8, ramMb: 16384, priceMicros: 600_000 },
  { slug: 'business_basic', name: 'Business Basic', description: 'Browser and office apps, for remote workers and contractors.', vcpu: 2, ramMb: 4096, priceMicros: 200_000 },
  { slug: 'business_pro', name: 'Business Pro', description: 'The full office suite, for business users and managers.', vcpu: 4, ramMb: 8192, priceMicros: 400_000 },
  { slug: 'business_enterprise', name: 'Business Enterprise', description: 'Your own apps on the largest machine, for executives and power users.', vcpu: 8, ramMb: 16384, priceMicros: 800_000 },
]

/** Adds missing plans and refreshes the copies of wholesale prices. Runs inside the tenant. Returns how many plans the shop has of ours. */
export async function seedCatalog(tenant: Tenant): Promise<number> {
  const wholesale = await wholesaleList(tenant)
  return tenantTransaction(async () => {
    const known = new Map((await Plan.query().select('slug', 'productId')).map((p) => [p.slug, p.productId]))
    for (const [sortOrder, plan] of recommendedPlans.entries()) {
      const wholesaleSku = `kasm.${plan.slug}`
      const copy = { wholesaleSku, wholesalePriceMicros: wholesale(wholesaleSku, { isMetered: true, currency: tenant.currency }) }
      const productId = known.get(plan.slug) ?? (await productFor(plan, sortOrder))
      if (known.has(plan.slug)) await Plan.query().patch({ ...copy, productId }).where({ slug: plan.slug })
      else await Plan.query().insert({ ...plan, ...copy, productId, publicId: newPublicId(), serviceType: 'kasm_workspace', billingCycle: 'hourly', currency: tenant.currency, kasmWorkspaceType: plan.slug, sortOrder })
    }
    return recommendedPlans.length
  })
}

/** The product a workspace plan is an offer of. */
async function productFor({ slug, name, description, vcpu, ramMb }: Recommended, sortOrder: number): Promise<number> {
  const own = slug.replaceAll('_', '-')
  const known = await Product.query().findOne({ slug: own }) ?? await Product.query().insertAndFetch({
    publicId: newPublicId(), slug: own, name, description, features: [`${vcpu} vCPU`, `${ramMb / 1024} GB of memory`, 'Billed by the quarter hour'], kind: 'plan', serviceType: 'kasm_workspace', status: 'active', sortOrder,
  })
  return known.id
}
