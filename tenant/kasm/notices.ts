/** What customers read in the app about their workspaces: events in, notifications out. Letters stand in mailer.ts and schedules/mailer.ts. Read by tenant/reactions.ts. */
import type { RecordedEvent } from '../../shared/events/event.js'
import { on } from '../../shared/events/reactions.js'
import { currentTenant } from '../../shared/tenancy/context.js'
import { formatDate, formatMoney, type MoneyLike } from '../../shared/views/format.js'
import { Customer } from '../customers/customer.js'
import type { NoticeType } from '../notifications/kinds.js'
import { notify } from '../notifications/notify.js'
import { Service } from '../services/service.js'
import { mailBudget, mailLowCredit } from './mailer.js'
import { stopSentence, surprising } from './page/words.js'
import { Workspace } from './workspace.js'

interface About { name: string; href: string; customer: Customer; data: Readonly<Record<string, unknown>> }
interface Said { title: string; body?: string }
/** Null: nothing worth telling. */
type Words = (about: About) => Said | null

const day = (value: unknown, { timeZone, locale }: Customer, style: 'date' | 'time' | 'datetime' = 'date'): string => (typeof value === 'string' ? formatDate(new Date(value), timeZone, locale, style) : '')
const money = (value: unknown, { locale }: Customer): string => {
  const amount = value as MoneyLike | undefined
  return amount ? formatMoney(amount.minor, amount.currency, locale) : ''
}
const scopeOf = ({ name, data }: About): string => (data['scope'] === 'all' ? 'all your workspaces' : name)

const tellings: ReadonlyArray<readonly [event: string, type: NoticeType, words: Words]> = [
  ['workspace.ready', 'workspace-ready', ({ name }) => ({ title: `${name} is ready`, body: 'It runs; open it in your browser.' })],
  ['service.provisioning-failed', 'workspace-trouble', ({ name }) => ({ title: `${name} could not be set up yet`, body: 'Our team has been told and will try again. Nothing is charged.' })],
  ['workspace.start-failed', 'workspace-trouble', ({ name }) => ({ title: `${name} could not be started`, body: 'Nothing is charged. Try again, or write to us.' })],
  ['workspace.schedule-refused', 'workspace-trouble', ({ name, data }) => ({ title: `${name} was not started by its schedule`, body: typeof data['reason'] === 'string' ? data['reason'] : '' })],
  ['workspace.auto-stop-announced', 'workspace-auto-stop', ({ name, data, customer }) => ({
    title: `${name} stops at ${day(data['at'], customer, 'time')}`, body: data['why'] === 'idle' ? 'Nobody has used it for a while. Keep it running on its page.' : 'Its schedule says so. Keep it running on its page.',
  })],
  ['workspace.stopped', 'workspace-stopped', ({ name, data }) => (surprising.has(String(data['by'])) ? { title: `${name}: ${stopSentence(data['by']).toLowerCase()}`, body: 'The meter has stopped. Your files are kept.' } : null)],
  ['workspace.force-stopped', 'workspace-stopped', ({ name, data }) => ({ title: `${name} was stopped by our team`, body: typeof data['reason'] === 'string' ? data['reason'] : '' })],
  ['workspace.budget-warned', 'workspace-budget', (about) => ({ title: `The budget of ${scopeOf(about)} is nearly spent`, body: `${money(about.data['spent'], about.customer)} of ${money(about.data['limit'], about.customer)}.` })],
  ['workspace.budget-stopped', 'workspace-budget', (about) => ({
    title: `The budget of ${scopeOf(about)} is spent`, body: `${money(about.data['spent'], about.customer)} of ${money(about.data['limit'], about.customer)}: what runs is stopped. Files are kept.`,
  })],
  ['workspace.low-credit', 'low-credit', ({ data, customer }) => ({
    title: data['level'] === 'exhausted' ? 'Your credit is used up' : 'Your credit is running low', body: data['level'] === 'exhausted' ? 'Add credit or a payment method to go on.' : `${money(data['left'], customer)} left after what you have used so far.`,
  })],
  ['workspace.changed', 'workspace-changed', ({ name }) => ({ title: `${name} has another template or size` })],
  ['workspace.archived', 'workspace-changed', ({ name, data, customer }) => ({ title: `${name} was removed`, body: `Its files are kept until ${day(data['keepUntil'], customer)}; until then you can bring it back.` })],
  ['workspace.restored', 'workspace-changed', ({ name }) => ({ title: `${name} is back` })],
  ['workspace.files-go-soon', 'workspace-changed', ({ name, data, customer }) => ({ title: `The files of ${name} go on ${day(data['keepUntil'], customer)}`, body: 'Bring it back before that day to keep them.' })],
  ['workspace.terminated', 'workspace-changed', ({ name }) => ({ title: `${name} was removed with its files` })],
]

/** A budget of all workspaces, and credit, have no workspace: they lead to where money is looked at. */
async function aboutOf(event: RecordedEvent): Promise<About | null> {
  const customer = event.userId === null ? undefined : await Customer.query().findById(event.userId)
  if (!customer) return null
  const workspace = event.subjectType === 'kasm_workspaces' && event.subjectId !== null ? await Workspace.query().findById(event.subjectId) : undefined
  const service = workspace && (await Service.query().findById(workspace.serviceId))
  const elsewhere = event.type === 'workspace.low-credit' ? '/credit' : '/services'
  return { customer, data: event.data, name: service?.name ?? currentTenant().brand.companyName, href: service ? `/services/${service.publicId}` : elsewhere }
}

export function registerWorkspaceNotices(): void {
  for (const type of ['workspace.budget-warned', 'workspace.budget-stopped']) on(type, 'write to the customer', mailBudget)
  on('workspace.low-credit', 'write to the customer', mailLowCredit)
  for (const [type, kind, words] of tellings) {
    on(type, 'notify the customer', async (event) => {
      const about = await aboutOf(event)
      const said = about && words(about)
      if (about && said) await notify({ userId: about.customer.id, type: kind, href: about.href, key: `${type}:${event.id}`, ...said })
    })
  }
}
