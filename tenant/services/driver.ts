/**
 * What the list of services must know about each kind without knowing the kinds. A feature that runs services (kasm) registers one driver at load.
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
}

export interface ServiceDriver {
  /** `services.service_type`. */
  readonly serviceType: string
  /** By service id; a service without an entry is shown plainly. `month` is the customer's billing month that contains `now`. */
  cards(services: readonly Service[], month: Period, now: Date): Promise<Map<number, ServiceCard>>
}

const drivers = new Map<string, ServiceDriver>()
/** Once per process, when the feature loads. */
export function registerDriver(driver: ServiceDriver): void {
  drivers.set(driver.serviceType, driver)
}
export const serviceDrivers = (): ServiceDriver[] => [...drivers.values()]
