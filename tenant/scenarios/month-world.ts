/**
 * Three shops with twenty customers and two hundred workspaces, their servers simulated with a bad day every day, and a month that passes in minutes.
 * acme and globex share the platform's Kasm; initech brings a gateway of its own. `tick` is what a minute does: poll, sweep and comparison with the servers, then
 * all due jobs, and four seconds later those that became due by them; each fifth tick also whatever else workspaces do each minute (budgets, access, automatic
 * stops, schedules). `night` is the whole timetable, at one instant.
 */
import { overrideConfig } from '../../shared/config.js'
import { withActor } from '../../shared/events/actor.js'
import { runDueJobs } from '../../shared/jobs/run-due-jobs.js'
import { runSchedules, schedules } from '../../shared/jobs/timetable.js'
import { newPublicId } from '../../shared/security/token.js'
import type { Chaos } from '../../shared/simulators/kasm/faults.js'
import { GatewaySimulator } from '../../shared/simulators/kasm/gateway-simulator.js'
import { KasmSimulator } from '../../shared/simulators/kasm/kasm-simulator.js'
import type { WorkspaceServer } from '../../shared/simulators/kasm/server.js'
import { SmtpCatcher } from '../../shared/simulators/smtp.js'
import { closePdf } from '../../shared/pdf/render-pdf.js'
import { runAsPlatform, runInTenant } from '../../shared/tenancy/context.js'
import type { Tenant } from '../../shared/tenancy/tenant.js'
import { makeTestTenant, setClock } from '../../shared/testing/world.js'
import { clock } from '../../shared/time/clock.js'
import { addCredit } from '../billing/credit/add-credit.js'
import { Plan } from '../catalog/plan.js'
import { recommendedPlans, seedCatalog } from '../catalog/seed-plans.js'
import { Customer } from '../customers/customer.js'
import { forgetSightings } from '../kasm/provider/sightings.js'
import { seedTemplates } from '../kasm/templates/seed-templates.js'
import { Template } from '../kasm/templates/template.js'
import { placeOrder } from '../ordering/place-order.js'
import { newCustomer, usd, useBillingWorld, type BillingWorld } from './billing-world.js'
import '../timetable.js'

export interface Buyer { readonly tenant: Tenant; readonly id: number }
export interface MonthWorld extends BillingWorld {
  kasm: KasmSimulator
  gateway: GatewaySimulator
  /** Of the workspaces' shops, in their order. */
  shops: Tenant[]
  servers: WorkspaceServer[]
  /** Customers with credit, spread over the shops. */
  buyers(count: number): Promise<Buyer[]>
  /** Orders one more workspace of any of the six types. */
  order(buyer: Buyer, number: number): Promise<void>
  tick(at: Date): Promise<void>
  night(at: Date): Promise<void>
  /** So many of a hundred calls fail from now on, the same ones for the same seed. */
  chaos(percent: number, seed: number): void
}
const GATEWAY_OF = 'initech'
const dense: ReadonlySet<string> = new Set(['kasm.poll', 'kasm.sweep', 'kasm.reconcile'])

export function useMonthWorld(): MonthWorld {
  const world = useBillingWorld(true) as MonthWorld
  const now = () => clock.real().getTime()
  world.kasm = new KasmSimulator({ now, runningAfterLooks: 1 })
  world.gateway = new GatewaySimulator({ now, runningAfterLooks: 1 })
  world.servers = [world.kasm, world.gateway]
  let post: SmtpCatcher
  before(async function () {
    this.timeout(60_000)
    post = await new SmtpCatcher().start()
    overrideConfig({ SMTP_URL: post.url })
    for (const server of world.servers) await server.up()
    const initech = await makeTestTenant(GATEWAY_OF, 3)
    world.directory.put(initech)
    world.shops = [world.acme, world.globex, initech]
    connect(world)
    setClock('2026-10-31T22:00:00.000Z')
    for (const tenant of world.shops) await world.as(tenant, async () => {
      await seedCatalog(tenant)
      await seedTemplates()
    })
  })
  after(async () => {
    await Promise.all([...world.servers.map((s) => s.down()), post.stop(), closePdf()])
  })
  return Object.assign(world, buying(world), passing(world), { chaos: (percent: number, seed: number) => spoilCalls(world, { percent, seed }) })
}

/** Answers are waited for a quarter of a second: the simulator is in this process, and one call in forty hangs. */
function connect(world: MonthWorld): void {
  const keys = (server: WorkspaceServer) => ({ apiKey: server.settings.apiKey, apiKeySecret: server.settings.apiKeySecret })
  const settings = { timeoutMs: 250, callsPerMinute: 1_000_000 }
  world.directory.connect({ id: 1, baseUrl: world.kasm.url, secrets: keys(world.kasm), settings })
  world.directory.connect({ id: 2, baseUrl: world.gateway.url, secrets: keys(world.gateway), settings: { ...settings, api: 'gateway' } }, GATEWAY_OF)
  forgetSightings()
}

function spoilCalls(world: MonthWorld, chaos: Chaos): void {
  for (const server of world.servers) server.settings.chaos = chaos
}

function buying(world: MonthWorld): Pick<MonthWorld, 'buyers' | 'order'> {
  return {
    buyers: async (count) => {
      const made: Buyer[] = []
      for (let n = 0; n < count; n++) {
        const tenant = world.shops[n % world.shops.length]!
        made.push(await world.as(tenant, async () => {
          const id = await newCustomer({ email: `customer-${n}@example.com`, name: `Customer ${n}` })
          await addCredit({ userId: id, amount: usd(500_000), key: `gift:${n}`, description: 'Paid in by transfer' })
          return { tenant, id }
        }))
      }
      return made
    },
    order: ({ tenant, id }, number) => world.as(tenant, async () => {
      const plan = await Plan.findOwned<Plan>({ slug: recommendedPlans[number % recommendedPlans.length]!.slug })
      const templates = await Template.offeredFor(plan)
      const templateId = templates[number % templates.length]!.id
      await placeOrder(await Customer.findOwned<Customer>({ id }), plan, { checkoutKey: newPublicId(), templateId, name: `box-${number}`, planVersion: plan.version })
    }),
  }
}

function passing(world: MonthWorld): Pick<MonthWorld, 'tick' | 'night'> {
  let ticks = 0
  const eachMinute = () => schedules().filter((s) => dense.has(s.name) || (ticks % 5 === 0 && s.name.startsWith('kasm.') && s.every === '1 minute'))
  const minute = async (tenant: Tenant, now: Date) => {
    for (const { name, run } of eachMinute()) await runInTenant(tenant, () => withActor({ kind: 'system' }, () => run(now)), `schedule-${name}`)
  }
  const jobs = async () => {
    while (await runDueJobs()) { /* jobs make jobs */ }
  }
  return {
    tick: (at) => runAsPlatform(async () => {
      setClock(at)
      ticks++
      for (const tenant of world.shops) await minute(tenant, at)
      await jobs()
      setClock(new Date(at.getTime() + 4000))
      await jobs()
    }),
    night: (at) => runAsPlatform(async () => {
      setClock(at)
      for (const tenant of world.shops) await runSchedules(tenant, at)
      await jobs()
    }),
  }
}

