/**
 * Brings one database from what its journal says to what a bundle says, file by file.
 * MySQL and MariaDB commit every DDL statement, so there is nothing to roll back after a failure: the journal says how far it came, and after a crash `repairJournal` looks at the schema.
 * May be repeated always. Two processes must not work on one database at once: callers hold a lease (fleet) or a lock (central).
 */
import { errnoOf, rowsOf, send, type AdminConnection } from './migration-connection.js'
import { journalHash, journalTable, pendingOf, readJournal, type JournalRow, type Mismatch } from './migration-journal.js'
import { failedSql, fileText, preparedFrom, type Prepared } from './migration-text.js'
import { clock } from '../time/clock.js'
import { reversible, type Bundle, type MigrationFile } from './migration-bundle.js'

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
  /** How many files of the bundle have run, when the caller has just looked at the journal's newest row (`journalHeads`); it is not read again. */
  readonly known?: number
  /**
   * The caller keeps a durable mark elsewhere that files may be running here, and after a crash passes `doubtful` to repairJournal (the fleet: the record of its run).
   * A file of one statement then writes its journal once, after the statement.
   */
  readonly marked?: boolean
  /**
   * With `marked` and `known`: when a single file of one statement is pending, its journal row is not written but given to the caller, who writes many at once.
   * Until that is done, the mark elsewhere is all that says that the file has run.
   */
  readonly keepRow?: (file: MigrationFile, began: Date, ended: Date) => void
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

interface Visit { connection: AdminConnection; options: ApplyOptions; applied: string[] }

async function noteFailure({ connection, options, applied }: Visit, file: MigrationFile, error: unknown, from: number): Promise<never> {
  const text = String((error as Error).message).slice(0, 1000)
  let [step, errno] = [from, errnoOf(error)]
  // Without an answer from the server nobody knows whether the statement ran: nothing is noted, and repair looks at the schema. The same when the note is refused.
  if (errno) {
    try {
      await connection.query(failedSql(file, from, text, options.enter))
      const [row] = await rowsOf(connection, 'select step from schema_journal where name = ?', [file.name])
      step = Number(row?.step ?? from)
    } catch {
      errno = 0
    }
  }
  throw new MigrationFailed({ file: file.name, step: step + 1, steps: file.up.length, sql: file.up[step] ?? '', errno, applied: [...applied] }, error)
}

async function runFiles(visit: Visit, pending: readonly Prepared[], enter?: string): Promise<void> {
  for (const [i, { file, text, from }] of pending.entries()) {
    visit.options.onFile?.(file)
    const sql = text()
    await visit.connection.query(i === 0 && enter ? `${enter};\n${sql}` : sql).catch((e: unknown) => noteFailure(visit, file, e, from))
    visit.applied.push(file.name)
  }
}

/** The one statement of the one file that is pending; the caller writes its row. */
async function runOne(visit: Visit, file: MigrationFile, keepRow: NonNullable<ApplyOptions['keepRow']>): Promise<void> {
  visit.options.onFile?.(file)
  const began = clock.real()
  const sql = file.up[0]!
  await send(visit.connection, visit.options.enter ? `${visit.options.enter};\n${sql}` : sql).catch((e: unknown) => noteFailure(visit, file, e, 0))
  visit.applied.push(file.name)
  keepRow(file, began, clock.real())
}

/**
 * Runs what is pending in the connection's current database.
 * Throws JournalMismatch before anything runs, MigrationFailed when a statement is refused.
 */
export async function applyPending(connection: AdminConnection, bundle: Bundle, options: ApplyOptions = {}): Promise<Applied> {
  const visit: Visit = { connection, options, applied: [] }
  if (options.known) {
    const rest = bundle.files.slice(options.known)
    if (options.marked && options.keepRow && rest.length === 1 && rest[0]!.up.length === 1) await runOne(visit, rest[0]!, options.keepRow)
    else await runFiles(visit, preparedFrom(bundle, options.known, options.marked), options.enter)
    return { applied: visit.applied, head: bundle.head, hash: bundle.hash }
  }
  if (options.enter) await connection.query(options.enter)
  const journal = options.journal ?? (await readJournal(connection))
  const pending = pendingOf(bundle, journal, options.allow)
  if (!journal.length && pending.length) await connection.query(journalTable)
  await runFiles(visit, pending.map(({ file, from }) => ({ file, from, text: fileText(file, from, options.marked) })))
  const done = new Map<string, JournalRow>(journal.map((r) => [r.name, r]))
  for (const { file } of pending) done.set(file.name, { name: file.name, checksum: file.checksum, status: 'done', step: file.up.length, error: null })
  const rows = [...done.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  return { applied: visit.applied, head: rows.at(-1)?.name ?? null, hash: journalHash(rows) }
}

/** Takes back the last `count` files, newest first. Throws when a file has no `-- down` part; nothing has changed then. */
export async function rollbackLast(connection: AdminConnection, bundle: Bundle, count: number): Promise<string[]> {
  const journal = await readJournal(connection)
  const names = journal.slice(-count).map((r) => r.name).reverse()
  const files = names.map((name) => reversible(bundle, name))
  for (const file of files) {
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
