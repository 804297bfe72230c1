/** Where a new workspace may stand: regions with what is true of them now, and the server for one order. */
import { Refusal } from '../../shared/errors.js'
import type { ProviderConnection } from '../../shared/tenancy/directory.js'
import { choose } from '../kasm/provider/choose-connection.js'
import type { Template } from '../kasm/templates/template.js'

/** `full`: no room on any server that works. `failing`: none of its servers answers. */
export type PlaceState = 'open' | 'full' | 'failing'

const isFull = (c: ProviderConnection): boolean => c.maxSessions !== null && (c.sessions ?? 0) >= c.maxSessions

/** Of a region, or (null) of all servers together. Pure. */
export function stateOf(connections: readonly ProviderConnection[], region: string | null): PlaceState {
  const well = connections.filter((c) => (region === null || c.region === region) && c.health !== 'failing')
  return well.length === 0 ? 'failing' : well.every(isFull) ? 'full' : 'open'
}

/** Regions in alphabetical order. Fewer than two are no choice, and nobody is asked. Pure. */
export function regionsOf(connections: readonly ProviderConnection[]): string[] {
  const regions = [...new Set(connections.flatMap((c) => c.region ?? []))].sort()
  return regions.length > 1 ? regions : []
}

/** `eu-west` → `EU West`. */
export const regionName = (region: string): string => region.split(/[-_\s]+/).map((part) => (part.length <= 2 ? part.toUpperCase() : part.charAt(0).toUpperCase() + part.slice(1))).join(' ')

/**
 * The server of one order; its id is stored with the workspace. A region that was asked for is kept. A failing server is taken when there is no better one: the order
 * waits for it, and the page says so. Pure. Throws Refusal: `order.no-server`, `order.sold-out`, `order.template-elsewhere`, `order.region-unknown`.
 */
export function placeFor(template: Template, connections: readonly ProviderConnection[], region: string | null): ProviderConnection {
  if (connections.length === 0) throw new Refusal('order.no-server', 'Workspaces cannot be ordered at the moment: no server is ready for them. Nothing was ordered. Please come back soon.')
  const here = connections.filter((c) => region === null || c.region === region)
  if (here.length === 0) throw new Refusal('order.region-unknown', 'This region is not offered any more. Choose another one; nothing was ordered.')
  const chosen = choose(here.filter((c) => template.isOfferedOn(c.id)), region)
  if (!chosen) throw new Refusal('order.template-elsewhere', `${template.label} is not available ${region ? `in ${regionName(region)}` : ''} at the moment. Choose another template${region ? ' or region' : ''}; nothing was ordered.`.replace('  ', ' '))
  if (chosen.health !== 'failing' && isFull(chosen)) throw new Refusal('order.sold-out', `${region ? `${regionName(region)} is` : 'Workspaces are'} sold out at the moment. Nothing was ordered. ${region ? 'Choose another region, or come' : 'Please come'} back soon.`)
  return chosen
}
