/** How workspaces appear among services, and what they do when their service is suspended or ends. */
import type { Period } from '../../shared/time/period.js'
import { registerDriver, type ServiceCard, type ServiceDriver } from '../services/driver.js'
import type { Service } from '../services/service.js'
import { registerUsageSource } from '../billing/usage/usage-source.js'
import { cardActions } from './page/actions.js'
import { billingSource } from './billing-source.js'
import { monthUse } from './metering/month-use.js'
import { stopSuspended } from './suspend-workspace.js'
import { terminateWorkspace } from './terminate-workspace.js'
import { nudgeAccess } from './user-access.js'
import { Workspace } from './workspace.js'

export const KASM = 'kasm_workspace'

const workspaceOf = (service: Service) => Workspace.query().findOne({ serviceId: service.id })

/** A workspace is set up by its own order (order-workspace.ts), not by provision: it costs nothing until it runs. */
export const kasmDriver: ServiceDriver = {
  serviceType: KASM,
  async suspend(service: Service, now: Date) {
    const workspace = await workspaceOf(service)
    if (workspace) await stopSuspended(workspace, now)
  },
  async unsuspend(service: Service) {
    const workspace = await workspaceOf(service)
    if (workspace) await nudgeAccess(workspace.id)
  },
  async terminate(service: Service, now: Date) {
    const workspace = await workspaceOf(service)
    if (workspace && !workspace.refusalToTerminate(now)) await terminateWorkspace(workspace, now)
  },
  async cards(services: readonly Service[], _month: Period, now: Date) {
    const workspaces = await Workspace.query().whereIn('service_id', services.map((s) => s.id))
    const use = await monthUse(services, now)
    const byId = new Map(services.map((s) => [s.id, s]))
    return new Map(workspaces.map((w): [number, ServiceCard] => [w.serviceId, {
      state: w.status, summary: `${w.templateName} · ${w.vcpu} vCPU · ${w.ramMb / 1024} GB RAM`, monthCost: use?.of.get(w.serviceId)?.cost ?? null, monthSeconds: use?.of.get(w.serviceId)?.seconds ?? null,
      note: w.statusMessage, icon: 'device-desktop', actions: cardActions(byId.get(w.serviceId)!, w, now),
    }]))
  },
}

/** Called by every process that serves or bills: tenant/app.ts mounts through it, tenant/timetable.ts runs it. */
export function registerKasm(): void {
  registerDriver(kasmDriver)
  registerUsageSource(billingSource)
}
