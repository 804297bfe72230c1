/** The letters about workspaces. They link to the page; a login or a launch link is in none. */
import { originOf } from '../../shared/config.js'
import { send } from '../../shared/mail/compose.js'
import { registerLetter } from '../../shared/mail/letter.js'
import { currentTenant } from '../../shared/tenancy/context.js'
import { Customer } from '../customers/customer.js'
import { Service } from '../services/service.js'
import { Workspace } from './workspace.js'

const example = () => ({ name: 'Ada', workspace: 'api-box', template: 'Ubuntu 22.04 with VS Code', size: '2 vCPU · 4 GB RAM', rate: { micros: 150_000, currency: 'USD', per: 'hour' }, link: 'https://shop.example/services/…' })
registerLetter({ name: 'workspace-ready', subject: (data) => `Your workspace ${String(data['workspace'])} is ready`, view: 'tenant/mail/workspace-ready', preview: example })
registerLetter({ name: 'workspace-failed', subject: (data) => `Your workspace ${String(data['workspace'])} is delayed`, view: 'tenant/mail/workspace-failed', preview: example })

async function facts(workspace: Workspace): Promise<{ customer: Customer; service: Service; data: Record<string, unknown> }> {
  const customer = await Customer.findOwned({ id: workspace.userId })
  const service = await Service.findOwned({ id: workspace.serviceId })
  const data = {
    name: customer.name, workspace: service.name, template: workspace.templateName, size: `${workspace.vcpu} vCPU · ${workspace.ramMb / 1024} GB RAM`,
    rate: { micros: service.priceMicros, currency: service.currency, per: 'hour' }, link: `${originOf(currentTenant().primaryHost)}/services/${service.publicId}`,
  }
  return { customer, service, data }
}

/** `eventId` makes it one letter for each time that it happened. */
export async function mailReady(workspaceId: number, eventId: number): Promise<void> {
  const { customer, data } = await facts(await Workspace.findOwned({ id: workspaceId }))
  await send({ name: 'workspace-ready', to: { email: customer.email, name: customer.name, userId: customer.id }, key: `workspace-ready:${eventId}`, data })
}

export async function mailFailed(workspaceId: number, eventId: number): Promise<void> {
  const { customer, data } = await facts(await Workspace.findOwned({ id: workspaceId }))
  await send({ name: 'workspace-failed', to: { email: customer.email, name: customer.name, userId: customer.id }, key: `workspace-failed:${eventId}`, data })
}
