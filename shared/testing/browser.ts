/**
 * A small browser for tests over a real listening server: keeps cookies of one host, finds the form token on the page, follows nothing
 * by itself. Speaks raw node:http, so that a test may send any Host header.
 */
import { request, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import { connect } from 'node:net'
import { listen, type RunningServer } from '../http/server.js'

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: string
  /** All Set-Cookie lines. */
  cookies: string[]
}
export interface Sending {
  method?: string
  headers?: Record<string, string>
  body?: string | Buffer
}

/** One raw exchange with 127.0.0.1:port. `path` is written as it is: also in absolute form. */
export function exchange(port: number, path: string, { method = 'GET', headers = {}, body }: Sending = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const req = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (res) => {
      const chunks: Buffer[] = []
      res.on('data', (chunk: Buffer) => chunks.push(chunk))
      res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body: Buffer.concat(chunks).toString('utf8'), cookies: res.headers['set-cookie'] ?? [] }))
      res.on('error', reject)
    })
    req.on('error', reject)
    req.end(body)
  })
}

/** Writes these bytes to the port and gives back all it hears until the server closes. */
export function talk(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    let heard = ''
    socket.on('data', (chunk) => (heard += String(chunk)))
    socket.on('close', () => resolve(heard))
    socket.on('error', () => resolve(heard))
  })
}

export class Browser {
  readonly jar = new Map<string, string>()
  /** Token of the page seen last. */
  csrf = ''
  last: Answer | undefined

  constructor(readonly port: number, readonly host: string) {}

  async send(path: string, sending: Sending = {}): Promise<Answer> {
    const cookie = [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { host: `${this.host}:${this.port}`, accept: 'text/html', ...(cookie ? { cookie } : {}), ...sending.headers }
    const answer = await exchange(this.port, path, { ...sending, headers })
    for (const line of answer.cookies) this.keep(line)
    this.csrf = /<meta name="csrf-token" content="([^"]+)"/.exec(answer.body)?.[1] ?? this.csrf
    return (this.last = answer)
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send(path, { headers })
  }

  /** Posts a form as a browser would, with the token of the page seen last. */
  post(path: string, fields: Record<string, string> = {}, headers: Record<string, string> = {}): Promise<Answer> {
    const body = new URLSearchParams({ _csrf: this.csrf, ...fields }).toString()
    const own = { 'content-type': 'application/x-www-form-urlencoded', origin: `http://${this.host}:${this.port}`, 'sec-fetch-site': 'same-origin' }
    return this.send(path, { method: 'POST', body, headers: { ...own, ...headers } })
  }

  /** Opens the page, then posts its form. */
  async fill(page: string, fields: Record<string, string>, action = page): Promise<Answer> {
    await this.get(page)
    return this.post(action, fields)
  }

  /** GETs where the last answer pointed to. */
  follow(): Promise<Answer> {
    const location = this.last?.headers.location
    if (!location) throw new Error(`The last answer (${this.last?.status}) points nowhere.`)
    return this.get(location)
  }

  private keep(line: string): void {
    const [pair = '', ...attributes] = line.split(/;\s*/)
    const at = pair.indexOf('=')
    const over = attributes.some((a) => /^max-age=0$/i.test(a)) || !pair.slice(at + 1)
    if (over) this.jar.delete(pair.slice(0, at))
    else this.jar.set(pair.slice(0, at), pair.slice(at + 1))
  }
}

/** Mocha hooks: a server on a free port for a describe. `make` runs in before, after the world is there. */
export function useServer(make: () => RequestListener | Promise<RequestListener>): { port: number; browser(host: string): Browser; running: RunningServer } {
  const server = { browser: (host: string) => new Browser(server.port, host) } as { port: number; browser(host: string): Browser; running: RunningServer }
  before(async () => {
    server.running = await listen(await make(), { port: 0, bind: '127.0.0.1' })
    server.port = server.running.port
  })
  after(() => server.running.stop({ graceMs: 500 }))
  return server
}
