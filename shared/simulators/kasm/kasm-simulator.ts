/** A stand-in for a Kasm Workspaces server: the released developer API over HTTP, its habits and its faults. Control from outside: server.ts. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { sendJson } from './faults.js'
import { usualHabits, type Body } from './habits.js'
import { WorkspaceServer, type Route, type ServerOptions } from './server.js'
import { powerCalls, sessionCalls } from './session-calls.js'
import { permissionsOf, userCalls } from './user-calls.js'

export type KasmSimulatorOptions = ServerOptions
const published = { ...userCalls, ...sessionCalls }

export class KasmSimulator extends WorkspaceServer {
  constructor(options: KasmSimulatorOptions = {}) {
    super(options, { ...usualHabits, apiKey: 'simkey000001', apiKeySecret: 'simsecret0000000000000000000001' })
  }
  protected override route(method: string, path: string): Route | undefined {
    const [, family, name] = /^\/api\/(public\/)?(\w+)$/.exec(path) ?? []
    if (!name || method !== 'POST') return undefined
    const { powerCalls: place, withoutPower } = this.settings
    const offered = place === (family ? 'public' : 'api') && !withoutPower.some((power) => name === `${power}_kasm`)
    const run = (offered ? powerCalls[name] : undefined) ?? (family ? published[name] : undefined)
    return run && { name, run }
  }
  /** Key and secret are in the body of every call. */
  protected override open(_req: IncomingMessage, body: Body): Body | null {
    const { api_key, api_key_secret, ...rest } = body
    return api_key === this.settings.apiKey && api_key_secret === this.settings.apiKeySecret ? rest : null
  }
  /** Domain errors come with HTTP 200. */
  protected override refuse(res: ServerResponse, message: string, status: number): void {
    sendJson(res, status === 403 ? 403 : 200, { error_message: message })
  }
  protected override denied(name: string): boolean {
    return super.denied(name) || (permissionsOf[name] ?? []).some((permission) => this.settings.denied.includes(permission))
  }
}

/** Starts one; stop it with `down()`. */
export const startKasmSimulator = (options: KasmSimulatorOptions = {}): Promise<KasmSimulator> => new KasmSimulator(options).up()
