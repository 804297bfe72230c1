/** A connection's door with what belongs around each call: its turn under the rate limit before, a note of its health after. */
import type { ProviderConnection } from '../../../shared/tenancy/directory.js'
import { awaitTurn } from './call-limit.js'
import type { KasmApi } from './kasm-api.js'
import { noteCall, outcomeOf } from './note-call.js'
import { openKasm } from './open-kasm.js'

type Call = (...given: unknown[]) => Promise<unknown>

export function connectedApi(connection: ProviderConnection): KasmApi {
  const api = openKasm(connection, { beforeCall: () => awaitTurn(connection) })
  return new Proxy(api, {
    get(target, name) {
      const part: unknown = Reflect.get(target, name)
      return typeof part === 'function' && typeof name === 'string' ? noted(connection, name, (part as Call).bind(target)) : part
    },
  })
}

/** `probe` reports instead of throwing, so it says nothing here; who asked for it notes it. */
function noted(connection: ProviderConnection, name: string, call: Call): Call {
  if (name === 'probe') return call
  return async (...given) => {
    try {
      const answer = await call(...given)
      await noteCall(connection.id, name === 'sessions' && Array.isArray(answer) ? { ok: true, sessions: answer.length } : { ok: true })
      return answer
    } catch (error) {
      await noteCall(connection.id, outcomeOf(name, error))
      throw error
    }
  }
}
