/**
 * A stand-in for a Kasm Workspaces server: the released developer API over HTTP (`../../../shared/apis/kasm.md` §1–§6), its habits and its faults.
 * `/__control` (GET, POST JSON) shows and changes it from outside: `{faults:[…]}`, `{kill: kasmId}`, `{settings:{…}}`, `{reset:true}`.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { powerCalls, publicCalls, runCall, type CallWorld } from './session-calls.js'
import { desktopPage } from './desktop.js'
import { actsFirst, sendJson, spoil, takeFault, type Fault } from './faults.js'
import { freshState, loadState, saveState, type KasmState } from './state.js'

export interface KasmSimulatorOptions {
  port?: number
  /** Keep users and sessions in this file across restarts. */
  file?: string
  apiKey?: string
  apiKeySecret?: string
  runningAfterLooks?: number
  runningAfterMs?: number
  deletingLooks?: number
  keepaliveMs?: number | null
  /** Where stop, pause and resume live. */
  powerCalls?: 'api' | 'public' | 'none'
  now?: () => number
}
export interface SeenCall { call: string; body: Record<string, unknown> }
type Settings = Required<Omit<KasmSimulatorOptions, 'port' | 'file'>>

export class KasmSimulator {
  state: KasmState
  faults: Fault[] = []
  /** Every call that arrived, oldest first, without keys. */
  calls: SeenCall[] = []
  readonly settings: Settings
  #server: Server | undefined
  #port: number
  readonly #file: string | undefined

  constructor(options: KasmSimulatorOptions = {}) {
    const { port = 0, file, ...rest } = options
    this.#port = port
    this.#file = file
    this.state = loadState(file)
    this.settings = { apiKey: 'simkey000001', apiKeySecret: 'simsecret0000000000000000000001', runningAfterLooks: 2, runningAfterMs: 0, deletingLooks: 1, keepaliveMs: null, powerCalls: 'api', now: Date.now, ...rest }
  }
  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }
  /** Sessions that are alive (not being deleted). */
  get alive(): KasmState['sessions'] {
    return this.state.sessions.filter((s) => s.status !== 'deleting')
  }
  seen(call: string): SeenCall[] {
    return this.calls.filter((c) => c.call === call)
  }
  fault(...faults: Fault[]): void {
    this.faults = faults
  }
  /** Kasm ends the session by itself. */
  kill(kasmId: string): void {
    this.state.sessions = this.state.sessions.filter((s) => s.kasm_id !== kasmId)
    this.#save()
  }
  reset(): void {
    this.state = freshState()
    this.faults = []
    this.calls = []
    this.#save()
  }
  /** Opens the port; also brings back a server that `down()` took away. */
  async up(): Promise<this> {
    this.#server = createServer((req, res) => void this.#handle(req, res).catch((error: unknown) => sendJson(res, 500, { error_message: String(error) })))
    await new Promise<void>((resolve, reject) => this.#server!.once('error', reject).listen(this.#port, '127.0.0.1', resolve))
    this.#port = (this.#server.address() as AddressInfo).port
    return this
  }
  /** Takes the port away: connections are refused. */
  async down(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (!server) return
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await new Promise((resolve) => setTimeout(resolve, 20))  // let clients of this process notice that their open connections are gone
  }

  #save(): void {
    saveState(this.#file, this.state)
  }
  async #handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const url = new URL(req.url ?? '/', this.url)
    const body = await readJson(req)
    if (url.pathname === '/__control') return this.#control(res, req.method === 'POST' ? body : {})
    if (url.pathname === '/__desktop') return this.#desktop(res, url)
    const call = req.method === 'POST' ? this.#find(url.pathname) : undefined
    if (call) return this.#answer(res, call.name, call.run, body)
    if (req.method === 'GET' && url.pathname === '/') res.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(desktopPage)
    else res.writeHead(404, { 'content-type': 'text/html' }).end('<!doctype html><title>404</title><h1>404 Not Found</h1>')
  }
  #find(path: string): { name: string; run: (typeof publicCalls)[string] } | undefined {
    const [, family, name] = /^\/api\/(public\/)?(\w+)$/.exec(path) ?? []
    if (!name) return undefined
    const power = this.settings.powerCalls === (family ? 'public' : 'api') ? powerCalls[name] : undefined
    const run = power ?? (family ? publicCalls[name] : undefined)
    return run && { name, run }
  }
  #answer(res: ServerResponse, name: string, run: (typeof publicCalls)[string], body: Record<string, unknown>): void {
    const { api_key, api_key_secret, ...rest } = body
    this.calls.push({ call: name, body: rest })
    if (api_key !== this.settings.apiKey || api_key_secret !== this.settings.apiKeySecret) return sendJson(res, 403, { error_message: 'Unauthorized' })
    const fault = takeFault(this.faults, name)
    if (fault && !actsFirst(fault.mode)) return spoil(res, fault, {})
    const world: CallWorld = { ...this.settings, state: this.state }
    const answer = runCall(run, world, rest)
    this.#save()
    if (fault) spoil(res, fault, answer)
    else sendJson(res, 200, answer)
  }
  #control(res: ServerResponse, body: Record<string, unknown>): void {
    if (body.reset) this.reset()
    if (Array.isArray(body.faults)) this.faults = body.faults as Fault[]
    if (typeof body.kill === 'string') this.kill(body.kill)
    if (typeof body.settings === 'object') Object.assign(this.settings, body.settings)
    sendJson(res, 200, { faults: this.faults, sessions: this.state.sessions.map(({ token: _token, ...s }) => s), users: this.state.users.map((u) => u.username), calls: this.calls.slice(-50).map((c) => c.call) })
  }
  #desktop(res: ServerResponse, url: URL): void {
    const session = this.state.sessions.find((s) => s.kasm_id === url.searchParams.get('kasm_id') && s.token === url.searchParams.get('token') && s.status === 'running')
    const image = this.state.images.find((i) => i.image_id === session?.image_id)
    if (!session || !image) return sendJson(res, 200, { error: 'Unauthorized session access. This link is used up: open the workspace from your account again.' })
    sendJson(res, 200, { name: image.friendly_name, cores: image.cores, memory: Math.round(image.memory / 1024 ** 3) })
  }
}

async function readJson(req: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk as Buffer)
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>
  } catch {
    return {}
  }
}

/** Starts one; stop it with `down()`. */
export const startKasmSimulator = (options: KasmSimulatorOptions = {}): Promise<KasmSimulator> => new KasmSimulator(options).up()
