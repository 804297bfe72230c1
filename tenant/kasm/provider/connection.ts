/** Which Kasm server a workspace lives on, and which ones a shop may order on (which of them: choose-connection.ts). */
import { OutsideError } from '../../../shared/errors.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { directory, type ProviderConnection } from '../../../shared/tenancy/directory.js'
import type { Workspace } from '../workspace.js'
import { connectedApi } from './connected-api.js'
import { kasmCodes, type KasmApi } from './kasm-api.js'
import { homeOf } from './choose-connection.js'

const nowhere = (message: string): OutsideError => new OutsideError(message, { door: 'kasm', code: kasmCodes.notConnected, retryable: true })
const all = (): Promise<ProviderConnection[]> => directory().providers(currentTenant(), 'kasm')

/** What the current tenant may order on, its own servers first. Switched off ones are left out; failing and full ones are not. */
export async function connections(): Promise<ProviderConnection[]> {
  return (await all()).filter((connection) => connection.active)
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

/** All of a tenant's users at Kasm are in one group of this name, so that staff can give it limits, and see whose they are. */
export const groupOf = (tenant: { slug: string } = currentTenant()): string => `shop-${tenant.slug}`
