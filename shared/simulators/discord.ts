/** A stand-in for Discord's webhooks: execute and edit, with its limits, its error shapes and its rate limit. `../../../shared/apis/discord.md` §6. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { checkMessage, type DiscordMessage } from './discord-limits.js'

export interface StoredMessage extends DiscordMessage {
  readonly id: string
}

export class DiscordSimulator {
  readonly id = '1180000000000000001'
  readonly token = 'simulated-token_0123456789'
  /** What would be read in the channel, oldest first. */
  readonly messages: StoredMessage[] = []
  /** Status of every answer, oldest first. */
  readonly answers: number[] = []
  /** Requests that are taken before 429; null: no limit. */
  allowance: number | null = null
  /** Seconds that a 429 asks to wait, and after which the allowance is whole again. */
  retryAfter = 0.05
  /** As the real service in an outage: a 502 with a page instead of JSON; a number: so many times. */
  outage: boolean | number = false
  /** Someone deleted the webhook in Discord. */
  deleted = false
  private used = 0
  private counter = 0
  private server: Server | undefined

  get url(): string {
    const port = (this.server?.address() as AddressInfo | null)?.port ?? 0
    return `http://127.0.0.1:${port}/api/v10/webhooks/${this.id}/${this.token}`
  }

  async start(port = 0): Promise<this> {
    this.server = createServer((req, res) => void this.handle(req, res))
    await new Promise<void>((resolve) => this.server?.listen(port, '127.0.0.1', resolve))
    return this
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections()
    await new Promise<void>((resolve) => this.server?.close(() => resolve()))
  }

  private async handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk)
    const url = new URL(req.url ?? '/', 'http://discord.invalid')
    const [, id, token, messageId] = /^\/api\/(?:v\d+\/)?webhooks\/(\d+)\/([\w-]+)(?:\/messages\/(\d+))?$/.exec(url.pathname) ?? []
    const answer = (status: number, body?: unknown, headers: Record<string, string> = {}) => {
      this.answers.push(status)
      res.writeHead(status, { ...(typeof body === 'string' ? { 'content-type': 'text/html' } : { 'content-type': 'application/json' }), ...this.limitHeaders(), ...headers })
      res.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body))
    }
    if (this.outage) {
      if (typeof this.outage === 'number') this.outage--
      return answer(502, '<html><body>Bad gateway</body></html>')
    }
    if (!id || id !== this.id || this.deleted) return answer(404, { message: 'Unknown Webhook', code: 10015 })
    if (token !== this.token) return answer(401, { message: 'Invalid Webhook Token', code: 50027 })
    if (this.limited()) return answer(429, { message: 'You are being rate limited.', retry_after: this.retryAfter, global: false }, { 'retry-after': String(this.retryAfter), 'x-ratelimit-scope': 'user' })
    this.take(Buffer.concat(chunks).toString('utf8'), req.method ?? '', messageId, url.searchParams.get('wait') === 'true', answer)
  }

  private take(text: string, method: string, messageId: string | undefined, wait: boolean, answer: (status: number, body?: unknown) => void): void {
    let message: DiscordMessage
    try {
      message = JSON.parse(text) as DiscordMessage
    } catch {
      return answer(400, { message: 'The request body contains invalid JSON.', code: 50109 })
    }
    const fault = checkMessage(message)
    if (fault) return answer(400, fault)
    if (method === 'PATCH') {
      const at = this.messages.findIndex((m) => m.id === messageId)
      if (at < 0) return answer(404, { message: 'Unknown Message', code: 10008 })
      this.messages[at] = { ...this.messages[at]!, ...message }
      return answer(200, this.messages[at])
    }
    const stored = { ...message, id: String(2_000_000_000_000_000_000n + BigInt(++this.counter)) }
    this.messages.push(stored)
    answer(wait ? 200 : 204, wait ? stored : undefined)
  }

  private limited(): boolean {
    if (this.allowance === null) return false
    if (this.used >= this.allowance) return true
    if (this.used++ === 0) setTimeout(() => (this.used = 0), this.retryAfter * 1000).unref()
    return false
  }

  private limitHeaders(): Record<string, string> {
    if (this.allowance === null) return {}
    return { 'x-ratelimit-limit': String(this.allowance), 'x-ratelimit-remaining': String(Math.max(0, this.allowance - this.used)), 'x-ratelimit-reset-after': String(this.retryAfter), 'x-ratelimit-bucket': 'simulated' }
  }
}
