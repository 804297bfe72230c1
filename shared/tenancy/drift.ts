/** Compares what a database really has with what the migrations say it has. Read from information_schema, so it holds on every server we support. */
import { rowsOf, type AdminConnection } from '../database/migration-connection.js'

/** `table users` → its facts; `table users, column nick` → its facts. Equal maps = equal schemas. */
export type SchemaFacts = ReadonlyMap<string, string>

export interface DriftFinding {
  readonly what: string
  /** What the migrations say; null when they know nothing of it. */
  readonly expected: string | null
  /** What is there; null when it is missing. */
  readonly found: string | null
}

const questions: Array<[what: string, sql: string]> = [
  ['table', `select table_name as t, null as n, concat_ws(' ', engine, table_collation) as facts from information_schema.tables
    where table_schema = ? and table_type = 'BASE TABLE'`],
  ['column', `select table_name as t, column_name as n, concat_ws(' ', ordinal_position, column_type, collation_name, if(is_nullable = 'YES', 'null', 'not null'),
    concat('default ', column_default), extra, generation_expression) as facts from information_schema.columns where table_schema = ?`],
  ['index', `select table_name as t, index_name as n, concat(if(max(non_unique) = 0, 'unique ', ''), group_concat(column_name order by seq_in_index)) as facts
    from information_schema.statistics where table_schema = ? group by table_name, index_name`],
  ['foreign key', `select k.table_name as t, k.constraint_name as n, concat(group_concat(k.column_name order by k.ordinal_position), ' references ', max(k.referenced_table_name), ' (',
    group_concat(k.referenced_column_name order by k.ordinal_position), ') on delete ', max(r.delete_rule), ' on update ', max(r.update_rule)) as facts
    from information_schema.key_column_usage k join information_schema.referential_constraints r on r.constraint_schema = k.constraint_schema and r.constraint_name = k.constraint_name
      and r.table_name = k.table_name
    where k.table_schema = ? and k.referenced_table_name is not null group by k.table_name, k.constraint_name`],
]

/** Everything about a schema that migrations decide. The journal itself is left out. */
export async function readSchema(connection: AdminConnection, database: string): Promise<SchemaFacts> {
  const facts = new Map<string, string>()
  for (const [what, sql] of questions) {
    for (const row of await rowsOf(connection, sql, [database])) {
      if (row.t === 'schema_journal') continue
      facts.set(what === 'table' ? `table ${row.t}` : `table ${row.t}, ${what} ${row.n}`, String(row.facts))
    }
  }
  return facts
}

/** A missing table is one finding, not one for each of its columns. */
export function compareSchemas(expected: SchemaFacts, found: SchemaFacts): DriftFinding[] {
  const findings: DriftFinding[] = []
  const told = (what: string, facts: SchemaFacts): boolean => what.includes(',') && !facts.has(what.slice(0, what.indexOf(',')))
  for (const [what, facts] of expected) {
    const there = found.get(what) ?? null
    if (there !== facts && !(there === null && told(what, found))) findings.push({ what, expected: facts, found: there })
  }
  for (const [what, facts] of found) if (!expected.has(what) && !told(what, expected)) findings.push({ what, expected: null, found: facts })
  return findings
}

/** One line a person can read. */
export function sayDrift(finding: DriftFinding): string {
  if (finding.found === null) return `${finding.what} is missing (${finding.expected})`
  if (finding.expected === null) return `${finding.what} is not in the migrations (${finding.found})`
  return `${finding.what} is "${finding.found}" instead of "${finding.expected}"`
}
