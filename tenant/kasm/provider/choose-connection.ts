/** Which of a tenant's connections. Pure. */
import type { ProviderConnection } from '../../../shared/tenancy/directory.js'

const isFull = (c: ProviderConnection): boolean => c.maxSessions !== null && (c.sessions ?? 0) >= c.maxSessions
/** 0 = empty, 1 = full. A server without a limit counts as empty. */
const load = (c: ProviderConnection): number => (c.maxSessions ? (c.sessions ?? 0) / c.maxSessions : 0)

/**
 * Where a new workspace goes: healthy and with room, the tenant's own before the platform's, then the emptiest, then the oldest. Where all healthy ones are full, the
 * emptiest of them; where all fail, the one that failed least long ago: the order waits there, and says so. Null: nothing is connected in that region.
 */
export function choose(connections: readonly ProviderConnection[], region: string | null): ProviderConnection | null {
  const here = connections.filter((c) => c.active && (region === null || c.region === region))
  const well = here.filter((c) => c.health !== 'failing')
  const byRoom = (a: ProviderConnection, b: ProviderConnection) => Number(b.own) - Number(a.own) || load(a) - load(b) || a.id - b.id
  const free = well.filter((c) => !isFull(c)).sort(byRoom)
  const byOutage = (a: ProviderConnection, b: ProviderConnection) => (b.failingSince?.getTime() ?? 0) - (a.failingSince?.getTime() ?? 0) || a.id - b.id
  return free[0] ?? [...well].sort((a, b) => load(a) - load(b) || a.id - b.id)[0] ?? [...here].sort(byOutage)[0] ?? null
}

/** Where an existing workspace lives. Without an id: the platform's first, because a server that a tenant brought later never held it. */
export function homeOf(connections: readonly ProviderConnection[], id: number | null): ProviderConnection | null {
  if (id !== null) return connections.find((c) => c.id === id) ?? null
  const byAge = [...connections].sort((a, b) => a.id - b.id)
  return byAge.find((c) => !c.own) ?? byAge[0] ?? null
}
