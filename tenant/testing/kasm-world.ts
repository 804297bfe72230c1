/** For tests of workspaces: the two-tenant world, a simulated Kasm that acme and globex are connected to, a customer with a plan, and time that moves. */
import { runDueJobs } from '../../shared/jobs/run-due-jobs.js'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { newPublicId } from '../../shared/security/token.js'
import { KasmSimulator } from '../../shared/simulators/kasm.js'
import { MemoryDirectory } from '../../shared/testing/memory-directory.js'
import { setClock, useWorld, type World } from '../../shared/testing/world.js'
import type { Tenant } from '../../shared/tenancy/tenant.js'
import { clock } from '../../shared/time/clock.js'
import '../kasm/jobs.js'
import { forgetSightings } from '../kasm/provider/sightings.js'
import { orderWorkspace } from '../kasm/order-workspace.js'
import { seedTemplates } from '../kasm/templates/seed-templates.js'
import { Template } from '../kasm/templates/template.js'
import { UsageSession } from '../kasm/metering/usage-session.js'
import { Workspace } from '../kasm/workspace.js'
import { Service } from '../services/service.js'

export const START = '2026-11-10T09:00:00.000Z'

export interface Bought { service: Service; workspace: Workspace }
export interface KasmWorld extends World {
  kasm: KasmSimulator
  /** A customer with a payment method's worth of credit in the ledger is not needed here: verbs ask the ledger. Answers the row's id. */
  customer(tenant?: Tenant, email?: string): Promise<number>
  plan(tenant?: Tenant, slug?: string): Promise<number>
  /** Orders a Developer Basic workspace; nothing is done yet. */
  order(tenant?: Tenant, userId?: number): Promise<Bought>
  /** The same, then everything due, until it runs or is given up. */
  running(tenant?: Tenant): Promise<Bought>
  /** Moves the clock and does what has become due. */
  later(seconds: number): Promise<void>
  /** Both rows as they are now. */
  fresh(bought: Bought, tenant?: Tenant): Promise<Bought>
  sessions(tenant?: Tenant): Promise<UsageSession[]>
  events(tenant?: Tenant): Promise<string[]>
}

export function useKasmWorld(): KasmWorld {
  const world = useWorld() as KasmWorld
  world.kasm = new KasmSimulator({ now: () => clock.real().getTime() })
  before(() => world.kasm.up())
  after(() => world.kasm.down())
  beforeEach(async () => {
    await world.clean()
    world.kasm.reset()
    Object.assign(world.kasm.settings, { powerCalls: 'api', runningAfterLooks: 2 })
    connect(world, {})
    setClock(START)
  })
  Object.assign(world, verbs(world))
  return world
}

/** Connects every tenant to the simulator, with these settings. */
export function connect(world: KasmWorld, settings: Record<string, unknown>): void {
  const { apiKey, apiKeySecret } = world.kasm.settings
  world.directory.connected.length = 0
  world.directory.connect({ baseUrl: world.kasm.url, secrets: { apiKey, apiKeySecret }, settings: { timeoutMs: 10_000, ...settings } })
  forgetSightings()
}

/** How often somebody asked for a shop's connections since this call. */
export function countingLookUps(world: KasmWorld): () => number {
  const ask = MemoryDirectory.prototype.providers
  let asked = 0
  world.directory.providers = function (this: MemoryDirectory, ...given) {
    asked++
    return ask.apply(this, given)
  }
  return () => asked
}

function verbs(world: KasmWorld) {
  const insert = async (table: string, row: Record<string, unknown>) => ((await tenantDb()(table).insert(row)) as number[])[0]!
  const dated = () => ({ created_at: clock.now(), updated_at: clock.now() })
  return {
    customer: (tenant = world.acme, email = `c${newPublicId()}@example.com`) => world.as(tenant, async () => {
      const id = await insert('users', { public_id: newPublicId(), email, name: 'Casey Customer', currency: 'USD', time_zone: 'UTC', locale: 'en', email_verified_at: clock.now(), ...dated() })
      const account = (await tenantDb()('gateway_accounts').first('id') as { id: number } | undefined)?.id ?? await insert('gateway_accounts', { public_id: newPublicId(), gateway: 'stripe', mode: 'test', secret_sealed: 'x', ...dated() })
      await insert('payment_methods', { public_id: newPublicId(), user_id: id, gateway_account_id: account, gateway_customer_id: `cus_${id}`, gateway_method_id: `pm_${id}`, brand: 'visa', last4: '4242', ...dated() })
      return id
    }),
    plan: (tenant = world.acme, slug = 'developer_basic') => world.as(tenant, async () => {
      const known = await tenantDb()('plans').where({ slug }).first('id') as { id: number } | undefined
      return known?.id ?? insert('plans', { public_id: newPublicId(), slug, name: 'Developer Basic', service_type: 'kasm_workspace', billing_cycle: 'hourly', currency: 'USD', price_micros: 200_000, wholesale_sku: `kasm.${slug}`, kasm_workspace_type: slug, vcpu: 2, ram_mb: 4096, ...dated() })
    }),
    async order(tenant = world.acme, userId?: number): Promise<Bought> {
      const owner = userId ?? await world.customer(tenant)
      const planId = await world.plan(tenant)
      return world.as(tenant, async () => {
        await seedTemplates()
        const template = (await Template.query().findOne({ workspace_type: 'developer' }))!
        return tenantTransaction(async () => {
          const service = await Service.query().insertAndFetch({ publicId: newPublicId(), userId: owner, planId, serviceType: 'kasm_workspace', name: 'api-box', status: 'provisioning', currency: 'USD', priceMicros: 200_000 })
          return { service, workspace: await orderWorkspace(service, { slug: 'developer_basic', vcpu: 2, ramMb: 4096 }, template) }
        })
      })
    },
    async running(tenant = world.acme): Promise<Bought> {
      const bought = await world.order(tenant)
      await runDueJobs()
      for (let n = 0; n < 5; n++) await world.later(3)
      return world.fresh(bought, tenant)
    },
    async later(seconds: number) {
      setClock(new Date(clock.real().getTime() + seconds * 1000))
      await runDueJobs()
    },
    fresh: (bought: Bought, tenant = world.acme) => world.as(tenant, async () => ({
      service: await Service.findOwned({ id: bought.service.id }), workspace: await Workspace.findOwned({ id: bought.workspace.id }),
    })),
    sessions: (tenant = world.acme) => world.as(tenant, () => UsageSession.query().orderBy('id')),
    events: (tenant = world.acme) => world.as(tenant, async () => tenantDb()('events').orderBy('id').pluck('type') as Promise<string[]>),
  }
}
