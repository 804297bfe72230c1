/**
 * A stand-in for PayPal that speaks its documented HTTP format, so that the real SDK talks to it in tests and in the demo.
 * Not for production. `POST /__control` and the methods of PaypalSimulator make it misbehave.
 */
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Faults, type RequestFault } from '../faults.js'
import { answerOnce, finishKey, serverError, type ApiAnswer } from './api.js'
import type { Emit } from './call.js'
import { applyControl, snapshot } from './control.js'
import { inputOfParts } from './disputes.js'
import { approvePage } from './pages.js'
import { Store, type Account, type Kept } from './state.js'
import { Deliverer } from './webhooks.js'
import { failure } from './wire.js'

export interface SimulatorOptions {
  /** 0 (default) takes a free port. */
  port?: number
  host?: string
  /** State is kept here across restarts. */
  file?: string
  /** How far the list of transactions lags behind, in milliseconds; default 0, the real one: up to three hours. */
  lagMs?: number
  /** Pauses between attempts to deliver an event, in milliseconds. */
  retryDelaysMs?: readonly number[]
}

export class PaypalSimulator {
  readonly faults = new Faults()
  readonly deliverer: Deliverer
  readonly store: Store
  private constructor(private readonly server: Server, readonly options: SimulatorOptions) {
    this.store = new Store(options.file ?? null)
    this.deliverer = new Deliverer(this.faults, options.retryDelaysMs ?? [200, 1000, 5000, 30_000], () => this.url)
  }

  static async start(options: SimulatorOptions = {}): Promise<PaypalSimulator> {
    const server = createServer((req, res) => void simulator.handle(req, res))
    const simulator = new PaypalSimulator(server, options)
    await new Promise<void>((ready, failed) => server.once('error', failed).listen(options.port ?? 0, options.host ?? '127.0.0.1', ready))
    return simulator
  }

  /** `http://127.0.0.1:12113`: the apiBase of gateway accounts, and PAYPAL_API_BASE. */
  get url(): string {
    const { address, port } = this.server.address() as AddressInfo
    return `http://${address}:${port}`
  }
  /** The account behind the client id `client_<name>`. */
  account(name: string): Account {
    return this.store.account(name)
  }
  /** All events of the account, oldest first. */
  events(name: string): Kept[] {
    return this.account(name).all('event')
  }
  emitFor(account: Account): Emit {
    return (type, resourceType, resource) => this.deliverer.emit(account, type, resourceType, resource)
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
      if (url.pathname === '/v1/oauth2/token') this.token(req, res, body)
      else if (/^\/v\d\//.test(url.pathname)) await this.api(req, res, url, body)
      else if (url.pathname === '/__control') this.control(req, res, body)
      else if (url.pathname.startsWith('/approve/')) this.page(req, res, url, body)
      else json(res, 404, { name: 'NOT_FOUND' })
    } catch (error) {
      if (!res.headersSent) json(res, 500, { ...serverError, message: error instanceof Error ? error.message : String(error) })
    }
  }

  private token(req: IncomingMessage, res: ServerResponse, body: string): void {
    const [id, secret] = Buffer.from((req.headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString('utf8').split(':')
    const name = /^client_(\w{2,64})$/.exec(id ?? '')?.[1]
    const fault = this.faults.takeRequest(name ?? '', 'POST', '/v1/oauth2/token')
    const broken = before(fault, res)
    if (broken) return broken.status ? json(res, broken.status, broken.body) : undefined
    if (!name || secret !== `secret_${name}`) return json(res, 401, { error: 'invalid_client', error_description: 'Client Authentication failed' })
    if (new URLSearchParams(body).get('grant_type') !== 'client_credentials') return json(res, 400, { error: 'unsupported_grant_type' })
    const accessToken = `A21AA${randomBytes(30).toString('base64url')}`
    this.store.tokens.set(accessToken, name)
    this.account(name).log({ method: 'POST', path: '/v1/oauth2/token', status: 200, requestId: null, replayed: false })
    json(res, 200, { scope: 'https://uri.paypal.com/services/payments/payment', access_token: accessToken, token_type: 'Bearer', app_id: 'APP-SIM', expires_in: 32_400, nonce: randomBytes(8).toString('hex') })
  }

  private async api(req: IncomingMessage, res: ServerResponse, url: URL, body: string): Promise<void> {
    const name = this.store.tokens.get((req.headers.authorization ?? '').replace(/^Bearer /, ''))
    if (!name) return json(res, 401, failure(401, 'AUTHENTICATION_FAILURE', 'INVALID_TOKEN').body)
    const account = this.account(name)
    const method = req.method ?? 'GET'
    const requestId = (req.headers['paypal-request-id'] as string | undefined) ?? null
    const fault = this.faults.takeRequest(name, method, url.pathname)
    const asked = { method, path: url.pathname, query: url.searchParams, body, key: requestId, whole: /return=representation/.test(String(req.headers.prefer)), fault }
    const answer = before(fault, res) ?? answerOnce(account, asked, { base: this.url, emit: this.emitFor(account) }, this.options.lagMs ?? 0)
    if (method !== 'GET') this.store.save()
    account.log({ method, path: url.pathname, status: answer.status, requestId, replayed: answer.replayed ?? false })
    if (fault?.kind === 'timeout-after' || fault?.kind === 'timeout-before') return // the socket stays open until the caller gives up
    if (fault?.kind === 'slow') {
      await new Promise((done) => setTimeout(done, fault.ms))
      finishKey(account, requestId, answer) // only by the request that holds it
    }
    res.setHeader('paypal-debug-id', 'simulated')
    if (fault?.kind === 'garbage') return void res.writeHead(200, { 'content-type': 'text/html' }).end('<html>502 Bad Gateway')
    json(res, answer.status, answer.body)
  }

  private control(req: IncomingMessage, res: ServerResponse, body: string): void {
    if (req.method === 'POST') applyControl(this, JSON.parse(body || '{}'))
    this.store.save()
    json(res, 200, snapshot(this))
  }

  private page(req: IncomingMessage, res: ServerResponse, url: URL, body: string): void {
    const [, , what, id] = url.pathname.split('/')
    const form = req.method === 'POST' ? new URLSearchParams(body) : null
    const answer = approvePage(this.store, what ?? '', id ?? '', form, (account) => this.emitFor(account))
    if (form) this.store.save()
    if ('redirect' in answer) return void res.writeHead(303, { location: answer.redirect, 'cache-control': 'no-store' }).end()
    res.writeHead(answer.status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' }).end(answer.html)
  }
}

/** The answer of a fault that keeps the request from acting; null when it may act. */
function before(fault: RequestFault | null, res: ServerResponse): ApiAnswer | null {
  if (fault?.kind === 'timeout-before') return { status: 0, body: null }
  if (fault?.kind === 'error-before') return { status: fault.status ?? 500, body: serverError }
  if (fault?.kind !== 'rate-limit') return null
  res.setHeader('retry-after', String(fault.retryAfter ?? 1))
  return { status: 429, body: { name: 'RATE_LIMIT_REACHED', message: 'Too many requests. Blocked due to rate limiting.', debug_id: 'simulated' } }
}

function json(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(body === null || status === 204 ? undefined : JSON.stringify(body))
}
async function read(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk as Buffer)
  const type = req.headers['content-type'] ?? ''
  return type.startsWith('multipart/') ? inputOfParts(Buffer.concat(chunks).toString('latin1'), type) : Buffer.concat(chunks).toString('utf8')
}
