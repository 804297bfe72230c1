/**
 * A stand-in for VIES' REST service: answers like the real one, with switches for its usual troubles. Numbers that end in 00 are not registered, all others are,
 * unless `register` says otherwise.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Registered {
  readonly valid: boolean
  readonly name?: string
  readonly address?: string
}
/** VIES' own error codes; `hang-up`: closes without an answer; `garbage`: a page instead of JSON. */
export type ViesTrouble = 'MS_UNAVAILABLE' | 'SERVICE_UNAVAILABLE' | 'TIMEOUT' | 'MS_MAX_CONCURRENT_REQ' | 'INVALID_REQUESTER_INFO' | 'INVALID_INPUT' | 'hang-up' | 'garbage'
interface Question { countryCode?: string; vatNumber?: string; requesterMemberStateCode?: string; requesterNumber?: string }

export class ViesSimulator {
  /** By number with its prefix: `DE136695976`. */
  readonly register = new Map<string, Registered>()
  /** Troubles of the next answers, first one first. `always` stays until it is cleared. */
  readonly troubles: ViesTrouble[] = []
  always: ViesTrouble | null = null
  /** What was asked, oldest first. */
  readonly asked: Question[] = []
  private server: Server | undefined

  get url(): string {
    return `http://127.0.0.1:${(this.server?.address() as AddressInfo | null)?.port ?? 0}/taxation_customs/vies/rest-api`
  }
  async up(port = 0): Promise<this> {
    this.server = createServer((req, res) => void this.handle(req, res))
    await new Promise<void>((resolve, reject) => this.server?.once('error', reject).listen(port, '127.0.0.1', resolve))
    return this
  }
  async down(): Promise<void> {
    this.server?.closeAllConnections()
    await new Promise<void>((resolve) => (this.server ? this.server.close(() => resolve()) : resolve()))
  }
  reset(): void {
    this.register.clear()
    this.troubles.length = 0
    this.asked.length = 0
    this.always = null
  }

  private async handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk)
    if (req.method !== 'POST' || !req.url?.endsWith('/check-vat-number')) return send(res, 404, { message: 'Not found' })
    const question = JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}') as Question
    this.asked.push(question)
    const trouble = this.troubles.shift() ?? this.always
    if (trouble === 'hang-up') return void req.socket.destroy()
    if (trouble === 'garbage') return void res.writeHead(502, { 'content-type': 'text/html' }).end('<html>Bad gateway</html>')
    if (trouble && !(trouble === 'INVALID_REQUESTER_INFO' && !question.requesterNumber)) return send(res, 200, { actionSucceed: false, errorWrappers: [{ error: trouble }] })
    send(res, 200, this.answerTo(question))
  }

  private answerTo(question: Question): object {
    const number = `${question.countryCode ?? ''}${question.vatNumber ?? ''}`
    const found = this.register.get(number) ?? { valid: !number.endsWith('00') }
    const requested = Boolean(question.requesterNumber)
    return {
      countryCode: question.countryCode, vatNumber: question.vatNumber, requestDate: new Date().toISOString(), valid: found.valid,
      requestIdentifier: requested ? `WAPIAAAA${String(this.asked.length).padStart(8, '0')}` : '',
      name: found.valid ? found.name ?? 'Sample Trader' : '---', address: found.valid ? found.address ?? '1 Market Square\n1000 Sampletown' : '---',
    }
  }
}

const send = (res: ServerResponse, status: number, body: object): void => void res.writeHead(status, { 'content-type': 'application/json' })
  .end(JSON.stringify(body))
