/**
 * A whole shop for months in minutes: simulated Stripe and Kasm outside, the real timetable and reactions inside. `until(instant)` moves the clock in steps
 * and at each step lets every schedule and every due job of both shops run, stripped of any tenant, as a worker would.
 */
import { tenantDb } from '../../shared/database/tenant-database.js'
import { runDueJobs } from '../../shared/jobs/run-due-jobs.js'
import { runSchedules } from '../../shared/jobs/timetable.js'
import { overrideConfig } from '../../shared/config.js'
import { SmtpCatcher } from '../../shared/simulators/smtp.js'
import { closePdf } from '../../shared/pdf/render-pdf.js'
import { KasmSimulator } from '../../shared/simulators/kasm.js'
import { newPublicId } from '../../shared/security/token.js'
import { runAsPlatform } from '../../shared/tenancy/context.js'
import { setClock } from '../../shared/testing/world.js'
import { clock } from '../../shared/time/clock.js'
import { Plan } from '../catalog/plan.js'
import { seedCatalog } from '../catalog/seed-plans.js'
import type { Customer } from '../customers/customer.js'
import { forgetSightings } from '../kasm/provider/sightings.js'
import { seedTemplates } from '../kasm/templates/seed-templates.js'
import { startWorkspace } from '../kasm/start-workspace.js'
import { stopWorkspace } from '../kasm/stop-workspace.js'
import { Template } from '../kasm/templates/template.js'
import { Workspace } from '../kasm/workspace.js'
import { placeOrder } from '../ordering/place-order.js'
import { Service } from '../services/service.js'
import { usePaymentWorld, type PaymentWorld } from '../testing/payment-world.js'
import '../timetable.js'

export interface ShopWorld extends PaymentWorld {
  kasm: KasmSimulator
  post: SmtpCatcher
  /** Moves on to the instant, at most `stepHours` at a time; everything due happens on the way. */
  until(instant: string, stepHours?: number): Promise<void>
  /** Everything due now, also what it makes due, without moving the clock by more than seconds. */
  settle(): Promise<void>
  order(customer: Customer, slug?: string, name?: string): Promise<Service>
  start(service: Service): Promise<void>
  stop(service: Service): Promise<void>
}

export function useShopWorld(): ShopWorld {
  const world = usePaymentWorld() as ShopWorld
  world.kasm = new KasmSimulator({ runningAfterLooks: 1 })
  before(async () => {
    world.post = await new SmtpCatcher().start()
    overrideConfig({ SMTP_URL: world.post.url })
    await world.kasm.up()
  })
  after(async () => {
    await Promise.all([world.kasm.down(), world.post.stop(), closePdf()])
  })
  beforeEach(async () => {
    world.kasm.reset()
    world.post.clear()
    const { apiKey, apiKeySecret } = world.kasm.settings
    world.directory.connect({ baseUrl: world.kasm.url, secrets: { apiKey, apiKeySecret }, settings: { timeoutMs: 2000 } })
    forgetSightings()
    await world.in(async () => {
      await seedCatalog(world.acme)
      await seedTemplates()
    })
  })
  return Object.assign(world, moving(world), buying())
}

/** A leap of these tests is no outage: each minute's look saw what runs, up to a minute ago. Tests of outages move the clock themselves. */
async function lookedAllTheWhile(world: ShopWorld): Promise<void> {
  const lately = new Date(clock.real().getTime() - 60_000)
  for (const tenant of [world.acme, world.globex]) await world.as(tenant, async () => {
    await tenantDb()('kasm_usage_sessions').whereNull('stopped_at').where('last_seen_at', '<', lately).update({ last_seen_at: lately })
  })
}

function moving(world: ShopWorld): Pick<ShopWorld, 'until' | 'settle'> {
  const turn = () => runAsPlatform(async () => {
    await lookedAllTheWhile(world)
    for (const tenant of [world.acme, world.globex]) await runSchedules(tenant, clock.real())
    while (await runDueJobs()) { /* jobs make jobs */ }
  })
  return {
    until: async (instant, stepHours = 240) => {
      const end = Date.parse(instant)
      while (clock.real().getTime() < end) {
        setClock(new Date(Math.min(end, clock.real().getTime() + stepHours * 3_600_000)))
        await turn()
      }
    },
    settle: async () => {
      for (let i = 0; i < 3; i++) {
        await turn()
        setClock(new Date(clock.real().getTime() + 4000))
      }
      await turn()
    },
  }
}

function buying(): Pick<ShopWorld, 'order' | 'start' | 'stop'> {
  const workspaceOf = (service: Service) => Workspace.findOwned({ serviceId: service.id })
  return {
    order: async (customer, slug = 'developer_basic', name = 'api-box') => {
      const plan = await Plan.findOwned({ slug })
      const [template] = await Template.offeredFor(plan)
      return placeOrder(customer, plan, { checkoutKey: newPublicId(), templateId: template!.id, name, planVersion: plan.version })
    },
    start: async (service) => startWorkspace(await workspaceOf(service), await Service.findOwned({ id: service.id })),
    stop: async (service) => stopWorkspace(await workspaceOf(service)),
  }
}
