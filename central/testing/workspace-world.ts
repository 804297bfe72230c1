/** For tests of the desk: workspaces and runs as rows, without a server. Runs inside the tenant. */
import { tenantDb } from '../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { newPublicId } from '../../shared/security/token.js'
import { clock } from '../../shared/time/clock.js'
import { Plan } from '../../tenant/catalog/plan.js'
import { UsageSession } from '../../tenant/kasm/metering/usage-session.js'
import { orderWorkspace } from '../../tenant/kasm/order-workspace.js'
import { seedTemplates } from '../../tenant/kasm/templates/seed-templates.js'
import { Template } from '../../tenant/kasm/templates/template.js'
import { Workspace, type WorkspaceStatus } from '../../tenant/kasm/workspace.js'
import { Service } from '../../tenant/services/service.js'

export interface Wanted {
  name?: string
  email?: string
  type?: string
  status?: WorkspaceStatus
  userId?: number
  region?: string
  server?: number
  /** Opens a run at that moment, seen until now. */
  runningSince?: string
}
export interface Made { service: Service; workspace: Workspace; userId: number }

async function newUser(email: string): Promise<number> {
  const now = clock.now()
  const [id] = await tenantDb()('users').insert({ public_id: newPublicId(), email, name: 'Casey Customer', currency: 'USD', time_zone: 'UTC', locale: 'en', country: 'US', email_verified_at: now, created_at: now, updated_at: now }) as number[]
  return id!
}

/** One workspace in the state asked for (default: stopped), with an active service at its plan's price. */
export async function newWorkspace({ name = 'api-box', email = `c${newPublicId()}@mail.example`, type = 'developer_basic', status = 'stopped', userId, region, server, runningSince }: Wanted = {}): Promise<Made> {
  await seedTemplates()
  const owner = userId ?? await newUser(email)
  const plan = (await Plan.query().findOne({ slug: type }))!
  const template = (await Template.offeredFor(plan))[0]!
  return tenantTransaction(async () => {
    const service = await Service.query().insertAndFetch({ publicId: newPublicId(), userId: owner, planId: plan.id, serviceType: 'kasm_workspace', name, status: 'active', currency: plan.currency, priceMicros: plan.priceMicros })
    const made = await orderWorkspace(service, plan, template)
    const state = runningSince ? 'running' : status
    const workspace = await made.$query().patchAndFetch({ status: state, nextAttemptAt: null, provisionedAt: clock.now(), ...(region ? { region } : {}), ...(server ? { providerConnectionId: server } : {}), ...(runningSince ? { kasmWorkspaceId: newPublicId(), lastStartedAt: new Date(runningSince) } : {}) })
    if (runningSince) await newRun(workspace, service, runningSince)
    return { service, workspace, userId: owner }
  })
}

/** A run as the meter would have written it, seen until its end or until now. */
export async function newRun(workspace: Workspace, service: Service, from: string, to?: string): Promise<UsageSession> {
  const at = new Date(from)
  const run = await UsageSession.query().insertAndFetch({
    kasmWorkspaceId: workspace.id, kasmSessionId: newPublicId(), startedAt: at, lastSeenAt: to ? new Date(to) : clock.now(), costPerHourMicros: service.priceMicros, currency: service.currency,
    wholesaleSku: `kasm.${workspace.workspaceType}`, startedBy: 'customer', createdAt: at, updatedAt: at,
  })
  if (to) await tenantTransaction(() => run.close(new Date(to), 'customer', new Date(to)))
  return (await UsageSession.query().findById(run.id))!
}

/** Its set-up was given up after eight tries. */
export async function newFailed(wanted: Wanted = {}): Promise<Made> {
  const made = await newWorkspace({ ...wanted, status: 'failed' })
  const service = await made.service.$query().patchAndFetch({ status: 'failed', provisionAttempts: 8, failureCode: 'no-resources', failureReason: 'The server said: no resources.' })
  return { ...made, service, workspace: await made.workspace.$query().patchAndFetch({ provisionedAt: null as never }) }
}
