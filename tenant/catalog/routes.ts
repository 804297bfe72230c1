/** The shop front: who we are, what we offer, what it costs. */
import { Router } from 'express'
import { page } from '../../shared/http/page.js'
import { exponentOf } from '../../shared/money/currency.js'
import { amountOf } from '../../shared/money/rate.js'
import { currentTenant } from '../../shared/tenancy/context.js'
import { formatMoney } from '../../shared/views/format.js'
import { meterExamples, planGroups } from './pages.js'
import { Plan } from './plan.js'

export const catalogRoutes = Router()

async function shop(): Promise<{ groups: ReturnType<typeof planGroups>; examples: ReturnType<typeof meterExamples>; shopName: string; smallestCredit: string }> {
  const { locale, brand, currency } = currentTenant()
  const plans = await Plan.offered()
  return { groups: planGroups(plans, locale), examples: meterExamples(plans, (plan, seconds) => amountOf(plan.rate, seconds), locale), shopName: brand.companyName, smallestCredit: formatMoney(5 * 10 ** exponentOf(currency), currency, locale) }
}

catalogRoutes.get('/', async (req, res) => page(req, res, 'tenant/catalog/home', await shop(), { title: 'Cloud workspaces by the hour' }))
catalogRoutes.get('/workspaces/plans', async (req, res) => page(req, res, 'tenant/catalog/plans', await shop(), { title: 'Plans and prices' }))
