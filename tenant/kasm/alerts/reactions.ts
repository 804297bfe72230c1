/** What happens to workspaces and is told to the shop's own people. Read by tenant/reactions.ts. */
import type { RecordedEvent } from '../../../shared/events/event.js'
import { on } from '../../../shared/events/reactions.js'
import { Customer } from '../../customers/customer.js'
import { Service } from '../../services/service.js'
import { Workspace } from '../workspace.js'
import type { News } from './alert.js'
import { alertOfDispute, disputeEvents } from './dispute-alerts.js'
import { raiseAlert } from './raise-alert.js'

type Told = Pick<News, 'kind' | 'level' | 'title' | 'message'>

const told: Readonly<Record<string, Told>> = {
  'service.provisioning-failed': { kind: 'setup-failed', level: 'error', title: 'A workspace could not be set up', message: 'It waits for a person: try again, or end it.' },
  'workspace.start-failed': { kind: 'start-failed', level: 'error', title: 'A workspace could not be started', message: 'Nothing was charged and the files are safe. The customer can start it again.' },
  'workspace.stuck': { kind: 'stuck', level: 'warning', title: 'A workspace waits for its server', message: 'We keep trying.' },
  'workspace.budget-stopped': { kind: 'budget', level: 'warning', title: 'A budget has stopped a workspace', message: 'The customer’s budget for this month is used up. The files are safe.' },
}

/** The facts as they are now; repeatable. A budget for all of a customer's workspaces names none of them. */
async function tell(event: RecordedEvent): Promise<void> {
  const { message, ...rest } = told[event.type]!
  const { reason, attempts } = event.data as { reason?: unknown; attempts?: unknown }
  const about = event.subjectId === null ? await customerFacts(event.userId) : await workspaceFacts(event.subjectId)
  await raiseAlert({
    ...rest, ...about, message: typeof reason === 'string' ? `${reason} ${message}` : message, fields: { ...about.fields, ...(typeof attempts === 'number' ? { tries: attempts } : {}) },
  })
}

type About = Required<Pick<News, 'subject' | 'href' | 'fields'>>

async function workspaceFacts(id: number): Promise<About> {
  const workspace = await Workspace.findOwned<Workspace>({ id })
  const service = await Service.findOwned<Service>({ id: workspace.serviceId })
  const customer = await Customer.findOwned<Customer>({ id: workspace.userId })
  return { subject: `workspace:${id}`, href: `/workspaces/${service.publicId}`, fields: { workspace: service.name, customer: customer.email, type: workspace.workspaceType } }
}

async function customerFacts(userId: number | null): Promise<About> {
  const customer = await Customer.findOwned<Customer>({ id: userId })
  return { subject: `customer:${customer.id}`, href: `/customers/${customer.publicId}`, fields: { customer: customer.email } }
}

export function registerAlertReactions(): void {
  for (const type of Object.keys(told)) on(type, 'alert the shop', tell)
  for (const type of disputeEvents) on(type, 'alert the shop', alertOfDispute)
}
