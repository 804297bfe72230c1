/** One visit of one member by an administrator's program: the connection, the error, the result. */
import { errnoOf, isUnreachable, openAdmin, quoteName, type AdminConnection } from '../database/migration-connection.js'
import { MigrationFailed } from '../database/migrator.js'
import type { FleetFailure, FleetResult } from './fleet-report.js'
import type { FleetMember, LedgerEntry } from './ledger.js'

/** What an action did. `ledger`: what central shall remember; left out when nothing is known to have changed. */
export interface Acted {
  readonly detail: readonly string[]
  readonly to: string | null
  readonly hash?: string | null
  /** SQL of the journal's row, when the run shall write it together with others (FleetRun). */
  readonly row?: string
}
/** `enter`: SQL that makes the member's database the current one. It has run already, unless the action says that it sends it itself, with its first statement. */
export interface Action {
  (connection: AdminConnection, member: FleetMember, enter: string): Promise<Acted>
  readonly sendsEnter?: boolean
  /** Told of a worker's connection before the first visits, for what can be asked meanwhile. */
  readonly ready?: (connection: AdminConnection, serverId: number) => void
}

/** No statement of ours waits longer for a table that somebody is using. */
const lockWaitSeconds = 15
const session = `set session lock_wait_timeout = ${lockWaitSeconds}`

/** In the place of a worker's number. */
const ASIDE = -1

/** Connections of the workers: few, reused for tenant after tenant. */
export class FleetConnections {
  private readonly open = new Map<string, AdminConnection>()
  private readonly down = new Map<number, Error>()
  constructor(private readonly as: 'tenant' | 'admin') {}

  /** A connection whose current database is the member's as soon as `enter` has been sent. */
  async towards(member: FleetMember, worker: number): Promise<{ connection: AdminConnection; enter: string }> {
    const down = this.down.get(member.serverId)
    if (down) throw down
    const connection = this.open.get(`${worker}.${member.serverId}`) ?? (await this.connect(member.serverId, worker))
    const password = this.as === 'tenant' && member.migrationUser ? member.migrationPassword() : null
    if (password) await connection.changeUser({ user: member.migrationUser!, password, database: member.database })
    return { connection, enter: password ? session : `use ${quoteName(member.database)}` }
  }

  /** A connection whose current database is the member's. */
  async to(member: FleetMember, worker: number): Promise<AdminConnection> {
    const { connection, enter } = await this.towards(member, worker)
    await connection.query(enter)
    return connection
  }

  /** A connection beside the workers', for the journals of many members of one server. */
  async aside(serverId: number): Promise<AdminConnection> {
    return this.open.get(`${ASIDE}.${serverId}`) ?? (await this.connect(serverId, ASIDE))
  }

  /** Opens what the first visits will want, while something else is awaited. A server that does not answer is reported by those visits. */
  async warm(members: readonly FleetMember[], workers: number, ready?: Action['ready']): Promise<void> {
    await Promise.all(members.slice(0, workers).map((member, worker) => this.connect(member.serverId, worker).then((connection) => ready?.(connection, member.serverId), () => undefined)))
  }

  private async connect(serverId: number, worker: number): Promise<AdminConnection> {
    try {
      const connection = await openAdmin(serverId)
      connection.on('error', () => undefined)
      await connection.query(session)
      this.open.set(`${worker}.${serverId}`, connection)
      return connection
    } catch (error) {
      if (isUnreachable(error)) this.down.set(serverId, error as Error)
      throw error
    }
  }

  /** After any error that is not a plain answer of the server: who the connection is now is uncertain. */
  drop(member: FleetMember, worker: number): void {
    this.forget(`${worker}.${member.serverId}`)
  }

  dropAside(serverId: number): void {
    this.forget(`${ASIDE}.${serverId}`)
  }

  private forget(key: string): void {
    this.open.get(key)?.destroy()
    this.open.delete(key)
  }

  async end(): Promise<void> {
    await Promise.all([...this.open.values()].map((c) => c.end().catch(() => c.destroy())))
  }
}

export function failureOf(error: unknown): FleetFailure {
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof MigrationFailed) {
    const { file, step, steps, sql, errno } = error.failure
    return { file, step, steps, sql, errno, message: (error.cause as Error).message }
  }
  return { file: (error as { file?: string }).file ?? null, step: null, steps: null, sql: null, errno: errnoOf(error), message }
}

/** `entry` is null when the ledger has nothing to learn. `row`: SQL that the journal is still to get, before the ledger learns anything. */
export interface Visited { readonly result: FleetResult; readonly entry: LedgerEntry | null; readonly row?: string }

/** Visits a member and never throws. */
export async function visitMember(member: FleetMember, worker: number, connections: FleetConnections, action: Action, runId: number | null): Promise<Visited> {
  const begun = performance.now()
  const facts = { tenant: member.slug, kind: member.kind, database: member.database, from: member.head }
  try {
    const { connection, enter } = await connections.towards(member, worker)
    if (!action.sendsEnter) await connection.query(enter)
    const { detail, to, hash, row } = await action(connection, member, enter)
    const ms = performance.now() - begun
    const result: FleetResult = { ...facts, status: 'done', to, ms, detail }
    return { result, entry: hash === undefined ? null : { member, head: to, hash, runId, ms }, ...(row ? { row } : {}) }
  } catch (error) {
    connections.drop(member, worker)
    const ms = performance.now() - begun
    const failure = failureOf(error)
    const applied = error instanceof MigrationFailed ? error.failure.applied : []
    const to = applied.at(-1) ?? member.head
    const away = !(error instanceof MigrationFailed) && isUnreachable(error)
    const result: FleetResult = { ...facts, status: away ? 'unreachable' : 'failed', to, ms, detail: applied, failure }
    const { file, step, sql, errno, message } = failure
    return { result, entry: away ? null : { member, head: to, hash: null, runId, ms, failure: { file: file ?? '', step: step ?? 0, sql: sql ?? '', errno, message } } }
  }
}
