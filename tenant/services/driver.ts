/**
 * What services and their list must know about each kind without knowing the kinds. A feature that runs services (kasm) registers one driver at load;
 * kinds that staff sets up by hand share manual-driver.ts.
 * Facts are read in one go for a whole page; a driver decides nothing about money or ownership.
 */
import type { Period } from '../../shared/time/period.js'
import type { Money } from '../../shared/money/money.js'
import type { Service } from './service.js'

export interface ServiceCard {
  /** State in one word of the shared vocabulary (`running`, `stopped`, `provisioning` …). */
  readonly state: string
  /** `Developer Basic · 2 vCPU · 4 GB RAM`. */
  readonly summary: string
  /** Cost of the customer's current month so far; null where nothing is metered. */
  readonly monthCost: Money | null
  /** Seconds used in the month so far, as billed. */
  readonly monthSeconds: number | null
  /** One sentence when the customer should know something. */
  readonly note: string | null
  readonly icon: string
  /** What may be done from the list: buttons of real forms. */
  readonly actions?: readonly CardAction[]
}

export interface CardAction {
  readonly label: string
  readonly icon: string
  /** Path of the shop. */
  readonly action: string
  readonly method?: 'put' | 'delete'
  /** It opens another tab. */
  readonly blank?: boolean
  readonly tone: 'primary' | 'secondary'
}

/**
 * How one kind of service is run. The four hooks are told of a move of the service inside the transaction of that move: they write rows and enqueue jobs,
 * nothing else; whoever talks to the outside does it afterwards, from a row of its own with a sweeper. Each may come again for the same service and must then do nothing.
 */
export interface ServiceDriver {
  /** `services.service_type`. */
  readonly serviceType: string
  /** It was paid for: set it up. The driver moves it to active (or failed) when that is done. */
  provision?(service: Service, now: Date): Promise<void>
  /** It must not be used; what the customer has stored stays. */
  suspend?(service: Service, now: Date): Promise<void>
  unsuspend?(service: Service, now: Date): Promise<void>
  /** It is over: remove it and what it stored. */
  terminate?(service: Service, now: Date): Promise<void>
  /** By service id; a service without an entry is shown plainly. `month` is the customer's billing month that contains `now`. */
  cards(services: readonly Service[], month: Period, now: Date): Promise<Map<number, ServiceCard>>
}

const drivers = new Map<string, ServiceDriver>()
/** Once per process, when the feature loads. */
export function registerDriver(driver: ServiceDriver): void {
  drivers.set(driver.serviceType, driver)
}
export const serviceDrivers = (): ServiceDriver[] => [...drivers.values()]
/** Throws Error for a kind that nobody runs: a feature forgot to register. */
export function driverOf(service: Pick<Service, 'serviceType'>): ServiceDriver {
  const driver = drivers.get(service.serviceType)
  if (!driver) throw new Error(`Nobody runs services of type "${service.serviceType}".`)
  return driver
}
