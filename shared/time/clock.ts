/** The one source of "now". Edges call clock.now(); rules take `now` as an argument. */
import { currentTenantOrNull } from '../tenancy/context.js'

let fixed: Date | undefined
/** Offsets moved by `clock advance` in this process, by tenant uuid, until the next directory read carries them. */
const moved = new Map<string, number>()

export const clock = {
  /** The current instant. A sandbox tenant's clock runs ahead by its own offset. */
  now(): Date {
    return new Date((fixed?.getTime() ?? Date.now()) + clock.ahead())
  },
  /** Milliseconds that the current tenant's clock runs ahead of the real one; 0 outside a sandbox. */
  ahead(): number {
    const tenant = currentTenantOrNull()
    return tenant?.sandbox ? Math.max(tenant.clockOffsetMs, moved.get(tenant.uuid) ?? 0) : 0
  },
  /** The instant outside any sandbox: locks, leases, sessions, rate limits. */
  real(): Date {
    return new Date(fixed?.getTime() ?? Date.now())
  },
  /** Tests only. Without an argument time flows again. */
  set(instant?: Date | string): void {
    fixed = instant === undefined ? undefined : new Date(instant)
  },
  /** Told by the sandbox clock command so that running work sees the new time at once. */
  move(uuid: string, offsetMs: number): void {
    moved.set(uuid, offsetMs)
  },
}
