/**
 * Brings one database from what its journal says to what a bundle says, file by file.
 * MySQL and MariaDB commit every DDL statement, so there is nothing to roll back after a failure: the journal says exactly how far it came.
 * May be repeated always. Two processes must not work on one database at once: callers hold a lease (fleet) or a lock (central).
 */
import { errnoOf, format, rowsOf, type AdminConnection } from './migration-connection.js'
import { codeVersion, journalHash, journalTable, pendingOf, readJournal, type JournalRow, type Mismatch } from './migration-journal.js'
import type { Bundle, MigrationFile } from './migration-bundle.js'

export interface MigrationFailure {
  readonly file: string
  /** Number of the statement in its file, from 1. */
  readonly step: number
  readonly steps: number
  readonly sql: string
  /** Error number of the server, 0 when it did not answer. */
  readonly errno: number
  /** Files that this run had finished before. */
  readonly applied: readonly string[]
}

/** A statement was refused. Everything before it stays, the statement itself left nothing, and the journal holds the error. */
export class MigrationFailed extends Error {
  constructor(readonly failure: MigrationFailure, cause: unknown) {
    super(`${failure.file}, statement ${failure.step} of ${failure.steps}: ${(cause as Error).message} (${failure.errno || (cause as { code?: string }).code})`, { cause })
    this.name = 'MigrationFailed'
  }
}

export interface ApplyOptions {
  /** Contradictions to accept; see JournalMismatch. */
  readonly allow?: readonly Mismatch[]
  /** The journal as just read, when the caller already has it. */
  readonly journal?: readonly JournalRow[]
  /**
   * How many files of the bundle somebody believes have run (the ledger). The server checks it in the same round trip as the first file;
   * when it is wrong, the journal is read as usual.
   */
  readonly believed?: number
  /** Sent with the very first statement, to save a round trip: `use` of the database to work in. */
  readonly enter?: string
  /** Told before each file. */
  readonly onFile?: (file: MigrationFile) => void
}
export interface Applied {
  readonly applied: readonly string[]
  /** Name of the last finished file. */
  readonly head: string | null
  /** Hash of everything finished; equals Bundle.hash at the head. */
  readonly hash: string
}

const columns = '(name, checksum, status, step, started_at, code_version)'
const begin = (file: MigrationFile, from: number): string => format(
  `insert into schema_journal ${columns} values (?, ?, 'started', ?, utc_timestamp(3), ?)
    on duplicate key update status = 'started', error = null, checksum = values(checksum), started_at = values(started_at), code_version = values(code_version)`,
  [file.name, file.checksum, from, codeVersion])

/**
 * Begins a file, and is refused by the server (a number out of range, nothing written) unless the file `before` has run here with this text: a
 * database put back from a backup is behind what the ledger believes. One look-up by key, in the statement that writes anyway; a check of the
 * whole journal costs as much as an instant ALTER.
 */
const isNotAsBelieved = (error: unknown): boolean => errnoOf(error) === 1690
const alreadyThere = 1062
const beginAfter = (before: MigrationFile, file: MigrationFile): string => format(
  `insert into schema_journal ${columns} select ?, ?, 'started', (~0 + (1 - count(*))) - ~0, utc_timestamp(3), ?
    from schema_journal where name = ? and checksum = ? and status = 'done'`, [file.name, file.checksum, codeVersion, before.name, before.checksum])

/** Journal and statements travel together: one round trip a file, and the journal is right even when we die while the server works. */
function fileSql(file: MigrationFile, from: number, first = begin(file, from)): string {
  const parts = [first]
  file.up.slice(from).forEach((statement, i) => {
    parts.push(statement)
    if (from + i + 1 < file.up.length) parts.push(format('update schema_journal set step = ? where name = ?', [from + i + 1, file.name]))
  })
  parts.push(format(`update schema_journal set status = 'done', step = ?, finished_at = utc_timestamp(3),
    duration_ms = timestampdiff(microsecond, started_at, utc_timestamp(3)) div 1000 where name = ?`, [file.up.length, file.name]))
  return parts.join(';\n')
}

async function noteFailure(connection: AdminConnection, file: MigrationFile, error: unknown, applied: readonly string[], from: number): Promise<never> {
  const text = String((error as Error).message).slice(0, 1000)
  let step = from
  // Without an answer from the server nobody knows whether the statement ran: the row stays without an error, and repair looks at the schema.
  if (errnoOf(error)) {
    const [row] = await rowsOf(connection, 'select step from schema_journal where name = ?', [file.name]).catch(() => [])
    step = Number(row?.step ?? from)
    await connection.query('update schema_journal set error = ? where name = ?', [text, file.name]).catch(() => undefined)
  }
  const sql = file.up[step] ?? ''
  throw new MigrationFailed({ file: file.name, step: step + 1, steps: file.up.length, sql, errno: errnoOf(error), applied: [...applied] }, error)
}

const prepared = new WeakMap<Bundle, Map<number, string[]>>()
/** The texts for files from `count` on; the same for every tenant that stands there, so they are made once. */
function believedSql(bundle: Bundle, count: number): string[] {
  const known = prepared.get(bundle)?.get(count)
  if (known) return known
  const texts = bundle.files.slice(count).map((file, i) => fileSql(file, 0, i ? begin(file, 0) : beginAfter(bundle.files[count - 1]!, file)))
  prepared.set(bundle, (prepared.get(bundle) ?? new Map<number, string[]>()).set(count, texts))
  return texts
}

/** Null: it is not as believed; nothing has changed. */
async function applyBelieved(connection: AdminConnection, bundle: Bundle, count: number, options: ApplyOptions): Promise<Applied | null> {
  const applied: string[] = []
  for (const [i, sql] of believedSql(bundle, count).entries()) {
    const file = bundle.files[count + i]!
    options.onFile?.(file)
    try {
      await connection.query(i === 0 && options.enter ? `${options.enter};\n${sql}` : sql)
    } catch (error) {
      if (!applied.length && (isNotAsBelieved(error) || (errnoOf(error) === alreadyThere && (error as Error).message.includes(file.name)))) return null
      await noteFailure(connection, file, error, applied, 0)
    }
    applied.push(file.name)
  }
  return { applied, head: bundle.head, hash: bundle.hash }
}

/**
 * Runs what is pending in the connection's current database.
 * Throws JournalMismatch before anything runs, MigrationFailed when a statement is refused.
 */
export async function applyPending(connection: AdminConnection, bundle: Bundle, options: ApplyOptions = {}): Promise<Applied> {
  const quick = options.believed ? await applyBelieved(connection, bundle, options.believed, options) : null
  if (quick) return quick
  if (options.enter) await connection.query(options.enter)
  const journal = options.journal ?? (await readJournal(connection))
  const pending = pendingOf(bundle, journal, options.allow)
  if (!journal.length && pending.length) await connection.query(journalTable)
  const applied: string[] = []
  for (const { file, from } of pending) {
    options.onFile?.(file)
    await connection.query(fileSql(file, from)).catch((e: unknown) => noteFailure(connection, file, e, applied, from))
    applied.push(file.name)
  }
  const done = new Map<string, JournalRow>(journal.map((r) => [r.name, r]))
  for (const { file } of pending) done.set(file.name, { name: file.name, checksum: file.checksum, status: 'done', step: file.up.length, error: null })
  const rows = [...done.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  return { applied, head: rows.at(-1)?.name ?? null, hash: journalHash(rows) }
}

/** Takes back the last `count` files, newest first. Throws when a file has no `-- down` part; nothing has changed then. */
export async function rollbackLast(connection: AdminConnection, bundle: Bundle, count: number): Promise<string[]> {
  const journal = await readJournal(connection)
  const names = journal.slice(-count).map((r) => r.name).reverse()
  const files = names.map((name) => bundle.files.find((f) => f.name === name))
  const stuck = names.find((_name, i) => !files[i]?.down.length)
  if (stuck) throw new Error(`${stuck} cannot be taken back: ${files[names.indexOf(stuck)] ? 'it has no "-- down" part' : 'its file is not in this version'}.`)
  for (const file of files as MigrationFile[]) {
    await connection.query(`update schema_journal set status = 'started', step = 0, error = null where name = ?`, [file.name])
    for (const [i, sql] of file.down.entries()) {
      await connection.query(sql).catch((e: unknown) => {
        throw new MigrationFailed({ file: file.name, step: i + 1, steps: file.down.length, sql, errno: errnoOf(e), applied: [] }, e)
      })
    }
    await connection.query('delete from schema_journal where name = ?', [file.name])
  }
  return names
}
