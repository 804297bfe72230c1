/** Picks the client for a connection: `settings.api` is `developer` (a Kasm server, the default) or `gateway`. */
import type { BeforeCall } from './call-server.js'
import { DeveloperApi } from './developer-api.js'
import { GatewayApi } from './gateway-api.js'
import type { KasmApi, KasmServer } from './kasm-api.js'

export interface OpenOptions {
  readonly beforeCall?: BeforeCall
}

/** Settings that the client cannot understand throw ZodError: they are checked when the connection is saved. */
export function openKasm(connection: KasmServer, options: OpenOptions = {}): KasmApi {
  return connection.settings.api === 'gateway' ? new GatewayApi(connection, options.beforeCall) : new DeveloperApi(connection, options.beforeCall)
}
