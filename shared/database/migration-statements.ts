/** Reads SQL text far enough to know where statements end and what one of them changes. Not a parser: migration files are ours. */

/** Splits at `;`, outside quotes and comments. Comments are dropped; stored programs are not supported. */
export function splitStatements(text: string): string[] {
  const out: string[] = []
  const token = /'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`[^`]*`|--[ \t][^\n]*|--$|#[^\n]*|\/\*[\s\S]*?\*\/|;|[^'"`\-#/;]+|[\s\S]/gm
  let current = ''
  for (const [part] of text.matchAll(token)) {
    if (part === ';') {
      out.push(current)
      current = ''
    } else if (!/^(--|#|\/\*)/.test(part)) current += part
  }
  out.push(current)
  return out.map((s) => s.trim()).filter(Boolean)
}

/** What a statement leaves behind, as far as looking at the schema can tell. */
export type Trace =
  | { kind: 'table' | 'no-table'; table: string }
  | { kind: 'column' | 'no-column' | 'index' | 'no-index' | 'constraint' | 'no-constraint'; table: string; name: string }
  | { kind: 'unknown' }

const id = '[`"]?(\\w+)[`"]?'
const guard = '(?:if\\s+(?:not\\s+)?exists\\s+)?'
const rules: Array<[RegExp, (m: string[]) => Trace]> = [
  [new RegExp(`^create\\s+table\\s+${guard}${id}`, 'i'), (m) => ({ kind: 'table', table: m[1]! })],
  [new RegExp(`^drop\\s+table\\s+${guard}${id}\\s*$`, 'i'), (m) => ({ kind: 'no-table', table: m[1]! })],
  [new RegExp(`^create\\s+(?:unique\\s+|fulltext\\s+)?index\\s+${guard}${id}\\s+on\\s+${id}`, 'i'), (m) => ({ kind: 'index', table: m[2]!, name: m[1]! })],
  [new RegExp(`^drop\\s+index\\s+${guard}${id}\\s+on\\s+${id}`, 'i'), (m) => ({ kind: 'no-index', table: m[2]!, name: m[1]! })],
  [new RegExp(`^alter\\s+table\\s+${id}\\s+add\\s+constraint\\s+${guard}${id}`, 'i'), (m) => ({ kind: 'constraint', table: m[1]!, name: m[2]! })],
  [new RegExp(`^alter\\s+table\\s+${id}\\s+drop\\s+(?:constraint|foreign\\s+key)\\s+${guard}${id}`, 'i'), (m) => ({ kind: 'no-constraint', table: m[1]!, name: m[2]! })],
  [new RegExp(`^alter\\s+table\\s+${id}\\s+add\\s+(?:unique\\s+|fulltext\\s+)?(?:index|key)\\s+${guard}${id}`, 'i'), (m) => ({ kind: 'index', table: m[1]!, name: m[2]! })],
  [new RegExp(`^alter\\s+table\\s+${id}\\s+drop\\s+(?:index|key)\\s+${guard}${id}`, 'i'), (m) => ({ kind: 'no-index', table: m[1]!, name: m[2]! })],
  [new RegExp(`^alter\\s+table\\s+${id}\\s+drop\\s+(?:column\\s+)?${guard}${id}`, 'i'), (m) => ({ kind: 'no-column', table: m[1]!, name: m[2]! })],
  [new RegExp(`^alter\\s+table\\s+${id}\\s+add\\s+(?:column\\s+)?${guard}${id}`, 'i'), (m) => ({ kind: 'column', table: m[1]!, name: m[2]! })],
]

/**
 * The first change that a statement makes. DDL is atomic on the servers we support, so the first part stands for the whole statement.
 * `unknown` (updates, `modify column`) must be written so that running it again does no harm.
 */
export function traceOf(sql: string): Trace {
  for (const [pattern, make] of rules) {
    const match = pattern.exec(sql)
    if (match) return make([...match])
  }
  return { kind: 'unknown' }
}
