/**
 * A stand-in for Stripe that speaks its documented HTTP format, so that the real SDK talks to it in tests and in the demo.
 * Not for production. `POST /__control` and the methods of StripeSimulator make it misbehave.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answerOnce, finishKey, withoutPrivate, type ApiAnswer } from './api.js'
import type { Emit } from './call.js'
import type { PageAnswer } from '../test-page.js'
import { applyControl, snapshot } from './control.js'
import { Faults, type RequestFault } from '../faults.js'
import { authenticatePage, setupPage } from './pages.js'
import { Store, type Account } from './state.js'
import { Deliverer } from './webhooks.js'
import { formOfParts } from './files.js'
import { parseForm, textOf, type ApiObject } from './wire.js'

export interface SimulatorOptions {
  /** 0 (default) takes a free port. */
  port?: number
  host?: string
  /** State is kept here across restarts. */
  file?: string
  /** Ids count up instead of being random. */
  deterministicIds?: boolean
  /** Refuse charges under 50 minor units, as the real one does. */
  minimums?: boolean
  /** Pauses between attempts to deliver an event, in milliseconds. */
  retryDelaysMs?: readonly number[]
}

export class StripeSimulator {
  readonly faults = new Faults()
  readonly deliverer: Deliverer
  readonly store: Store
  private sequence = 0
  private constructor(private readonly server: Server, readonly options: SimulatorOptions) {
    this.store = new Store(options.deterministicIds ?? false, options.file ?? null)
    this.deliverer = new Deliverer(this.faults, options.retryDelaysMs ?? [200, 1000, 5000, 30_000])
  }

  static async start(options: SimulatorOptions = {}): Promise<StripeSimulator> {
    const server = createServer((req, res) => void simulator.handle(req, res))
    const simulator = new StripeSimulator(server, options)
    await new Promise<void>((ready, failed) => server.once('error', failed).listen(options.port ?? 0, options.host ?? '127.0.0.1', ready))
    return simulator
  }

  /** `http://127.0.0.1:12111`: the apiBase of gateway accounts. */
  get url(): string {
    const { address, port } = this.server.address() as AddressInfo
    return `http://${address}:${port}`
  }
  /** The account behind the secret key `sk_test_<name>`. */
  account(name: string): Account {
    return this.store.account(name)
  }
  /** All events of the account, oldest first. */
  events(name: string): ApiObject[] {
    return this.account(name).all('event')
  }
  emitFor(account: Account): Emit {
    return (type, object) => this.deliverer.emit(account, type, withoutPrivate(object))
  }
  async stop(): Promise<void> {
    this.deliverer.stop()
    this.server.closeAllConnections()
    await new Promise((done) => this.server.close(done))
  }

  private async handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const url = new URL(req.url ?? '/', 'http://simulator')
    const body = await read(req)
    try {
      if (url.pathname.startsWith('/v1/')) await this.api(req, res, url, body)
      else if (url.pathname === '/__control') this.control(req, res, body)
      else if (url.pathname.startsWith('/pay/')) this.page(req, res, url, body)
      else json(res, 404, { error: { type: 'invalid_request_error', message: `Unrecognized request URL (${req.method}: ${url.pathname}).` } })
    } catch (error) {
      if (!res.headersSent) json(res, 500, { error: { type: 'api_error', message: error instanceof Error ? error.message : String(error) } })
    }
  }

  private async api(req: IncomingMessage, res: ServerResponse, url: URL, posted: string): Promise<void> {
    const key = /^Bearer (sk_test_|rk_test_)(\w{2,64})$/.exec(req.headers.authorization ?? '')
    res.setHeader('request-id', `req_${++this.sequence}`)
    res.setHeader('stripe-version', req.headers['stripe-version'] ?? '')
    if (!key?.[2] || key[2].startsWith('invalid')) return json(res, 401, { error: { type: 'invalid_request_error', message: 'Invalid API Key provided.' } })
    const account = this.account(key[2])
    const method = req.method ?? 'GET'
    const idempotencyKey = (req.headers['idempotency-key'] as string | undefined) ?? null
    if (idempotencyKey && idempotencyKey.length > 255) return json(res, 400, { error: { type: 'idempotency_error', message: 'Idempotency keys are at most 255 characters long.' } })
    const fault = this.faults.takeRequest(account.name, method, url.pathname)
    const answer = before(fault, res) ?? answerOnce(
      account, { method, path: url.pathname, body: method === 'POST' ? posted : url.search.slice(1), key: idempotencyKey, fault },
      { base: this.url, emit: this.emitFor(account), minimums: this.options.minimums ?? false },
    )
    if (method !== 'GET') this.store.save()
    account.log({ method, path: url.pathname, status: answer.status, idempotencyKey, replayed: answer.replayed ?? false })
    if (fault?.kind === 'timeout-after' || fault?.kind === 'timeout-before') return // the socket stays open until the caller gives up
    if (fault?.kind === 'slow') {
      await new Promise((done) => setTimeout(done, fault.ms))
      finishKey(account, idempotencyKey, answer) // only by the request that holds it
    }
    if (idempotencyKey) res.setHeader('idempotency-key', idempotencyKey)
    if (answer.replayed) res.setHeader('Idempotent-Replayed', 'true')
    if (fault?.kind === 'garbage') return void res.writeHead(200, { 'content-type': 'text/html' }).end('<html>502 Bad Gateway')
    json(res, answer.status, answer.body)
  }

  private control(req: IncomingMessage, res: ServerResponse, body: string): void {
    if (req.method === 'POST') applyControl(this, JSON.parse(body || '{}'))
    this.store.save()
    json(res, 200, snapshot(this))
  }

  private page(req: IncomingMessage, res: ServerResponse, url: URL, body: string): void {
    const [, , what, secret] = url.pathname.split('/')
    const form = req.method === 'POST' ? parseForm(body) : null
    const returnUrl = (form ? textOf(form, 'return_url') : undefined) ?? url.searchParams.get('return_url')
    const emitFor = (account: Account): Emit => this.emitFor(account)
    const answer: PageAnswer = what === 'setup' ? setupPage(this.store, secret ?? '', form, returnUrl, this.url, emitFor) : authenticatePage(this.store, secret ?? '', form, emitFor)
    if (form) this.store.save()
    if ('redirect' in answer) return void res.writeHead(303, { location: answer.redirect, 'cache-control': 'no-store' }).end()
    res.writeHead(answer.status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' }).end(answer.html)
  }
}

/** The answer of a fault that keeps the request from acting; null when it may act. */
function before(fault: RequestFault | null, res: ServerResponse): ApiAnswer | null {
  if (fault?.kind === 'timeout-before') return { status: 0, body: null }
  if (fault?.kind === 'error-before') return { status: fault.status ?? 500, body: { error: { type: 'api_error', message: 'An unknown error occurred' } } }
  if (fault?.kind !== 'rate-limit') return null
  res.setHeader('retry-after', String(fault.retryAfter ?? 1))
  return { status: 429, body: { error: { type: 'invalid_request_error', code: 'rate_limit', message: 'Request rate limit exceeded.' } } }
}

function json(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(JSON.stringify(body))
}
async function read(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk as Buffer)
  const type = req.headers['content-type'] ?? ''
  return type.startsWith('multipart/') ? formOfParts(Buffer.concat(chunks).toString('latin1'), type) : Buffer.concat(chunks).toString('utf8')
}
