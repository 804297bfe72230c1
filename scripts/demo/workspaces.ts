/** Two workspaces of the demo's customer with six weeks of use behind them, so that months, charts and receipts have something to show. Safe to repeat. */
import { tenantDb } from '../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { refusalIn } from '../../shared/errors.js'
import { clock } from '../../shared/time/clock.js'
import { Plan } from '../../tenant/catalog/plan.js'
import { Customer } from '../../tenant/customers/customer.js'
import { UsageSession } from '../../tenant/kasm/metering/usage-session.js'
import { recordSession } from '../../tenant/kasm/metering/wholesale-slices.js'
import { stopWorkspace } from '../../tenant/kasm/stop-workspace.js'
import { Template } from '../../tenant/kasm/templates/template.js'
import { Workspace } from '../../tenant/kasm/workspace.js'
import { placeOrder } from '../../tenant/ordering/place-order.js'
import type { Service } from '../../tenant/services/service.js'

const DAY_MS = 86_400_000
const DAYS = 42
const wanted = [{ slug: 'developer_basic', name: 'api-box' }, { slug: 'business_basic', name: 'office-desk' }] as const

/** Ordered as a customer would; in front of the worker's first look, so nothing runs yet. False: they were there. */
export async function orderWorkspaces(email: string): Promise<boolean> {
  const customer = await Customer.withEmail(email)
  if (!customer || (await Workspace.query().findOne({ userId: customer.id }))) return false
  for (const [n, { slug, name }] of wanted.entries()) {
    const plan = await Plan.query().findOne({ slug, status: 'active' })
    const [template] = plan ? await Template.offeredFor(plan) : []
    if (!plan || !template) continue
    const service = await placeOrder(customer, plan, { checkoutKey: `demo-${slug}`, templateId: template.id, name, planVersion: plan.version })
    await rememberUse(service, await Workspace.findOwned({ serviceId: service.id }), n)
  }
  return true
}

/** On weekdays, between half an hour and four hours. Each run goes through the meter like any other. */
async function rememberUse(service: Service, workspace: Workspace, n: number): Promise<void> {
  const midnight = Math.floor(clock.now().getTime() / DAY_MS) * DAY_MS
  for (let day = DAYS; day > 0; day--) {
    const start = new Date(midnight - day * DAY_MS + (8 * 60 + ((day * 37 + n * 55) % 150)) * 60_000)
    if ([0, 6].includes(start.getUTCDay()) || (day + n) % 5 === 0) continue
    const stop = new Date(start.getTime() + (28 + ((day * 53 + n * 71) % 205)) * 60_000)
    const id = await tenantTransaction(async () => {
      const run = await UsageSession.open(workspace, service, `demo-${day}`, 'customer', start)
      await tenantDb()('kasm_usage_sessions').where({ id: run.id }).update({ last_seen_at: stop })
      await run.close(stop, 'customer', stop)
      return run.id
    })
    await recordSession(id)                                         // at once, so that the first night's audit finds it told
  }
  const since = new Date(midnight - (DAYS + 1) * DAY_MS)
  await tenantDb()('services').where({ id: service.id }).update({ created_at: since })
  await tenantDb()('kasm_workspaces').where({ id: workspace.id }).update({ created_at: since })
}

/** Of the two just ordered the second is stopped as soon as it runs, so that the demo shows one of each. True: done, or nothing to do any more. */
export async function stopSecond(email: string): Promise<boolean> {
  const customer = await Customer.withEmail(email)
  const [, second] = customer ? await Workspace.query().where({ userId: customer.id }).orderBy('id') : []
  if (!second || !['provisioning', 'starting', 'running'].includes(second.status)) return true
  if (second.status !== 'running') return false
  await refusalIn(() => stopWorkspace(second))
  return true
}
