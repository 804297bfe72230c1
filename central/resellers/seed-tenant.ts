/** What every new shop starts with: plans at the recommended prices, workspace templates, number series. Runs inside the tenant; safe to repeat. */
import { currentTenant } from '../../shared/tenancy/context.js'
import { seedCatalog } from '../../tenant/catalog/seed-plans.js'
import { seedStarter } from '../../tenant/catalog/seed-starter.js'
import { seedTemplates } from '../../tenant/kasm/templates/seed-templates.js'

export async function seedTenant(): Promise<string> {
  const plans = await seedCatalog(currentTenant())
  const prepared = await seedStarter(currentTenant())
  const templates = await seedTemplates()
  return `${plans} plans, ${prepared} products prepared, ${templates} templates`
}
