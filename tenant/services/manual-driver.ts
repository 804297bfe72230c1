/** Kinds of service that a person sets up: every move makes a task for staff. The service itself is a page with details that staff has written. */
import { currentTenant } from '../../shared/tenancy/context.js'
import { formatDate, formatMoney } from '../../shared/views/format.js'
import { Subscription } from '../billing/subscriptions/subscription.js'
import { cycleUnits } from '../catalog/cycle.js'
import { Plan } from '../catalog/plan.js'
import { registerDriver, type ServiceCard, type ServiceDriver } from './driver.js'
import type { Service } from './service.js'
import { dropTasks, openTask } from './service-task.js'
import { boughtText } from './bought-text.js'

export const manualTypes = {
  vps: { name: 'Virtual server', icon: 'server-2' }, game: { name: 'Game server', icon: 'server-bolt' }, dedicated: { name: 'Dedicated server', icon: 'server' },
  web_hosting: { name: 'Web hosting', icon: 'world-www' }, other: { name: 'Service', icon: 'package' },
} as const satisfies Record<string, { name: string; icon: string }>
export type ManualType = keyof typeof manualTypes

export const isManual = (service: Pick<Service, 'serviceType'>): boolean => Object.hasOwn(manualTypes, service.serviceType)
export const typeFacts = (serviceType: string): { name: string; icon: string } => manualTypes[serviceType as ManualType] ?? manualTypes.other

/** `VPS S · $10.00 a month · renews Dec 10, 2026`. */
async function summaries(services: readonly Service[]): Promise<Map<number, string>> {
  const subscriptions = await Subscription.query().whereIn('id', services.flatMap((s) => s.subscriptionId ?? []))
  const plans = new Map((await Plan.query().whereIn('id', subscriptions.map((s) => s.planId))).map((p) => [p.id, p.name]))
  const { locale } = currentTenant()
  return new Map(subscriptions.map((s) => {
    const due = s.isLive && s.renews && s.currentPeriodEnd ? `${s.cancelAt ? 'ends' : 'renews'} ${formatDate(s.cancelAt ?? s.currentPeriodEnd, s.timeZone, locale)}` : null
    return [s.id, [plans.get(s.planId), `${formatMoney(s.amountMinor, s.currency, locale)} ${cycleUnits[s.billingCycle]}`.trim(), due].filter(Boolean).join(' · ')]
  }))
}

function cardOf(service: Service, summary: string | undefined): ServiceCard {
  const note = service.status === 'pending' ? 'It is set up as soon as its invoice is paid.' : service.status === 'provisioning' ? 'We are setting it up and write to you when it is ready.' : null
  return { state: service.status, summary: summary ?? typeFacts(service.serviceType).name, monthCost: null, monthSeconds: null, note, icon: typeFacts(service.serviceType).icon }
}

const hooks: Omit<ServiceDriver, 'serviceType'> = {
  async cards(services) {
    const texts = await summaries(services)
    return new Map(services.map((s) => [s.id, cardOf(s, texts.get(s.subscriptionId ?? 0))]))
  },
  provision: async (service) => openTask(service, 'setup', await boughtText(service)),
  /** A task that nobody has begun takes the opposite one with it. */
  suspend: async (service) => {
    if (!(await dropTasks(service, ['unsuspend']))) await openTask(service, 'suspend')
  },
  unsuspend: async (service) => {
    if (!(await dropTasks(service, ['suspend']))) await openTask(service, 'unsuspend')
  },
  /** What nobody has set up yet needs no removal. */
  terminate: async (service) => {
    await dropTasks(service, ['setup', 'change', 'addon', 'suspend', 'unsuspend'])
    if (service.provisionedAt) await openTask(service, 'removal', await boughtText(service))
  },
}

/** Called by every process that serves or bills. */
export function registerManual(): void {
  for (const serviceType of Object.keys(manualTypes)) registerDriver({ ...hooks, serviceType })
}
