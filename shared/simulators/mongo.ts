/** A MongoDB server of a few commands, in memory, over real sockets: enough for the real driver and agenda's MongoDB backend in tests. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { MongoStore } from './mongo-store.js'
import { readCall, takeMessages, writeAnswer, type Document } from './mongo-wire.js'

export interface MongoSimulator {
  readonly url: string
  readonly store: MongoStore
  /** Every command is refused until it is called with false: a server that is there but in trouble. */
  fail(on: boolean): void
  stop(): Promise<void>
}

export async function startMongo(port = 0, database = 'jobs'): Promise<MongoSimulator> {
  const store = new MongoStore()
  const sockets = new Set<Socket>()
  let failing = false
  const answer = (command: Document): Document => {
    const given = Object.keys(command)[0] ?? ''
    const name = given.toLowerCase() === 'ismaster' ? 'hello' : given
    const handler = store.handlers[name]
    if (!handler) return { ok: 0, errmsg: `no such command: ${name}`, code: 59 }
    if (failing && name !== 'hello') return { ok: 0, errmsg: 'the server is in trouble', code: 91 }
    try {
      return { ...handler(command), ...(name === 'hello' ? { ismaster: true } : {}), ok: 1 }
    } catch (error) {
      return { ok: 0, errmsg: String(error), code: 1 }
    }
  }
  const server: Server = createServer((socket) => {
    let waiting: Buffer = Buffer.alloc(0)
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    socket.on('data', (bytes) => {
      const { messages, rest } = takeMessages(Buffer.concat([waiting, bytes]))
      waiting = rest
      for (const message of messages) { const call = readCall(message); socket.write(writeAnswer(call, answer(call.command))) }
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    url: `mongodb://127.0.0.1:${(server.address() as AddressInfo).port}/${database}`,
    store,
    fail: (on) => { failing = on },
    stop: () => new Promise<void>((resolve) => {
      for (const socket of sockets) socket.destroy()
      server.close(() => resolve())
    }),
  }
}
