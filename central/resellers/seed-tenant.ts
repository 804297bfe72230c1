/** What every new shop starts with: plans at the recommended prices, workspace templates, number series. Runs inside the tenant; safe to repeat. */
import { asCentral } from '../../shared/tenancy/as-central.js'
import { currentTenant } from '../../shared/tenancy/context.js'
import { seedCatalog } from '../../tenant/catalog/seed-plans.js'
import { seedStarter } from '../../tenant/catalog/seed-starter.js'
import { receiveTemplates } from '../../tenant/kasm/templates/receive-templates.js'
import { seedTemplates } from '../../tenant/kasm/templates/seed-templates.js'
import { Template } from '../../tenant/kasm/templates/template.js'
import { readCatalogue } from '../templates/catalogue.js'

export async function seedTenant(): Promise<string> {
  const plans = await seedCatalog(currentTenant())
  const prepared = await seedStarter(currentTenant())
  const catalogue = await asCentral(readCatalogue)
  await (catalogue.size ? receiveTemplates(catalogue.of(currentTenant().id)) : seedTemplates())
  const templates = await Template.query().resultSize()
  return `${plans} plans, ${prepared} products prepared, ${templates} templates`
}
