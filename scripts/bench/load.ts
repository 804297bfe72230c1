/** A very light HTTP client over raw sockets, so that the caller does not become what is measured. Closed loop: each socket asks again when it was answered. */
import net from 'node:net'

export interface LoadResult {
  requests: number
  errors: number
  perSecond: number
  /** Milliseconds. */
  p50: number
  p99: number
}

const lengthLine = /\r\ncontent-length: (\d+)\r\n/i

class Caller {
  private buffered = ''
  private began = 0
  private readonly socket: net.Socket
  constructor(port: number, private readonly next: () => string | null, private readonly answered: (ms: number, ok: boolean) => void, private readonly finished: () => void) {
    this.socket = net.connect(port, '127.0.0.1', () => this.ask())
    this.socket.setNoDelay(true)
    this.socket.setEncoding('latin1')
    this.socket.on('data', (text: string) => this.read(text))
    this.socket.on('error', () => this.failed())
    this.socket.on('close', () => this.finished())
  }

  private ask(): void {
    const host = this.next()
    if (host === null) return void this.socket.end()
    this.began = performance.now()
    this.socket.write(`GET /account HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
  }

  private read(text: string): void {
    this.buffered += text
    const head = this.buffered.indexOf('\r\n\r\n')
    if (head < 0) return
    const length = Number(lengthLine.exec(this.buffered)?.[1] ?? 0)
    if (this.buffered.length < head + 4 + length) return
    const ok = this.buffered.startsWith('HTTP/1.1 200')
    this.buffered = ''
    this.answered(performance.now() - this.began, ok)
    this.ask()
  }

  private failed(): void {
    this.answered(0, false)
    this.socket.destroy()
  }
}

/** Calls `port` with `inFlight` sockets for `ms` milliseconds; `host` names the tenant of each request. */
export async function load(port: number, host: () => string, inFlight: number, ms: number): Promise<LoadResult> {
  const times: number[] = []
  let errors = 0
  const began = performance.now()
  const next = () => (performance.now() - began < ms ? host() : null)
  const answered = (took: number, ok: boolean) => {
    if (ok) times.push(took)
    else errors++
  }
  await Promise.all(Array.from({ length: inFlight }, () => new Promise<void>((resolve) => new Caller(port, next, answered, resolve))))
  const seconds = (performance.now() - began) / 1000
  times.sort((a, b) => a - b)
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
  return { requests: times.length, errors, perSecond: times.length / seconds, p50: at(0.5), p99: at(0.99) }
}
