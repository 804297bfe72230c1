/** What happens to workspaces and is told to the shop's own people. Read by tenant/reactions.ts. */
import type { RecordedEvent } from '../../../shared/events/event.js'
import { on } from '../../../shared/events/reactions.js'
import { Customer } from '../../customers/customer.js'
import { Service } from '../../services/service.js'
import { Workspace } from '../workspace.js'
import type { News } from './alert.js'
import { raiseAlert } from './raise-alert.js'

type Told = Pick<News, 'kind' | 'level' | 'title' | 'message'>

const told: Readonly<Record<string, Told>> = {
  'service.provisioning-failed': { kind: 'setup-failed', level: 'error', title: 'A workspace could not be set up', message: 'It waits for a person: try again, or end it.' },
  'workspace.start-failed': { kind: 'start-failed', level: 'error', title: 'A workspace could not be started', message: 'Nothing was charged and the files are safe. The customer can start it again.' },
  'workspace.stuck': { kind: 'stuck', level: 'warning', title: 'A workspace waits for its server', message: 'We keep trying.' },
  'workspace.budget-stopped': { kind: 'budget', level: 'warning', title: 'A budget has stopped a workspace', message: 'The customer’s budget for this month is used up. The files are safe.' },
}

/** The facts as they are now; repeatable. */
async function tell(event: RecordedEvent): Promise<void> {
  if (event.subjectId === null) return                                // a budget of all a customer's workspaces: their own letter tells them
  const workspace = await Workspace.findOwned<Workspace>({ id: event.subjectId })
  const service = await Service.findOwned<Service>({ id: workspace.serviceId })
  const customer = await Customer.findOwned<Customer>({ id: workspace.userId })
  const { reason, attempts } = event.data as { reason?: unknown; attempts?: unknown }
  const { message, ...rest } = told[event.type]!
  await raiseAlert({
    ...rest, subject: `workspace:${workspace.id}`, message: typeof reason === 'string' ? `${reason} ${message}` : message, href: `/workspaces/${service.publicId}`,
    fields: { workspace: service.name, customer: customer.email, type: workspace.workspaceType, ...(typeof attempts === 'number' ? { tries: attempts } : {}) },
  })
}

export function registerAlertReactions(): void {
  for (const type of Object.keys(told)) on(type, 'alert the shop', tell)
}
