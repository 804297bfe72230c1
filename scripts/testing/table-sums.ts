/** What stands in a shop's tables, as one sum each, to see who wrote. Sessions come and go and are left out. */
import { quoteName, rowsOf, type AdminConnection } from '../../shared/database/migration-connection.js'
import type { Case } from './route-cases.js'

export type Sums = ReadonlyMap<string, string>

/** Tables whose sum is another one. */
export const changed = (before: Sums, after: Sums): string[] => [...after].filter(([table, sum]) => before.get(table) !== sum).map(([table]) => table)

/** The sums of one database, whose tables are looked up once. */
export function sumsOf(connection: () => AdminConnection, database: () => string): () => Promise<Sums> {
  let tables: string[] = []
  return async () => {
    const found = tables.length ? [] : await rowsOf(connection(), `select table_name as name from information_schema.tables where table_schema = ? and table_type = 'BASE TABLE' and table_name <> 'sessions'`, [database()])
    if (found.length) tables = found.map((t) => `${quoteName(database())}.${quoteName(String(t['name']))}`)
    return new Map((await rowsOf(connection(), `checksum table ${tables.join(', ')}`)).map((r) => [String(r['Table']).split('.')[1]!, String(r['Checksum'])]))
  }
}

/** Runs the check of each case and looks, after some of them, whether they wrote. */
export async function eachUnchanged(sums: () => Promise<Sums>, all: readonly Case[], check: (c: Case) => Promise<string | null>): Promise<string[]> {
  const wrong: string[] = []
  let before = await sums()
  for (let from = 0; from < all.length; from += 20) {
    const some = all.slice(from, from + 20)
    for (const c of some) {
      const fault = await check(c)
      if (fault) wrong.push(`${c.id}: ${fault}`)
    }
    const after = await sums()
    const written = changed(before, after)
    if (written.length) wrong.push(`${written.join(', ')} written by one of: ${some.map((c) => c.id).join('; ')}`)
    before = after
  }
  return wrong
}
