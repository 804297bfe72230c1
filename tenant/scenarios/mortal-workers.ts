/** Worker processes that are killed at a packet of their work (month-end-worker.ts), and what a test needs around them. */
import { fork, type ChildProcess } from 'node:child_process'
import { config } from '../../shared/config.js'
import type { World } from '../../shared/testing/world.js'
import type { Orders, Report } from './month-end-worker.js'
import { scriptBeside } from '../../shared/testing/own-process.js'

/** A row of numbers that a seed repeats: 1 to `most`. */
export function dice(seed: number): (most: number) => number {
  let state = seed
  return (most) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return 1 + Math.floor((state / 2 ** 32) * most)
  }
}

/** Of this run, printed so that it can be repeated. `env`: the environment, where the variable may name one. */
export function seedOf(variable: string, env: NodeJS.ProcessEnv): number {
  const seed = Number(env[variable] ?? Date.now() % 1_000_000)
  console.log(`      seed ${seed} (repeat with ${variable}=${seed})`)
  return seed
}

/** Workers that have loaded their code and wait for orders: the next one warms up while this one works. */
export class Workers {
  private next: Promise<ChildProcess>
  private readonly env: NodeJS.ProcessEnv
  /** Call it when the world stands: they work in its databases. `env`: the environment of the test. */
  constructor(env: NodeJS.ProcessEnv) {
    const { CENTRAL_DATABASE, TENANT_PREFIX, MASTER_KEY, DATABASE_URL } = config()
    this.env = { ...env, CENTRAL_DATABASE, TENANT_PREFIX, MASTER_KEY, DATABASE_URL, NODE_ENV: 'test', ALLOW_PRIVATE_OUTSIDE: '1', CHROMIUM_PATH: '/nowhere/chromium', LOG_LEVEL: 'silent', PORT: '3000' }
    this.next = this.start()
  }
  private start(): Promise<ChildProcess> {
    const { file, execArgv } = scriptBeside(import.meta, 'month-end-worker')
    const child = fork(file, { execArgv: [...execArgv], env: this.env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    return new Promise((ready, fail) => {
      child.once('message', () => ready(child))
      child.once('exit', () => fail(new Error('A worker died before it was ready.')))
    })
  }
  /** Runs one worker to its end. Answers the last instant it was at and its packets when it finished. `meet` is shown the process before it gets its orders. */
  async run(orders: Orders, meet: (child: ChildProcess) => void = () => undefined): Promise<{ at: string; packets: number | null }> {
    const child = await this.next
    this.next = this.start()
    this.next.catch(() => undefined)
    const end: { at: string; packets: number | null } = { at: orders.instants[0]!, packets: null }
    const broken: string[] = []
    child.on('message', (report: Report) => {
      if (report.kind === 'at') end.at = report.instant
      if (report.kind === 'done') end.packets = report.packets
      if (report.kind === 'broken') broken.push(report.message)
    })
    meet(child)
    child.send(orders)
    await new Promise((gone) => child.once('exit', gone))
    if (broken.length) throw new Error(broken[0])
    return end
  }
  async stop(): Promise<void> {
    const child = await this.next.catch(() => null)
    child?.removeAllListeners('exit')
    child?.kill('SIGKILL')
  }
}

/** What a minute does for the next worker: the dead one's claims run out. */
export const aMinutePasses = (world: World): Promise<unknown> => world.admin.query(`update \`${config().CENTRAL_DATABASE}\`.agenda_jobs set locked_at = date_sub(locked_at, interval 2 minute) where locked_at is not null`)
