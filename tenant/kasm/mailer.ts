/** The letters about workspaces. They link to the page; a login or a launch link is in none. */
import { originOf } from '../../shared/config.js'
import type { RecordedEvent } from '../../shared/events/event.js'
import { send } from '../../shared/mail/compose.js'
import { registerLetter } from '../../shared/mail/letter.js'
import { currentTenant } from '../../shared/tenancy/context.js'
import { Customer } from '../customers/customer.js'
import type { NoticeType } from '../notifications/kinds.js'
import { wantsMail } from '../notifications/preferences.js'
import { Service } from '../services/service.js'
import { workspaceProductName } from '../settings/product-name.js'
import { Workspace } from './workspace.js'

const example = () => ({ name: 'Ada', one: 'workspace', workspace: 'api-box', template: 'Ubuntu 22.04 with VS Code', size: '2 vCPU · 4 GB RAM', rate: { micros: 150_000, currency: 'USD', per: 'hour' }, link: 'https://shop.example/services/…', preferences: 'https://shop.example/account/notifications' })
const amounts = { spent: { minor: 1640, currency: 'USD' }, limit: { minor: 2000, currency: 'USD' }, left: { minor: 212, currency: 'USD' } }
const about = (text: string) => (data: Record<string, unknown>): string => text.replace('{one}', String(data['one'])).replace('{name}', String(data['workspace']))
registerLetter({ name: 'workspace-ready', subject: about('Your {one} {name} is ready'), view: 'tenant/mail/workspace-ready', preview: example })
registerLetter({ name: 'workspace-failed', subject: about('Your {one} {name} is delayed'), view: 'tenant/mail/workspace-failed', preview: example })
registerLetter({
  name: 'workspace-budget', subject: (data) => (data['stopped'] ? `Your budget is spent: ${String(data['scope'])}` : `Your budget is nearly spent: ${String(data['scope'])}`), view: 'tenant/mail/workspace-budget',
  preview: () => ({ ...example(), ...amounts, stopped: false, scope: 'api-box', all: false, percent: 82 }),
})
registerLetter({ name: 'low-credit', subject: (data) => (data['exhausted'] ? 'Your credit is used up' : 'Your credit is running low'), view: 'tenant/mail/low-credit', preview: () => ({ ...example(), ...amounts, exhausted: false, link: 'https://shop.example/credit' }) })

const linkTo = (path: string): string => `${originOf(currentTenant().primaryHost)}${path}`
const to = (customer: Customer) => ({ email: customer.email, name: customer.name, userId: customer.id })
const common = async (customer: Customer) => ({ name: customer.name, one: (await workspaceProductName()).one, preferences: linkTo('/account/notifications') })

async function facts(workspace: Workspace): Promise<{ customer: Customer; data: Record<string, unknown> }> {
  const customer = await Customer.findOwned<Customer>({ id: workspace.userId })
  const service = await Service.findOwned<Service>({ id: workspace.serviceId })
  const data = {
    ...(await common(customer)), workspace: service.name, template: workspace.templateName, size: `${workspace.vcpu} vCPU · ${workspace.ramMb / 1024} GB RAM`,
    rate: { micros: service.priceMicros, currency: service.currency, per: 'hour' }, link: linkTo(`/services/${service.publicId}`),
  }
  return { customer, data }
}

async function mailAbout(workspaceId: number, type: NoticeType, name: string, key: string): Promise<void> {
  const { customer, data } = await facts(await Workspace.findOwned<Workspace>({ id: workspaceId }))
  if (await wantsMail(customer.id, type)) await send({ name, to: to(customer), key, data })
}

/** `eventId` makes it one letter for each time that it happened. */
export const mailReady = (workspaceId: number, eventId: number): Promise<void> => mailAbout(workspaceId, 'workspace-ready', 'workspace-ready', `workspace-ready:${eventId}`)
export const mailFailed = (workspaceId: number, eventId: number): Promise<void> => mailAbout(workspaceId, 'workspace-trouble', 'workspace-failed', `workspace-failed:${eventId}`)

/** Of workspace.budget-warned and workspace.budget-stopped; a budget of all workspaces has no subject. */
export async function mailBudget(event: RecordedEvent): Promise<void> {
  const customer = event.userId === null ? undefined : await Customer.query().findById(event.userId)
  if (!customer || !(await wantsMail(customer.id, 'workspace-budget'))) return
  const all = event.data['scope'] === 'all'
  const workspace = !all && event.subjectId !== null ? await Workspace.query().findById(event.subjectId) : undefined
  const data = workspace ? (await facts(workspace)).data : { ...(await common(customer)), link: linkTo('/services') }
  await send({
    name: 'workspace-budget', to: to(customer), key: `workspace-budget:${event.id}`,
    data: { ...data, all, scope: all ? 'all your workspaces' : String(data['workspace'] ?? 'a workspace'), stopped: event.type === 'workspace.budget-stopped', spent: event.data['spent'], limit: event.data['limit'], percent: event.data['percent'] },
  })
}

export async function mailLowCredit(event: RecordedEvent): Promise<void> {
  const customer = event.userId === null ? undefined : await Customer.query().findById(event.userId)
  if (!customer || !(await wantsMail(customer.id, 'low-credit'))) return
  await send({ name: 'low-credit', to: to(customer), key: `low-credit:${event.id}`, data: { ...(await common(customer)), link: linkTo('/credit'), left: event.data['left'], exhausted: event.data['level'] === 'exhausted' } })
}
