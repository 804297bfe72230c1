/**
 * What both simulated workspace servers share: the memory, the faults, the page of a desktop. A little longer than other files, as
 * all that a call meets stands here in order.
 * `/__control` (GET, POST JSON) shows and changes one from outside: `{faults:[…]}`, `{kill: kasmId}`, `{settings:{…}}`, `{reset:true}`.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { desktopFacts, desktopPage } from './desktop.js'
import { actsFirst, chaosFault, dice, sendJson, spoil, takeFault, type Fault, type FaultMode } from './faults.js'
import { Refused, type Body, type CallWorld, type Habits } from './habits.js'
import { Port, readJson } from './port.js'
import { freshState, loadState, saveState, type KasmState } from './state.js'
import type { Call } from './user-calls.js'

export interface ServerOptions extends Partial<Habits> {
  port?: number
  /** Keep users and sessions in this file across restarts. */
  file?: string
  apiKey?: string
  apiKeySecret?: string
}
export interface SeenCall { call: string; body: Body }
export interface Route { name: string; run: Call }
type Keys = { apiKey: string; apiKeySecret: string }

export abstract class WorkspaceServer<S extends Habits & Keys = Habits & Keys> {
  state: KasmState
  faults: Fault[] = []
  /** Every call that arrived, oldest first, without keys. */
  calls: SeenCall[] = []
  /** Told of each call that was carried out and the fault that spoils its answer: for a witness who does not believe our own books. */
  onAnswer: ((call: string, fault: FaultMode | undefined) => void) | undefined
  /** How often chaos struck, by kind. */
  struck: Partial<Record<FaultMode, number>> = {}
  readonly settings: S
  readonly #usual: S
  readonly #port: Port
  #roll: { seed: number; next: () => number } | undefined
  readonly #file: string | undefined

  constructor(options: ServerOptions, usual: S) {
    const { port = 0, file, ...rest } = options
    this.#port = new Port(port, (req, res) => this.#handle(req, res))
    this.#file = file
    this.state = loadState(file)
    this.#usual = { ...usual, ...rest }
    this.settings = { ...this.#usual }
  }
  /** The call at this path; undefined answers 404. */
  protected abstract route(method: string, path: string): Route | undefined
  /** Are these the right keys? Answers the body without them; null when they are wrong. */
  protected abstract open(req: IncomingMessage, body: Body): Body | null
  /** How this kind of server says no. */
  protected abstract refuse(res: ServerResponse, message: string, status: number): void
  /** Does the key lack what the call needs? */
  protected denied(name: string): boolean {
    return this.settings.denied.includes(name)
  }
  /** GET requests for pages that people open. */
  protected isPage(path: string): boolean {
    return path === '/'
  }

  get url(): string {
    return this.#port.url
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
  /** The server ends the session by itself. */
  kill(kasmId: string): void {
    this.state.sessions = this.state.sessions.filter((s) => s.kasm_id !== kasmId)
    this.#save()
  }
  /** Empty again, healthy again, with the habits it was made with. */
  reset(): void {
    this.state = freshState()
    this.faults = []
    this.calls = []
    this.struck = {}
    this.#roll = undefined
    Object.assign(this.settings, this.#usual)
    this.#save()
  }
  /** Opens the port; also brings back a server that `down()` took away. */
  async up(): Promise<this> {
    await this.#port.open()
    return this
  }
  /** Takes the port away: connections are refused. */
  down(): Promise<void> {
    return this.#port.close()
  }

  #save(): void {
    saveState(this.#file, this.state)
  }
  async #handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const url = new URL(req.url ?? '/', this.url)
    const body = req.method === 'GET' ? Object.fromEntries(url.searchParams) : await readJson(req)
    if (url.pathname === '/__control') return this.#control(res, req.method === 'POST' ? body : {})
    if (url.pathname === '/__desktop') return sendJson(res, 200, desktopFacts(this.state, url.searchParams.get('kasm_id'), (token) => this.opens(token, url.searchParams.get('token'))))
    const route = this.route(req.method ?? 'GET', url.pathname)
    if (route) return this.#answer(req, res, route, body)
    if (req.method === 'GET' && this.isPage(url.pathname)) res.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(desktopPage)
    else res.writeHead(404, { 'content-type': 'text/html' }).end('<!doctype html><title>404</title><h1>404 Not Found</h1>')
  }
  #answer(req: IncomingMessage, res: ServerResponse, { name, run }: Route, body: Body): void {
    const opened = this.open(req, body)
    this.calls.push({ call: name, body: opened ?? {} })
    if (this.#isDown()) return void res.destroy()
    if (!opened) return this.refuse(res, 'Unauthorized', 403)
    const fault = takeFault(this.faults, name) ?? this.#chaos()
    const refuse = (message: string, status: number) => this.refuse(res, message, status)
    if (fault && !actsFirst(fault.mode)) return spoil(res, fault, {}, refuse)
    if (this.denied(name)) return sendJson(res, 403, { error_message: 'Unauthorized' })
    this.#carryOut(run, opened, (answer) => {
      this.onAnswer?.(name, fault?.mode)
      if (fault) spoil(res, fault, answer, refuse)
      else sendJson(res, 200, answer)
    }, refuse)
  }
  #carryOut(run: Call, body: Body, done: (answer: Body) => void, refuse: (message: string, status: number) => void): void {
    const world: CallWorld = { ...this.settings, state: this.state }
    try {
      done(run(world, body))
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      refuse(error.message, error.status)
    } finally {
      this.#save()
    }
  }
  #isDown(): boolean {
    const at = (instant: number | string): number => new Date(instant).getTime()
    return this.settings.downBetween.some((d) => at(d.from) <= this.settings.now() && this.settings.now() < at(d.to))
  }
  #chaos(): Fault | undefined {
    const { chaos } = this.settings
    if (!chaos) return undefined
    if (this.#roll?.seed !== chaos.seed) this.#roll = { seed: chaos.seed, next: dice(chaos.seed) }
    const fault = chaosFault(chaos, this.#roll.next)
    if (fault) this.struck[fault.mode] = (this.struck[fault.mode] ?? 0) + 1
    return fault
  }
  #control(res: ServerResponse, body: Body): void {
    if (body.reset) this.reset()
    if (Array.isArray(body.faults)) this.faults = body.faults as Fault[]
    if (typeof body.kill === 'string') this.kill(body.kill)
    if (typeof body.settings === 'object') Object.assign(this.settings, body.settings)
    sendJson(res, 200, {
      faults: this.faults, settings: { ...this.settings, apiKey: undefined, apiKeySecret: undefined },
      sessions: this.state.sessions.map((s) => ({ ...s, token: undefined })),
      users: this.state.users.map((u) => u.username), calls: this.calls.slice(-50).map((c) => c.call),
    })
  }
  /** Only the newest token opens the desktop. */
  protected opens(token: string, shown: string | null): boolean {
    return token === shown
  }
}
