/** What a broker knows about the health of its server and of each tenant's database, and what it tells those who ask meanwhile. */
import { Breaker } from './breaker.js'
import { DatabaseBusy, errnoOf } from './database-busy.js'

/** Access denied, unknown database, too many connections of this user, account locked: the tenant's fault, not the server's. */
const tenantFault = new Set([1044, 1045, 1049, 1226, 1698, 3118, 4151])
/** Too many connections: the server lives but is full. */
const full = new Set([1040, 1203])

export const isFull = (error: unknown): boolean => full.has(errnoOf(error) ?? 0)

export class BrokerHealth {
  private readonly server = new Breaker(3, 1000)
  private fullUntil = 0
  private readonly tenants = new Map<string, Breaker>()

  /** A reason not to try for this tenant now, or null. */
  refusal(key: string): DatabaseBusy | null {
    const tenant = this.tenants.get(key)
    return tenant && !tenant.allows() ? shopDown(tenant) : null
  }

  get serverDown(): boolean {
    return this.server.open
  }

  /** May a new connection be tried? */
  mayOpen(): boolean {
    return Date.now() >= this.fullUntil && this.server.allows()
  }

  serverRefusal(cause?: unknown): DatabaseBusy {
    return new DatabaseBusy('The database server is not available at the moment.', this.server.retryAfter, cause)
  }

  opened(): void {
    this.server.succeeded()
  }

  served(key: string): void {
    if (this.tenants.size > 0) this.tenants.delete(key)
  }

  /** Counts a failed open, switch or check, and says what to tell the one who wanted it. */
  failed(key: string, error: unknown): DatabaseBusy {
    if (isFull(error)) {
      this.fullUntil = Date.now() + 1000
      return this.serverRefusal(error)
    }
    if (!tenantFault.has(errnoOf(error) ?? 0)) {
      this.server.failed()
      return this.serverRefusal(error)
    }
    const breaker = this.tenants.get(key) ?? new Breaker(2, 1000)
    this.tenants.set(key, breaker)
    breaker.failed()
    return shopDown(breaker, error)
  }

  forget(key: string): void {
    this.tenants.delete(key)
  }
}

function shopDown(breaker: Breaker, cause?: unknown): DatabaseBusy {
  return new DatabaseBusy('The database of this shop is not available at the moment.', breaker.retryAfter, cause)
}
