/** Finds out what an interrupted migration left, by looking at the schema, and sets the journal right. Runs no migration itself. */
import { rowsOf, type AdminConnection } from './migration-connection.js'
import { doneRow, journalTable, readJournal, type JournalRow } from './migration-journal.js'
import { traceOf, type Trace } from './migration-statements.js'
import type { Bundle, MigrationFile } from './migration-bundle.js'

export interface RepairFinding {
  readonly file: string
  readonly found: 'finished' | 'not finished' | 'unclear' | 'changed'
  /** Statements that need not run again. */
  readonly step: number
  readonly action: string
}
export interface RepairOptions {
  /** Only say what would be done. */
  readonly dryRun?: boolean
  /** Take the present text of files that ran with another one as the right one. */
  readonly acceptChanged?: boolean
  /** A run that marks its files elsewhere may have died here, or lost its connection: look whether the next file has run although the journal does not say so. */
  readonly doubtful?: boolean
}

const inSchema: Record<Exclude<Trace['kind'], 'unknown'>, string> = {
  table: 'select 1 from information_schema.tables where table_schema = database() and table_name = ?',
  'no-table': 'select 1 from information_schema.tables where table_schema = database() and table_name = ?',
  column: 'select 1 from information_schema.columns where table_schema = database() and table_name = ? and column_name = ?',
  'no-column': 'select 1 from information_schema.columns where table_schema = database() and table_name = ? and column_name = ?',
  index: 'select 1 from information_schema.statistics where table_schema = database() and table_name = ? and index_name = ? limit 1',
  'no-index': 'select 1 from information_schema.statistics where table_schema = database() and table_name = ? and index_name = ? limit 1',
  constraint: 'select 1 from information_schema.table_constraints where table_schema = database() and table_name = ? and constraint_name = ?',
  'no-constraint': 'select 1 from information_schema.table_constraints where table_schema = database() and table_name = ? and constraint_name = ?',
}

/** Whether the statement's change is there. Null: the schema cannot tell. */
export async function hasRun(connection: AdminConnection, sql: string): Promise<boolean | null> {
  const trace = traceOf(sql)
  if (trace.kind === 'unknown') return null
  const there = (await rowsOf(connection, inSchema[trace.kind], 'name' in trace ? [trace.table, trace.name] : [trace.table])).length > 0
  return trace.kind.startsWith('no-') ? !there : there
}

async function lookAt(connection: AdminConnection, file: MigrationFile, row: JournalRow): Promise<RepairFinding> {
  let step = row.step
  for (; step < file.up.length; step++) {
    const ran = row.error !== null ? false : await hasRun(connection, file.up[step]!)
    if (ran === null) return { file: file.name, found: 'unclear', step, action: `statement ${step + 1} will run again (it is written so that this does no harm)` }
    if (!ran) return { file: file.name, found: 'not finished', step, action: `statement ${step + 1} of ${file.up.length} will run again` }
  }
  return { file: file.name, found: 'finished', step, action: 'marked as done' }
}

async function settle(connection: AdminConnection, finding: RepairFinding): Promise<void> {
  if (finding.found === 'finished') {
    await connection.query(`update schema_journal set status = 'done', step = ?, error = null, finished_at = utc_timestamp(3) where name = ?`, [finding.step, finding.file])
  } else if (finding.step === 0) {
    await connection.query('delete from schema_journal where name = ?', [finding.file])
  } else {
    await connection.query('update schema_journal set step = ?, error = ? where name = ?', [finding.step, 'interrupted', finding.file])
  }
}

/** Files run in order and each is noted before the next begins, so only the first one without a row can have run. Null: it has not, or the schema cannot tell, and it may run again. */
async function lookAtNext(connection: AdminConnection, bundle: Bundle, journal: readonly JournalRow[], dryRun = false): Promise<RepairFinding | null> {
  const names = new Set(journal.map((r) => r.name))
  const next = bundle.files.find((f) => !names.has(f.name))
  if (next?.up.length !== 1 || !(await hasRun(connection, next.up[0]!))) return null
  if (!dryRun) await connection.query(`${journal.length ? '' : `${journalTable};\n`}${doneRow(next, 'utc_timestamp(3)')}`)
  return { file: next.name, found: 'finished', step: 1, action: 'marked as done' }
}

/** Decides for every file that is neither done nor untouched. Files of another version are left alone. */
export async function repairJournal(connection: AdminConnection, bundle: Bundle, options: RepairOptions = {}): Promise<RepairFinding[]> {
  const findings: RepairFinding[] = []
  const journal = await readJournal(connection)
  for (const row of journal) {
    const file = bundle.files.find((f) => f.name === row.name)
    if (!file) continue
    if (row.checksum !== file.checksum && options.acceptChanged) {
      findings.push({ file: row.name, found: 'changed', step: row.step, action: 'its present text is accepted' })
      if (!options.dryRun) await connection.query('update schema_journal set checksum = ? where name = ?', [file.checksum, row.name])
    }
    if (row.status === 'done') continue
    const finding = await lookAt(connection, file, row)
    findings.push(finding)
    if (!options.dryRun) await settle(connection, finding)
  }
  const next = options.doubtful && journal.every((r) => r.status === 'done') ? await lookAtNext(connection, bundle, journal, options.dryRun) : null
  if (next) findings.push(next)
  return findings
}
