/** What the list of services shows. */
import { currentTenant } from '../../shared/tenancy/context.js'
import { monthOf } from '../../shared/time/period.js'
import type { Money } from '../../shared/money/money.js'
import { formatDuration, formatMoney } from '../../shared/views/format.js'
import type { Customer } from '../customers/customer.js'
import { serviceDrivers, type CardAction, type ServiceCard } from './driver.js'
import { Service } from './service.js'

export interface ServiceRow {
  href: string
  name: string
  /** State of the shared vocabulary. */
  state: string
  summary: string
  icon: string
  note: string | null
  /** `$1.25 · 6 h 15 min` or null. */
  month: string | null
  since: Date
  actions: readonly CardAction[]
}
export interface ServiceList {
  services: ServiceRow[]
  filters: Array<{ href: string; label: string; count: number; current: boolean }>
  /** The list is empty because of the filter. */
  filtered: boolean
}

export async function serviceList(customer: Customer, ended: boolean, now: Date): Promise<ServiceList> {
  const all = await Service.query().where('userId', customer.id).orderBy('createdAt', 'desc').orderBy('id', 'desc')
  const chosen = all.filter((s) => s.isOver === ended)
  const cards = await cardsOf(chosen, customer, now)
  return {
    services: chosen.map((s) => rowOf(s, cards.get(s.id), customer)), filtered: ended,
    filters: [{ href: '/services', label: 'Current', count: all.filter((s) => !s.isOver).length, current: !ended }, { href: '/services?show=ended', label: 'Ended', count: all.filter((s) => s.isOver).length, current: ended }],
  }
}

async function cardsOf(services: readonly Service[], customer: Customer, now: Date): Promise<Map<number, ServiceCard>> {
  const month = monthOf(now, currentTenant().timeZone, customer.billingAnchorDay)
  const parts = await Promise.all(serviceDrivers().map((d) => d.cards(services.filter((s) => s.serviceType === d.serviceType), month, now)))
  return new Map(parts.flatMap((part) => [...part]))
}

/** A suspension or the end of the service says more than what its machine does. */
const stateOf = (service: Service, card: ServiceCard | undefined): string => (['suspended', 'failed', 'terminated'].includes(service.status) ? service.status : card?.state ?? service.status)

function rowOf(service: Service, card: ServiceCard | undefined, customer: Customer): ServiceRow {
  return {
    href: `/services/${service.publicId}`, name: service.name, state: stateOf(service, card), summary: card?.summary ?? '', icon: card?.icon ?? 'server', note: card?.note ?? null,
    month: card?.monthCost ? monthText(card.monthCost, card.monthSeconds ?? 0, customer.locale) : null, since: service.createdAt, actions: card?.actions ?? [],
  }
}

const monthText = (cost: Money, seconds: number, locale: string): string => `${formatMoney(cost.minor, cost.currency, locale)}${seconds ? ` · ${formatDuration(seconds)}` : ''}`
