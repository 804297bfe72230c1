/**
 * Letters about what happens to a workspace by itself or by somebody else's hand, and about files that will go. They link to its page, where each
 * can be undone or put off.
 */
import { originOf } from '../../../shared/config.js'
import type { RecordedEvent } from '../../../shared/events/event.js'
import { send } from '../../../shared/mail/compose.js'
import { registerLetter } from '../../../shared/mail/letter.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { Customer } from '../../customers/customer.js'
import { wantsMail } from '../../notifications/preferences.js'
import { Service } from '../../services/service.js'
import { workspaceProductName } from '../../settings/product-name.js'
import { Workspace } from '../workspace.js'

const example = { name: 'Ada', one: 'workspace', workspace: 'api-box', link: 'https://shop.example/services/…' }
const at = new Date('2026-11-20T18:00:00Z')
const preview = (more: Record<string, unknown>) => () => ({ ...example, ...more })
const about = (text: string) => (data: Record<string, unknown>): string =>
  text.replace('{one}', String(data['one'])).replace('{name}', String(data['workspace']))
registerLetter({ name: 'workspace-removed', subject: about('Your {one} {name} was removed; its files are kept for now'), view: 'tenant/mail/workspace-removed', preview: preview({ keepUntil: at }) })
registerLetter({ name: 'workspace-files-go-soon', subject: about('The files of your {one} {name} will be deleted soon'), view: 'tenant/mail/workspace-files-go-soon', preview: preview({ keepUntil: at }) })
registerLetter({ name: 'workspace-auto-stop', subject: about('Your {one} {name} stops in a few minutes'), view: 'tenant/mail/workspace-auto-stop', preview: preview({ at, idle: false }) })
registerLetter({ name: 'workspace-not-started', subject: about('Your {one} {name} was not started'), view: 'tenant/mail/workspace-not-started', preview: preview({ at, reason: 'Add a payment method or credit first.' }) })
registerLetter({ name: 'workspace-start-failed', subject: about('Your {one} {name} could not be started'), view: 'tenant/mail/workspace-start-failed', preview: preview({}) })
registerLetter({ name: 'workspace-force-stopped', subject: about('Your {one} {name} was stopped by our team'), view: 'tenant/mail/workspace-force-stopped', preview: preview({ reason: 'Its network traffic disturbed others.' }) })

const date = (value: unknown): Date => new Date(String(value))

/** One letter for each event, however often the reaction runs. */
async function mail(event: RecordedEvent, name: string, more: Record<string, unknown>): Promise<void> {
  const workspace = await Workspace.findOwned<Workspace>({ id: event.subjectId! })
  const service = await Service.findOwned<Service>({ id: workspace.serviceId })
  const customer = await Customer.findOwned<Customer>({ id: workspace.userId })
  const link = `${originOf(currentTenant().primaryHost)}/services/${service.publicId}`
  const data = { name: customer.name, one: (await workspaceProductName()).one, workspace: service.name, link, ...more }
  await send({ name, to: { email: customer.email, name: customer.name, userId: customer.id }, key: `${name}:${event.id}`, data })
}

export const mailRemoved = (event: RecordedEvent): Promise<void> =>
  mail(event, 'workspace-removed', { keepUntil: date(event.data['keepUntil']) })
export const mailFilesGoSoon = (event: RecordedEvent): Promise<void> =>
  mail(event, 'workspace-files-go-soon', { keepUntil: date(event.data['keepUntil']) })
export const mailForceStopped = (event: RecordedEvent): Promise<void> =>
  mail(event, 'workspace-force-stopped', { reason: event.data['reason'] })
/** Letters about trouble can be switched off. */
async function mailTrouble(event: RecordedEvent, name: string, more: Record<string, unknown>): Promise<void> {
  const { userId } = await Workspace.findOwned<Workspace>({ id: event.subjectId! })
  if (await wantsMail(userId, 'workspace-trouble')) await mail(event, name, more)
}
export const mailNotStarted = (event: RecordedEvent): Promise<void> =>
  mailTrouble(event, 'workspace-not-started', { at: date(event.data['at']), reason: event.data['reason'] })
/** We gave up starting it. */
export const mailStartFailed = (event: RecordedEvent): Promise<void> => mailTrouble(event, 'workspace-start-failed', {})

/** Can be switched off. One that comes after the stop says nothing any more. */
export async function mailAutoStop(event: RecordedEvent): Promise<void> {
  const workspace = await Workspace.findOwned<Workspace>({ id: event.subjectId! })
  const stillComing = workspace.status === 'running' && workspace.stopAt?.getTime() === date(event.data['at']).getTime()
  if (!stillComing || !(await wantsMail(workspace.userId, 'workspace-auto-stop'))) return
  await mail(event, 'workspace-auto-stop', { at: date(event.data['at']), idle: event.data['why'] === 'idle' })
}
