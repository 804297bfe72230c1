/** Which Kasm server a workspace lives on, and which one a new one goes to. */
import { OutsideError } from '../../../shared/errors.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { directory, type ProviderConnection } from '../../../shared/tenancy/directory.js'
import type { Workspace } from '../workspace.js'
import { connectedApi } from './connected-api.js'
import { kasmCodes, type KasmApi } from './kasm-api.js'
import { choose, homeOf } from './choose-connection.js'

const nowhere = (message: string): OutsideError => new OutsideError(message, { door: 'kasm', code: kasmCodes.notConnected, retryable: true })
const all = (): Promise<ProviderConnection[]> => directory().providers(currentTenant(), 'kasm')

/** What the current tenant may order on, its own servers first. Switched off ones are left out; failing and full ones are not. */
export async function connections(): Promise<ProviderConnection[]> {
  return (await all()).filter((connection) => connection.active)
}

/** The regions a customer may choose from, in alphabetical order; empty where servers are not told apart. */
export async function regionsOffered(): Promise<string[]> {
  return [...new Set((await connections()).flatMap((connection) => connection.region ?? []))].sort()
}

/**
 * Where an order goes; write its id into the row (`providerConnectionId`) with the order. Reads only what central knows, so it may be called in a transaction.
 * A region that is asked for is kept: elsewhere is never "near enough". Throws OutsideError `not-connected` (may be repeated) when there is no server there.
 */
export async function pickConnection(region: string | null): Promise<ProviderConnection> {
  const chosen = choose(await connections(), region)
  if (!chosen) throw nowhere(region ? `No workspace server is connected in the region ${region}.` : 'No workspace server is connected.')
  return chosen
}

/** The connection a workspace lives on, switched off or not. Rows from before there were several (null) live on the platform's first. Throws `not-connected`. */
export async function connectionOf(workspace: Pick<Workspace, 'providerConnectionId'>): Promise<ProviderConnection> {
  const home = homeOf(await all(), workspace.providerConnectionId)
  if (!home) throw nowhere('The workspace server of this workspace is not connected.')
  return home
}

/** The door to it, with its rate limit and its health watched. */
export async function kasmOf(workspace: Pick<Workspace, 'providerConnectionId'>): Promise<KasmApi> {
  return connectedApi(await connectionOf(workspace))
}

/** The door of the first connection that takes orders. Throws OutsideError `not-connected` (may be repeated: staff may connect one) when there is no server. */
export async function kasm(): Promise<KasmApi> {
  const [first] = await connections()
  if (!first) throw nowhere('No workspace server is connected.')
  return connectedApi(first)
}

/** All of a tenant's users at Kasm are in one group of this name, so that staff can give it limits, and see whose they are. */
export const groupOf = (tenant: { slug: string } = currentTenant()): string => `ezscale-${tenant.slug}`
