/** Copies of EZSCALE's price list beside a reseller's own prices: for margins and warnings only. What EZSCALE bills comes from central. */
import { tenantTransaction } from '../../shared/database/transaction.js'
import { record } from '../../shared/events/record.js'
import { directory } from '../../shared/tenancy/directory.js'
import { currentTenant } from '../../shared/tenancy/context.js'
import type { Tenant } from '../../shared/tenancy/tenant.js'
import { Plan } from './plan.js'

type Listed = (sku: string | null, plan: Pick<Plan, 'isMetered' | 'currency'>) => number | null

/** Prices of the tenant's list: hourly articles for metered plans, monthly ones for the rest, in the plan's own currency; null when there is none. */
export async function wholesaleList(tenant: Tenant): Promise<Listed> {
  const prices = new Map((await directory().wholesalePrices(tenant)).map((p) => [`${p.sku} ${p.unit} ${p.currency}`, p.priceMicros]))
  return (sku, plan) => (sku === null ? null : prices.get(`${sku} ${plan.isMetered ? 'hour' : 'month'} ${plan.currency}`) ?? null)
}

/** Brings all copies up to date. Safe to repeat; says how many changed. */
export async function refreshWholesaleCopies(): Promise<number> {
  const listed = await wholesaleList(currentTenant())
  let changed = 0
  for (const plan of await Plan.query().whereNotNull('wholesaleSku')) {
    const wholesalePriceMicros = listed(plan.wholesaleSku, plan)
    if (wholesalePriceMicros === plan.wholesalePriceMicros) continue
    await Plan.query().patch({ wholesalePriceMicros }).where({ id: plan.id, wholesaleSku: plan.wholesaleSku })
    changed++
  }
  return changed
}

/** Staff says which article of the list a plan is delivered with; resellers cannot. Null: EZSCALE delivers nothing for it. */
export async function setWholesaleSku(plan: Plan, wholesaleSku: string | null): Promise<void> {
  const wholesalePriceMicros = (await wholesaleList(currentTenant()))(wholesaleSku, plan)
  await tenantTransaction(async () => {
    await plan.$query().patch({ wholesaleSku, wholesalePriceMicros })
    await record('plan.wholesale-article-set', plan, { sku: wholesaleSku })
  })
}
