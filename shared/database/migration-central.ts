/** The central database as the fleet sees it: plain statements from a process that may hold a tenant's context or none. Also brings central itself to its head. */
import { config } from '../config.js'
import { currentTenantOrNull, runAsPlatform } from '../tenancy/context.js'
import { centralDb } from './central-database.js'
import { readBundle, type Bundle } from './migration-bundle.js'
import { format, quoteName, rowsOf, withAdmin, type Row } from './migration-connection.js'
import { repairJournal } from './migration-repair.js'
import { applyPending, type Applied, type ApplyOptions } from './migrator.js'

let asked = 0
/** Statements sent so far by this process; tests count with it. */
export const centralQueries = (): number => asked

async function send(sql: string, values: unknown[]): Promise<unknown> {
  asked++
  const text = values.length ? format(sql, values as never) : sql
  const run = async (): Promise<unknown[]> => (await centralDb().raw(text)) as unknown[]
  return (await (currentTenantOrNull() ? runAsPlatform(run) : run()))[0]
}

/** Rows of one statement on the central database. */
export const centralRows = async (sql: string, values: unknown[] = []): Promise<Row[]> => (await send(sql, values)) as Row[]

/** Rows changed by one statement on the central database. */
export async function centralChange(sql: string, values: unknown[] = []): Promise<{ affectedRows: number; insertId: number }> {
  return (await send(sql, values)) as { affectedRows: number; insertId: number }
}

const lockName = (): string => `${config().CENTRAL_DATABASE}.migrate`.slice(0, 64)

/**
 * Creates the central database when it is missing, sets right what a crash interrupted, and runs what is pending. Several processes may start at once: one works, the others wait (60 s).
 * Throws JournalMismatch or MigrationFailed.
 */
export async function migrateCentral(options: ApplyOptions = {}, bundle: Bundle = readBundle('central')): Promise<Applied> {
  return withAdmin(1, async (connection) => {
    const name = quoteName(config().CENTRAL_DATABASE)
    await connection.query(`create database if not exists ${name} character set utf8mb4 collate utf8mb4_unicode_520_ci; use ${name}; set session lock_wait_timeout = 30`)
    const [lock] = await rowsOf(connection, 'select get_lock(?, 60) as held', [lockName()])
    if (Number(lock?.held) !== 1) throw new Error('Another process has been migrating the central database for a minute.')
    await repairJournal(connection, bundle)
    return applyPending(connection, bundle, options)
  })
}
