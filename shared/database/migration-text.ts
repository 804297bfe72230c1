/** The SQL that brings a file into a database: its statements, and what the journal says of them, in one packet. */
import { format } from './migration-connection.js'
import { codeVersion, doneRow, firstRow } from './migration-journal.js'
import type { Bundle, MigrationFile } from './migration-bundle.js'

const columns = '(name, checksum, status, step, started_at, code_version)'
const begin = (file: MigrationFile, from: number): string => format(
  `insert into schema_journal ${columns} values (?, ?, 'started', ?, utc_timestamp(3), ?)
    on duplicate key update status = 'started', error = null, checksum = values(checksum), started_at = values(started_at), code_version = values(code_version)`,
  [file.name, file.checksum, from, codeVersion])

/** A file's text, ready to be sent; made anew each time when it carries the time of sending. */
type Text = () => string

/**
 * One durable write a file, by the plainest statement there is: a second write, a variable for the time, or an "on duplicate key", each cost a twentieth to a tenth
 * of an instant ALTER. So it begins by the clock of this machine, and `row` must fit: no row of the file can be there when the caller has just seen the journal's newest one.
 */
function markedText(file: MigrationFile, row: typeof firstRow): Text {
  const [head, ...rest] = `${file.up[0]};\n${row(file, '\0')}`.split('\0') as [string, ...string[]]
  return () => {
    const now = `'${new Date().toISOString().slice(0, 23).replace('T', ' ')}'`
    return head + rest.map((part) => now + part).join('')
  }
}

/** Journal and statements travel together: one round trip a file. Without a mark elsewhere, and for a file of several statements, the journal itself says first that it begins. */
export function fileText(file: MigrationFile, from: number, marked = false, row = doneRow): Text {
  if (marked && file.up.length === 1 && from === 0) return markedText(file, row)
  const parts = [begin(file, from)]
  file.up.slice(from).forEach((statement, i) => {
    parts.push(statement)
    if (from + i + 1 < file.up.length) parts.push(format('update schema_journal set step = ? where name = ?', [from + i + 1, file.name]))
  })
  parts.push(format(`update schema_journal set status = 'done', step = ?, finished_at = utc_timestamp(3),
    duration_ms = timestampdiff(microsecond, started_at, utc_timestamp(3)) div 1000 where name = ?`, [file.up.length, file.name]))
  const text = parts.join(';\n')
  return () => text
}

/** The row that says how far a refused file came. `enter` goes first: a refused `use` must not write into the database before. */
export const failedSql = (file: MigrationFile, from: number, text: string, enter = ''): string => (enter ? `${enter};\n` : '') + format(
  `insert into schema_journal ${columns.replace(')', ', error)')} values (?, ?, 'failed', ?, utc_timestamp(3), ?, ?) on duplicate key update status = 'failed', error = values(error)`,
  [file.name, file.checksum, from, codeVersion, text])

/** A file to run from this statement on. */
export interface Prepared { file: MigrationFile; text: Text; from: number }

const prepared = new WeakMap<Bundle, Map<string, Prepared[]>>()
/** The texts for files from `count` on; the same for every tenant that stands there, so they are made once. */
export function preparedFrom(bundle: Bundle, count: number, marked = false): Prepared[] {
  const texts = prepared.get(bundle) ?? new Map<string, Prepared[]>()
  prepared.set(bundle, texts)
  const key = `${count} ${marked}`
  if (!texts.has(key)) texts.set(key, bundle.files.slice(count).map((file) => ({ file, text: fileText(file, 0, marked, firstRow), from: 0 })))
  return texts.get(key)!
}
