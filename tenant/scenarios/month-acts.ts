/** What two hundred workspaces' owners and servers do in a month: a row of acts that a seed repeats. A refusal is an answer like any other and is counted. */
import { FormErrors, Refusal } from '../../shared/errors.js'
import type { WorkspaceServer } from '../../shared/simulators/kasm/server.js'
import type { Tenant } from '../../shared/tenancy/tenant.js'
import { archiveWorkspace } from '../kasm/archive-workspace.js'
import { changeWorkspace, choicesOfChange } from '../kasm/change-workspace.js'
import { pauseWorkspace } from '../kasm/pause-workspace.js'
import { restartWorkspace } from '../kasm/restart-workspace.js'
import { restoreWorkspace } from '../kasm/restore-workspace.js'
import { startWorkspace } from '../kasm/start-workspace.js'
import { stopWorkspace } from '../kasm/stop-workspace.js'
import { terminateWorkspace } from '../kasm/terminate-workspace.js'
import { Workspace, type WorkspaceStatus } from '../kasm/workspace.js'
import { Service } from '../services/service.js'
import type { MonthWorld } from './month-world.js'

type Act = 'start' | 'stop' | 'restart' | 'pause' | 'change' | 'archive' | 'restore' | 'terminate' | 'vanish' | 'twice' | 'nothing'
/** Of a hundred, what an owner wishes of a workspace in this state. */
const wishes: Partial<Record<WorkspaceStatus, ReadonlyArray<readonly [Act, number]>>> = {
  running: [['stop', 52], ['twice', 8], ['restart', 12], ['pause', 12], ['change', 5], ['vanish', 8], ['archive', 2], ['terminate', 1]],
  stopped: [['start', 84], ['twice', 8], ['change', 5], ['archive', 3]],
  paused: [['start', 90], ['archive', 10]],
  failed: [['start', 100]],
  archived: [['restore', 60], ['nothing', 40]],
  starting: [['stop', 4], ['nothing', 96]],
  stopping: [['archive', 4], ['nothing', 96]],
}

export class Crowd {
  readonly counts: Partial<Record<Act | 'refused', number>> = {}
  /** `roll(most)`: a whole number from 1 to `most`. */
  constructor(private readonly world: MonthWorld, private readonly roll: (most: number) => number) {}

  /** So many owners, of any shop, do something now. */
  async act(times: number): Promise<void> {
    for (let n = 0; n < times; n++) {
      const tenant = this.world.shops[this.roll(this.world.shops.length) - 1]!
      await this.world.as(tenant, async () => {
        const ids = (await Workspace.query().select('id').whereNotIn('status', ['terminating', 'terminated']).orderBy('id')).map((w) => w.id)
        if (ids.length) await this.#one(tenant, await Workspace.findOwned<Workspace>({ id: ids[this.roll(ids.length) - 1]! }))
      })
    }
  }
  /** Evening: of a hundred that run or are paused, so many are stopped. */
  async goHome(percent: number): Promise<void> {
    for (const tenant of this.world.shops) await this.world.as(tenant, async () => {
      for (const workspace of await Workspace.query().whereIn('status', ['running', 'starting']).orderBy('id')) if (this.roll(100) <= percent) await this.#do('stop', tenant, workspace)
    })
  }

  async #one(tenant: Tenant, workspace: Workspace): Promise<void> {
    let left = this.roll(100)
    const [act] = (wishes[workspace.status] ?? []).find(([, share]) => (left -= share) <= 0) ?? ['nothing' as const]
    await this.#do(act, tenant, workspace)
  }
  async #do(act: Act, tenant: Tenant, workspace: Workspace): Promise<void> {
    this.#count(act)
    await this.#perform(act, tenant, workspace).catch((error: unknown) => {
      if (!(error instanceof Refusal) && !(error instanceof FormErrors)) throw error
      this.#count('refused')
    })
  }
  #count(what: Act | 'refused'): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1
  }
  async #perform(act: Act, tenant: Tenant, workspace: Workspace): Promise<void> {
    const service = await Service.findOwned<Service>({ id: workspace.serviceId })
    switch (act) {
      case 'start': return startWorkspace(workspace, service)
      case 'stop': return stopWorkspace(workspace)
      case 'restart': return restartWorkspace(workspace, service)
      case 'pause': return pauseWorkspace(workspace)
      case 'change': return this.#change(workspace, service)
      case 'archive': return archiveWorkspace(workspace)
      case 'restore': return restoreWorkspace(workspace, service)
      case 'terminate': return terminateWorkspace(workspace)
      case 'vanish': return this.#serverOf(tenant).kill(workspace.kasmWorkspaceId ?? '')
      case 'twice': return this.#twice(tenant, workspace)
      case 'nothing': return
    }
  }
  /** Two clicks in the same moment, each with its own copy of the row: one of them is told that it was second. */
  async #twice(tenant: Tenant, { id, serviceId, status }: Workspace): Promise<void> {
    const click = () => this.world.as(tenant, async () => {
      const workspace = await Workspace.findOwned<Workspace>({ id })
      return status === 'running' ? stopWorkspace(workspace) : startWorkspace(workspace, await Service.findOwned<Service>({ id: serviceId }))
    })
    const refused = (await Promise.allSettled([click(), click()])).filter((answer): answer is PromiseRejectedResult => answer.status === 'rejected')
    for (const { reason } of refused) if (!(reason instanceof Refusal)) throw reason
    if (refused.length === 0) throw new Error(`Two clicks on workspace ${id} (${status}) were both accepted.`)
  }
  async #change(workspace: Workspace, service: Service): Promise<void> {
    const choices = await choicesOfChange(workspace, service)
    const choice = choices[this.roll(choices.length) - 1]!
    await changeWorkspace(workspace, service, { planId: choice.plan.id, templateId: choice.templates[0]!.id })
  }
  #serverOf(tenant: Tenant): WorkspaceServer {
    return tenant === this.world.shops[2] ? this.world.gateway : this.world.kasm
  }
}
