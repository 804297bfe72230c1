/** Listens, bounds slow clients, and leaves without losing a request. */
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { config } from '../config.js'
import { log } from '../log.js'
import { setLeaving } from './health.js'
import { metricsServer } from './metrics.js'

export interface RunningServer {
  readonly port: number
  /** Not ready → (`leadMs` for load balancers to notice) → no new connections → open requests end, at most `graceMs` → the rest is cut. */
  stop(options?: { graceMs?: number; leadMs?: number }): Promise<void>
}

/** Node closed the connection over a malformed or slow request; say why in plain HTTP, without a word about who lives here. */
function onClientError(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy()
  const status = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request'
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

export interface ListenOptions {
  port: number
  bind: string
  /** Time for all headers, and for the whole request, in milliseconds. */
  headersTimeout?: number
  requestTimeout?: number
}

async function stopServer(server: Server, graceMs: number, leadMs: number): Promise<void> {
  setLeaving(true)
  await sleep(leadMs)
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  // Connections become idle one by one as their answers leave.
  const sweep = setInterval(() => server.closeIdleConnections(), 50)
  const cut = setTimeout(() => {
    log().warn('some requests did not end in time and were cut')
    server.closeAllConnections()
  }, graceMs)
  await closed
  clearInterval(sweep)
  clearTimeout(cut)
}

export async function listen(handler: RequestListener, options: ListenOptions): Promise<RunningServer> {
  const { port, bind, headersTimeout = 15_000, requestTimeout = 60_000 } = options
  const server = createServer({ headersTimeout, requestTimeout, keepAliveTimeout: 65_000, connectionsCheckingInterval: Math.min(5000, headersTimeout), maxHeaderSize: 16_384 }, handler)
  server.on('clientError', onClientError)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, bind, () => resolve())
  })
  setLeaving(false)
  const figures = config().METRICS_PORT ? metricsServer(config().METRICS_PORT) : null
  let stopping: Promise<void> | undefined
  return {
    port: (server.address() as AddressInfo).port,
    stop: ({ graceMs = 30_000, leadMs = 0 } = {}) => (stopping ??= stopServer(server, graceMs, leadMs).finally(() => figures?.close())),
  }
}
