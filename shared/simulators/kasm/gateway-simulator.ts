/**
 * A stand-in for the gateway of the user's document: `create_workspace`, `destroy_workspace`, `workspace_status`, `start_workspace`,
 * `stop_workspace`, keys in headers. Extensions that a gateway of one's own may have, each with a switch: `listCall` (list_workspaces),
 * `freshLinks` (workspace_status tells a new access_url), `pauseCall`.
 * The document does not say how it refuses; this one answers `{"error"}` with an HTTP status.
 */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { sendJson } from './faults.js'
import { look, move, Refused, refuseWithoutRoom, text, usualHabits, type Body, type CallWorld, type Habits } from './habits.js'
import { WorkspaceServer, type Route, type ServerOptions } from './server.js'
import { newSession } from './session-calls.js'
import { newKasmId, type SimSession } from './state.js'
import type { Call } from './user-calls.js'

interface GatewayHabits extends Habits {
  listCall: boolean
  freshLinks: boolean
  pauseCall: boolean
  apiKey: string
  apiKeySecret: string
}
export type GatewayOptions = ServerOptions & Partial<GatewayHabits>
const types: ReadonlySet<string> = new Set(['developer', 'business'].flatMap((use) => ['basic', 'pro', 'enterprise'].map((size) => `${use}_${size}`)))

function workspaceOf(world: CallWorld, body: Body): SimSession {
  const found = world.state.sessions.find((s) => s.kasm_id === text(body.workspace_id))
  if (!found) throw new Refused('Workspace not found', 404)
  return found
}
const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())
const shown = (s: SimSession): Body => ({
  workspace_id: s.kasm_id, user_id: s.user_id, workspace_type: s.image_id, status: s.status,
  started_at: iso(s.started_at), last_active_at: iso(s.active_at), expires_at: iso(s.expires_at),
})

const changes: Record<string, Call> = {
  destroy_workspace: (world, body) => move(world, workspaceOf(world, body), ['starting', 'running', 'stopped', 'paused'], 'deleting'),
  stop_workspace: (world, body) => move(world, workspaceOf(world, body), ['running', 'paused'], 'stopped'),
  pause_workspace: (world, body) => move(world, workspaceOf(world, body), ['running'], 'paused'),
  start_workspace: (world, body) => move(world, workspaceOf(world, body), ['stopped', 'paused'], 'starting'),
}

export class GatewaySimulator extends WorkspaceServer<GatewayHabits> {
  constructor(options: GatewayOptions = {}) {
    const extensions = { listCall: true, freshLinks: true, pauseCall: false }
    super(options, { ...usualHabits, ...extensions, apiKey: 'gatekey000001', apiKeySecret: 'gatesecret000000000000000000001' })
  }
  protected override route(method: string, path: string): Route | undefined {
    const [, name] = /^\/api\/public\/(\w+)$/.exec(path) ?? []
    const reads = { workspace_status: this.#status, list_workspaces: this.#list }
    const calls: Record<string, Call> = method === 'POST' ? { ...changes, create_workspace: this.#create } : reads
    const run = name && !this.#missing().has(name) ? calls[name] : undefined
    return name && run ? { name, run } : undefined
  }
  #missing(): ReadonlySet<string> {
    const { listCall, pauseCall, withoutPower } = this.settings
    const power = withoutPower.map((p) => (p === 'resume' ? 'start_workspace' : `${p}_workspace`))
    return new Set([...power, ...(listCall ? [] : ['list_workspaces']), ...(pauseCall ? [] : ['pause_workspace'])])
  }
  /** Key and secret are headers. */
  protected override open(req: IncomingMessage, body: Body): Body | null {
    return req.headers['x-api-key'] === this.settings.apiKey && req.headers['x-api-secret'] === this.settings.apiKeySecret ? body : null
  }
  protected override refuse(res: ServerResponse, message: string, status: number): void {
    sendJson(res, status, { error: message })
  }
  protected override isPage(path: string): boolean {
    return path === '/' || path.startsWith('/workspace/')
  }
  /** Without fresh links the desktop asks for its own login, which this page does not show. */
  protected override opens(token: string, shownToken: string | null): boolean {
    return !this.settings.freshLinks || super.opens(token, shownToken)
  }

  #link(s: SimSession): string {
    return `${this.url}/workspace/${s.kasm_id}${this.settings.freshLinks ? `?token=${s.token}` : ''}`
  }
  readonly #create: Call = (world, body) => {
    const [type, user] = [text(body.workspace_type), text(body.user_id)]
    if (!user) throw new Refused('user_id is required', 422)
    if (!types.has(type)) throw new Refused('Image Not Authorized', 422)
    refuseWithoutRoom(world)
    const session = newSession(world, user, type, 'Enabled')
    if (typeof body.session_duration === 'number') session.expires_at = world.now() + body.session_duration * 1000
    return { workspace_id: session.kasm_id, access_url: this.#link(session), username: user, password: `gw-${randomBytes(9).toString('base64url')}` }
  }
  readonly #status: Call = (world, body) => {
    const session = workspaceOf(world, body)
    look(world, session)
    session.token = newKasmId()
    const running = session.status === 'running'
    const link = this.settings.freshLinks && running ? { access_url: this.#link(session) } : {}
    const uptime_seconds = running ? Math.round((world.now() - session.started_at) / 1000) : 0
    return { status: session.status, uptime_seconds, cpu_usage_percent: running ? 12 : 0, ram_usage_mb: running ? 2048 : 0, ...link }
  }
  readonly #list: Call = (world) => {
    for (const session of [...world.state.sessions]) look(world, session)
    return { workspaces: world.state.sessions.map(shown) }
  }
}

/** Starts one; stop it with `down()`. */
export const startGatewaySimulator = (options: GatewayOptions = {}): Promise<GatewaySimulator> => new GatewaySimulator(options).up()
