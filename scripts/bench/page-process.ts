/** The two page servers as processes of their own, each with the sockets that ask it. */
import { fork, type ChildProcess } from 'node:child_process'
import { serverOf } from '../../shared/database/servers.js'
import { benchTenant } from './bench-tenants.js'
import { Load } from './load.js'
import type { PageServerFacts, PageServerOrder } from './page-server.js'
import { scriptBeside } from '../../shared/testing/own-process.js'

export interface PageServer {
  run: string
  load: Load
  facts(when: 'now' | 'collected'): Promise<PageServerFacts>
  stop(): void
}

function reply<T>(child: ChildProcess, pick: (message: Record<string, unknown>) => T | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const died = (code: number | null) => reject(new Error(`The page server ended with ${code}.`))
    const listen = (message: unknown) => {
      const value = pick(message as Record<string, unknown>)
      if (value === undefined) return
      child.off('message', listen).off('exit', died)
      resolve(value)
    }
    child.on('message', listen)
    child.once('exit', died)
  })
}

/** As in production: templates are read once, cookies are `__Host-`. The plain one finds its only database where the product has central. */
function pageEnv({ mode, run, connections }: PageServerOrder): NodeJS.ProcessEnv {
  const { host, port } = serverOf(1)
  const { db } = benchTenant(run, 1)
  const both = { NODE_ENV: 'production', PUBLIC_SCHEME: 'https', ALLOW_PRIVATE_OUTSIDE: '0' }
  if (mode === 'tenancy') return { ...process.env, ...both, TENANT_CONNECTIONS: String(connections) }
  const url = `mysql://${db.user}:${db.password}@${host}:${port}`
  return { ...process.env, ...both, DATABASE_URL: url, CENTRAL_DATABASE: db.database, CENTRAL_CONNECTIONS: String(connections) }
}

export async function startPageServer(order: PageServerOrder, inFlight: number): Promise<PageServer> {
  const { file, execArgv } = scriptBeside(import.meta, 'page-server')
  const child = fork(file, { execArgv: [...execArgv, '--expose-gc'], env: pageEnv(order) })
  child.send({ serve: order })
  const port = await reply(child, (m) => m.port as number | undefined)
  const load = await Load.open(port, inFlight)
  return {
    run: order.run,
    load,
    facts(when) {
      child.send({ facts: when })
      return reply(child, (m) => m.facts as PageServerFacts | undefined)
    },
    stop() {
      load.close()
      child.kill()
    },
  }
}
