/**
 * What has run in one database. A row is `done` once its file has run, `failed` when a statement was refused; `step` counts the statements finished.
 * `started` comes first where nobody else remembers that a file may be running: outside the fleet, and for a file of several statements.
 */
import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import { errnoOf, format, quoteName, rowsOf, type AdminConnection } from './migration-connection.js'
import type { Bundle, MigrationFile } from './migration-bundle.js'

export const journalTable = `create table if not exists schema_journal (
  name varchar(120) character set ascii collate ascii_bin not null primary key,
  checksum char(64) character set ascii collate ascii_bin not null,
  status varchar(16) not null,
  step int unsigned not null default 0,
  error varchar(1000) null,
  started_at datetime(3) not null,
  finished_at datetime(3) null,
  duration_ms int unsigned null,
  code_version varchar(40) not null
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_520_ci`

export interface JournalRow {
  readonly name: string
  readonly checksum: string
  readonly status: 'started' | 'failed' | 'done'
  readonly step: number
  /** Why a statement was refused: the server undid it, so it may simply run again. Null on a `started` row: the process died. */
  readonly error: string | null
}

export const readJournalSql = 'select name, checksum, status, step, error from schema_journal order by name'
const noSuchTable = 1146

/** Rows in order of name; an empty list when the database has no journal yet. */
export async function readJournal(connection: AdminConnection): Promise<JournalRow[]> {
  try {
    return (await rowsOf(connection, readJournalSql)) as unknown as JournalRow[]
  } catch (error) {
    if (errnoOf(error) === noSuchTable) return []
    throw error
  }
}

/** The newest row of each of these databases of one server, in one round trip. Throws when one of them has no journal. */
export async function journalHeads(connection: AdminConnection, databases: readonly string[]): Promise<Map<string, Pick<JournalRow, 'name' | 'checksum' | 'status'>>> {
  const parts = databases.map((d) => format(`(select ? as d, name, checksum, status from ${quoteName(d)}.schema_journal order by name desc limit 1)`, [d]))
  const rows = await rowsOf(connection, parts.join(' union all '))
  return new Map(rows.map((r) => [String(r.d), r as unknown as JournalRow]))
}

export type Mismatch = 'missing' | 'changed' | 'late' | 'half-done'

/** Journal and files contradict each other; nothing was run. `file` names the first one. */
export class JournalMismatch extends Error {
  constructor(readonly mismatch: Mismatch, readonly file: string, message: string) {
    super(message)
    this.name = 'JournalMismatch'
  }
}

const says: Record<Mismatch, (name: string) => string> = {
  missing: (n) => `${n} has run here but is not among the files of this version. Deploy the version that has it, or allow "missing".`,
  changed: (n) => `${n} has run here with another text. Files are frozen once landed: put the text back and add a new file, or accept it with repair.`,
  late: (n) => `${n} comes before files that have already run here. Give it a higher number, or allow "late".`,
  'half-done': (n) => `${n} was interrupted while it ran. Use resume, or repair to see what is left of it.`,
}
const mismatch = (kind: Mismatch, name: string): JournalMismatch => new JournalMismatch(kind, name, says[kind](name))

/** Files still to run, in order, each with the statement to begin at. Throws JournalMismatch unless the case is in `allow`. */
export function pendingOf(bundle: Bundle, journal: readonly JournalRow[], allow: readonly Mismatch[] = []): Array<{ file: MigrationFile; from: number }> {
  const files = new Map(bundle.files.map((f) => [f.name, f]))
  const rows = new Map(journal.map((r) => [r.name, r]))
  const last = journal.filter((r) => r.status === 'done').at(-1)?.name ?? ''
  for (const row of journal) {
    const file = files.get(row.name)
    if (!file && !allow.includes('missing')) throw mismatch('missing', row.name)
    const touched = row.status === 'done' || row.step > 0
    if (file && touched && file.checksum !== row.checksum && !allow.includes('changed')) throw mismatch('changed', row.name)
    if (row.status === 'started' && row.error === null && !allow.includes('half-done')) throw mismatch('half-done', row.name)
  }
  return bundle.files.filter((f) => rows.get(f.name)?.status !== 'done').map((file) => {
    if (file.name < last && !allow.includes('late')) throw mismatch('late', file.name)
    return { file, from: Math.min(rows.get(file.name)?.step ?? 0, file.up.length) }
  })
}

/** Hash of what a journal says has run, comparable with Bundle.hash; 'partial' while a file is not finished. */
export function journalHash(journal: readonly JournalRow[]): string {
  if (journal.some((r) => r.status !== 'done')) return 'partial'
  return createHash('sha256').update(journal.map((r) => `${r.name} ${r.checksum}\n`).join('')).digest('hex')
}

/** Version of the code that runs, for the journal. */
export const codeVersion = (createRequire(import.meta.url)('../../package.json') as { version: string }).version

/** Writes that a file has run of which no row can be there yet. `began`: an SQL expression for the instant, UTC. */
export const firstRow = (file: MigrationFile, began: string): string => format('insert into schema_journal (name, checksum, status, step, code_version, started_at, finished_at, duration_ms) values (?, ?, ?, ?, ?, ',
  [file.name, file.checksum, 'done', file.up.length, codeVersion]) + `${began}, utc_timestamp(3), greatest(0, timestampdiff(microsecond, ${began}, utc_timestamp(3)) div 1000))`

/** Writes that a whole file has run, whatever its row said before. `began` as for firstRow. */
export const doneRow = (file: MigrationFile, began: string): string => `${firstRow(file, began)}
    on duplicate key update status = 'done', step = values(step), error = null, checksum = values(checksum), started_at = values(started_at), finished_at = values(finished_at),
      duration_ms = values(duration_ms), code_version = values(code_version)`

/** The same for a file that has run in this schema between these instants, from a connection that may be elsewhere. */
export const rowIn = (database: string, file: MigrationFile, began: Date, ended: Date): string => {
  const at = (instant: Date): string => instant.toISOString().slice(0, 23).replace('T', ' ')
  return format(`insert into ${quoteName(database)}.schema_journal (name, checksum, status, step, code_version, started_at, finished_at, duration_ms) values (?, ?, 'done', ?, ?, ?, ?, ?)`,
    [file.name, file.checksum, file.up.length, codeVersion, at(began), at(ended), ended.getTime() - began.getTime()])
}
