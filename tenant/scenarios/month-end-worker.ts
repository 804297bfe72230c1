/**
 * A worker at a month's end, made to be killed: mortal-workers.ts starts it with fork(). It runs the real timetable, jobs and reactions of one shop at a row of
 * instants. `killAt` names the packet (to database, gateway, anybody; or to the gateway only)
 * at which the process dies by SIGKILL, just before or just after it is sent.
 */
import { Socket } from 'node:net'
import { config } from '../../shared/config.js'
import { runDueJobs } from '../../shared/jobs/run-due-jobs.js'
import { runSchedules } from '../../shared/jobs/timetable.js'
import { patience } from '../../shared/payments/stripe-gateway.js'
import { runAsPlatform } from '../../shared/tenancy/context.js'
import { plugDirectory } from '../../shared/tenancy/directory.js'
import { makeTenant, type Tenant } from '../../shared/tenancy/tenant.js'
import { MemoryDirectory } from '../../shared/testing/memory-directory.js'
import { clock } from '../../shared/time/clock.js'
import '../timetable.js'

export interface Orders {
  tenant: Tenant
  /** The database password, which a tenant value never prints. */
  password: string
  /** ISO, ascending. */
  instants: string[]
  /** 1 = the first packet; 0 = never. Even: die before sending it; odd: right after. */
  killAt: number
  /** Count only packets that do not go to the database: a death there leaves an answer that nobody heard. */
  outside: boolean
  /** How long it waits for an answer of the gateway; default: as in production. */
  patienceMs?: number
  /** False: only jobs that are due, no schedules. */
  schedules?: boolean
  /** The workspace server of the shop, when it has one. */
  connection?: Parameters<MemoryDirectory['connect']>[0]
}
export type Report = { kind: 'ready' } | { kind: 'at'; instant: string } | { kind: 'done'; packets: number } | { kind: 'broken'; message: string }

let packets = 0
let killAt = 0
let outside = false
const databasePort = Number(new URL(config().DATABASE_URL).port || 3306)
const die = (): void => void process.kill(process.pid, 'SIGKILL')
const wire = Socket.prototype as unknown as { _writeGeneric(...args: unknown[]): unknown }
const send = wire._writeGeneric
wire._writeGeneric = function counted(this: { remotePort?: number }, ...args: unknown[]) {
  if (outside && this.remotePort === databasePort) return send.apply(this, args)
  packets++
  if (packets === killAt && killAt % 2 === 0) die()
  const result = send.apply(this, args)
  if (packets === killAt) die()
  return result
}

const report = (message: Report): void => {
  if (process.connected) process.send?.(message)
}

async function work(orders: Orders): Promise<void> {
  const tenant = makeTenant({ ...orders.tenant, db: { ...orders.tenant.db, password: orders.password } })
  const directory = new MemoryDirectory()
  directory.put(tenant)
  if (orders.connection) directory.connect(orders.connection)
  plugDirectory(directory)
  killAt = orders.killAt
  outside = orders.outside
  patience.timeoutMs = orders.patienceMs ?? patience.timeoutMs
  packets = 0
  for (const instant of orders.instants) {
    report({ kind: 'at', instant })
    clock.set(instant)
    await runAsPlatform(async () => {
      if (orders.schedules !== false) await runSchedules(tenant, clock.real())
      while (await runDueJobs()) { /* jobs make jobs */ }
    })
  }
  report({ kind: 'done', packets })
}

process.once('message', (orders: Orders) => {
  work(orders).catch((error: Error) => report({ kind: 'broken', message: error.stack ?? String(error) })).finally(() => setImmediate(() => process.exit(0)))
})
report({ kind: 'ready' })
