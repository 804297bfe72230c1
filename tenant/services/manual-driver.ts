/** Kinds of service that a person sets up: every move makes a task for staff. The service itself is a page with details that staff has written. */
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

function cardOf(service: Service): ServiceCard {
  const note = service.status === 'pending' ? 'It is set up as soon as its invoice is paid.' : service.status === 'provisioning' ? 'We are setting it up and write to you when it is ready.' : null
  return { state: service.status, summary: typeFacts(service.serviceType).name, monthCost: null, monthSeconds: null, note, icon: typeFacts(service.serviceType).icon }
}

const hooks: Omit<ServiceDriver, 'serviceType'> = {
  cards: async (services) => new Map(services.map((s) => [s.id, cardOf(s)])),
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
