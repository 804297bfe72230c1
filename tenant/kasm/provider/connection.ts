/** Which Kasm server this tenant's workspaces live on. */
import { OutsideError } from '../../../shared/errors.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { directory } from '../../../shared/tenancy/directory.js'
import { DeveloperApi } from './developer-api.js'
import { kasmCodes, type KasmApi } from './kasm-api.js'

/** The door for the current tenant. Throws OutsideError `not-connected` (may be repeated: staff may connect one) when there is no server. */
export async function kasm(): Promise<KasmApi> {
  const connection = await directory().provider(currentTenant(), 'kasm')
  if (!connection) throw new OutsideError('No workspace server is connected.', { door: 'kasm', code: kasmCodes.notConnected, retryable: true })
  return new DeveloperApi(connection)
}
