/** What the desk sees of services and of the work they make for a person. */
import { applyPaging, type Paging } from '../../../shared/database/paging.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { Customer } from '../../../tenant/customers/customer.js'
import { boughtText } from '../../../tenant/services/bought-text.js'
import { isManual, typeFacts } from '../../../tenant/services/manual-driver.js'
import { detailsOf } from '../../../tenant/services/service-detail.js'
import { ServiceTask, type TaskKind } from '../../../tenant/services/service-task.js'
import { Service } from '../../../tenant/services/service.js'
import { detailRows } from './forms.js'

const words: Readonly<Record<TaskKind, { label: string; icon: string; what: string }>> = {
  setup: { label: 'Set up', icon: 'tool', what: 'Set it up, write down how it is reached, then mark it ready.' }, change: { label: 'Change', icon: 'adjustments', what: 'The customer has changed what they pay for.' },
  addon: { label: 'Add', icon: 'plus', what: 'The customer has bought an extra for a service that runs.' }, suspend: { label: 'Suspend', icon: 'player-pause', what: 'Take it off the network. Keep what it stores.' },
  unsuspend: { label: 'Bring back', icon: 'player-play', what: 'Put it back on the network.' }, removal: { label: 'Remove', icon: 'trash', what: 'The service has ended: remove it and what it stores.' },
}
const presets: Readonly<Record<string, ReadonlyArray<readonly [string, boolean]>>> = {
  vps: [['IP address', false], ['User', false], ['Password', true]], dedicated: [['IP address', false], ['User', false], ['Password', true], ['Remote console', false]],
  game: [['Address', false], ['Panel', false], ['User', false], ['Password', true]], web_hosting: [['Panel', false], ['User', false], ['Password', true], ['Name servers', false]], other: [['Address', false]],
}

export async function taskList(show: 'open' | 'done'): Promise<object> {
  const tasks = await ServiceTask.query().where({ status: show }).orderBy(show === 'open' ? 'createdAt' : 'doneAt', show === 'open' ? 'asc' : 'desc').limit(200)
  const services = new Map((await Service.query().whereIn('id', tasks.map((t) => t.serviceId))).map((s) => [s.id, s]))
  const people = new Map((await Customer.query().whereIn('id', [...services.values()].map((s) => s.userId))).map((c) => [c.id, c]))
  const open = await ServiceTask.query().where({ status: 'open' }).resultSize()
  return {
    rows: tasks.map((t) => {
      const service = services.get(t.serviceId)!
      return { publicId: t.publicId, kind: words[t.kind].label, icon: words[t.kind].icon, service: service.name, type: typeFacts(service.serviceType).name, customer: people.get(service.userId)?.email ?? '', note: t.note.split('\n')[0], since: t.createdAt, doneAt: t.doneAt }
    }), show, open,
  }
}

export async function taskPage(task: ServiceTask): Promise<object> {
  const service = await Service.findOwned<Service>({ id: task.serviceId })
  return {
    ...(await about(service)), publicId: task.publicId, kind: words[task.kind].label, what: words[task.kind].what, note: task.note.split('\n').filter(Boolean), since: task.createdAt, isOpen: task.status === 'open', doneAt: task.doneAt,
    isSetup: task.kind === 'setup' && service.status === 'provisioning', rows: await detailInputs(service),
  }
}

async function about(service: Service) {
  const customer = await Customer.findOwned<Customer>({ id: service.userId })
  return { service: { publicId: service.publicId, name: service.name, type: typeFacts(service.serviceType).name, status: service.status, suspendedBy: service.suspendedBy, createdAt: service.createdAt }, customer: { name: customer.name, email: customer.email, publicId: customer.publicId } }
}

/** Rows of the form: what is there, then what such a service usually needs. A secret's value never goes back to a page. */
async function detailInputs(service: Service) {
  const known = (await detailsOf(service.id)).map((d) => ({ label: d.label, value: d.isSecret ? '' : d.value ?? '', secret: d.isSecret, kept: d.isSecret }))
  const usual = known.length ? [] : (presets[service.serviceType] ?? []).map(([label, secret]) => ({ label, value: '', secret, kept: false }))
  const empty = Array.from({ length: detailRows }, () => ({ label: '', value: '', secret: false, kept: false }))
  return [...known, ...usual, ...empty].slice(0, detailRows).map((row, i) => ({ ...row, n: i + 1 }))
}

export interface ServiceWish { show: 'current' | 'suspended' | 'ended'; q?: string | undefined }
export const serviceSorts = { sortable: { since: 'services.created_at', name: 'services.name' }, default: '-since' } as const
const chips = { current: 'Current', suspended: 'Suspended', ended: 'Ended' } as const

export async function serviceListPage({ show, q }: ServiceWish, paging: Paging, base: string): Promise<object> {
  const wanted = Service.query()
  if (show === 'current') void wanted.whereNot('status', 'terminated')
  else void wanted.where('status', show === 'ended' ? 'terminated' : 'suspended')
  const like = q ? `%${q.replace(/[%_\\]/g, '\\$&')}%` : null
  if (like) void wanted.where((either) => void either.where('name', 'like', like).orWhereIn('userId', Customer.query().where('email', 'like', like).select('id')))
  const paged = await applyPaging(wanted, paging)
  const people = new Map((await Customer.query().whereIn('id', paged.rows.map((s) => s.userId))).map((c) => [c.id, c]))
  const here = (part: Record<string, string>): string => `${base}/services?${new URLSearchParams({ show, ...(q ? { q } : {}), ...part })}`
  const sort = `${paged.descending ? '-' : ''}${paged.sort}`
  return {
    rows: paged.rows.map((s) => ({ publicId: s.publicId, name: s.name, type: s.serviceType === 'kasm_workspace' ? 'Workspace' : typeFacts(s.serviceType).name, customer: people.get(s.userId)?.email ?? '', status: s.status, since: s.createdAt })),
    chips: Object.entries(chips).map(([key, label]) => ({ label, href: here({ show: key }), current: key === show })), q: q ?? '', show, filtered: Boolean(q) || show !== 'current',
    summary: paged.total ? `${paged.from}–${paged.to} of ${paged.total}` : '', previousHref: paged.page > 1 ? here({ sort, page: String(paged.page - 1) }) : null, nextHref: paged.page < paged.pages ? here({ sort, page: String(paged.page + 1) }) : null,
  }
}

export async function serviceDeskPage(service: Service): Promise<object> {
  const tasks = await ServiceTask.query().where({ serviceId: service.id }).orderBy('id', 'desc').limit(50)
  const events = (await tenantDb()('events').where({ subject_type: 'services', subject_id: service.id }).orderBy('id', 'desc').limit(30).select('type', 'occurred_at', 'actor_kind')) as Array<{ type: string; occurred_at: Date; actor_kind: string }>
  return {
    ...(await about(service)), manual: isManual(service) && !service.isOver, rows: await detailInputs(service), bought: (await boughtText(service)).split('\n').filter(Boolean),
    tasks: tasks.map((t) => ({ publicId: t.publicId, kind: words[t.kind].label, status: t.status, since: t.createdAt })), canSuspend: service.status === 'active' || (service.status === 'suspended' && service.suspendedBy !== 'staff'),
    canUnsuspend: service.status === 'suspended' && service.suspendedBy === 'staff', canEnd: !service.isOver, history: events.map((e) => ({ title: e.type.replace(/^service\./, '').replaceAll('-', ' ').replace(/^./, (c) => c.toUpperCase()), at: e.occurred_at, by: e.actor_kind })),
  }
}
