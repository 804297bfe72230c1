/** A very light HTTP client over raw sockets that stay open, so that the caller does not become what is measured. Closed loop: each socket asks again when it was answered. */
import net from 'node:net'

export interface LoadResult {
  requests: number
  errors: number
  perSecond: number
  /** Milliseconds. */
  p50: number
  p99: number
}
/** One browser: where it goes and what it carries. */
export interface Visitor {
  host: string
  cookie: string
}
/** One stretch of load: it ends after so many requests, or after so many milliseconds. */
export interface Stretch {
  visitor: () => Visitor
  requests: number
  maxMs: number
}

const lengthLine = /\r\ncontent-length: (\d+)\r\n/i

class Caller {
  private buffered = ''
  private answered: ((ok: boolean) => void) | undefined
  private constructor(private readonly socket: net.Socket) {
    socket.setNoDelay(true)
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => this.read(text))
    socket.on('error', () => this.end(false))
    socket.on('close', () => this.end(false))
  }

  static open(port: number): Promise<Caller> {
    return new Promise((resolve, reject) => {
      const socket = net.connect(port, '127.0.0.1', () => resolve(new Caller(socket)))
      socket.once('error', reject)
    })
  }

  ask({ host, cookie }: Visitor): Promise<boolean> {
    return new Promise((resolve) => {
      this.answered = resolve
      this.socket.write(`GET /account HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\n\r\n`)
    })
  }

  close(): void {
    this.socket.destroy()
  }

  private read(text: string): void {
    this.buffered += text
    const head = this.buffered.indexOf('\r\n\r\n')
    if (head < 0) return
    const length = Number(lengthLine.exec(this.buffered)?.[1] ?? 0)
    if (this.buffered.length < head + 4 + length) return
    const ok = this.buffered.startsWith('HTTP/1.1 200')
    this.buffered = ''
    this.end(ok)
  }

  private end(ok: boolean): void {
    this.answered?.(ok)
    this.answered = undefined
  }
}

export class Load {
  private constructor(private readonly callers: Caller[]) {}

  /** `inFlight` sockets to one server. */
  static async open(port: number, inFlight: number): Promise<Load> {
    return new Load(await Promise.all(Array.from({ length: inFlight }, () => Caller.open(port))))
  }

  async run({ visitor, requests, maxMs }: Stretch): Promise<LoadResult> {
    const times: number[] = []
    let errors = 0
    let asked = 0
    const began = performance.now()
    await Promise.all(this.callers.map(async (caller) => {
      while (asked++ < requests && performance.now() - began < maxMs) {
        const sent = performance.now()
        if (await caller.ask(visitor())) times.push(performance.now() - sent)
        else errors++
      }
    }))
    const seconds = (performance.now() - began) / 1000
    times.sort((a, b) => a - b)
    const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
    return { requests: times.length, errors, perSecond: times.length / seconds, p50: at(0.5), p99: at(0.99) }
  }

  close(): void {
    for (const caller of this.callers) caller.close()
  }
}
