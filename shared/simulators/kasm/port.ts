/** A port of this machine that can be taken away and brought back, as a server that fails. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sendJson } from './faults.js'
import type { Body } from './habits.js'

export class Port {
  #server: Server | undefined
  /** 0: the first opening chooses one, and it stays the same. */
  constructor(private number: number, private readonly handle: (req: IncomingMessage, res: ServerResponse) => Promise<void>) {}

  get url(): string {
    return `http://127.0.0.1:${this.number}`
  }
  async open(): Promise<void> {
    const failed = (res: ServerResponse) => (error: unknown) => sendJson(res, 500, { error_message: String(error) })
    this.#server = createServer((req, res) => void this.handle(req, res).catch(failed(res)))
    await new Promise<void>((resolve, reject) => this.#server!.once('error', reject).listen(this.number, '127.0.0.1', resolve))
    this.number = (this.#server.address() as AddressInfo).port
  }
  async close(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (!server) return
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await new Promise((resolve) => setTimeout(resolve, 20))  // let clients of this process notice that their open connections are gone
  }
}

/** What is no JSON reads as nothing. */
export async function readJson(req: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk as Buffer)
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Body
  } catch {
    return {}
  }
}
