/**
 * The schema that all migrations of a bundle add up to, as one text: a new tenant loads it in one go instead of replaying years of files.
 * Written by `ezscale snapshot write`, checked in beside the migrations, proved equal to the replay by a test on every server we support.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { config } from '../config.js'
import { format, quoteName, rowsOf, withAdmin, type AdminConnection, type Row } from '../database/migration-connection.js'
import { codeVersion, journalTable, readJournal } from '../database/migration-journal.js'
import { applyPending } from '../database/migrator.js'
import type { Bundle } from '../database/migration-bundle.js'

const fileOf = (bundle: Bundle): string => path.join(bundle.folder, 'snapshot.sql')

/** The stored text when it was made from exactly these migrations; null when there is none, 'stale' when it was made from others. */
export function readSnapshot(bundle: Bundle): string | 'stale' | null {
  if (!existsSync(fileOf(bundle))) return null
  const text = readFileSync(fileOf(bundle), 'utf8')
  return /^-- bundle ([0-9a-f]{64})$/m.exec(text)?.[1] === bundle.hash ? text : 'stale'
}

/** What SHOW CREATE TABLE says on MariaDB and on MySQL, reduced to what both mean and both load. */
export function normaliseTable(sql: string): string {
  return sql
    .replace(/^CREATE TABLE /, 'CREATE TABLE IF NOT EXISTS ')
    .replace(/ AUTO_INCREMENT=\d+/g, '')
    .replace(/\b((?:big|small|medium)?int|tinyint)\((\d+)\)/g, (all, type: string, width: string) => (type === 'tinyint' && width === '1' ? all : type))
    .replace(/longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin( NOT NULL| DEFAULT NULL)? CHECK \(json_valid\(`\w+`\)\)/g, 'json$1')
    .replace(/ DEFAULT NULL/g, '')
    .replace(/( CHARACTER SET utf8mb4)? COLLATE utf8mb4_unicode_520_ci/g, '')
    .replace(/ DEFAULT (-?\d+(?:\.\d+)?)(?=,|\n| )/g, ` DEFAULT '$1'`)
    .replace(/\)\s*ENGINE=.*$/s, ') ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci')
}

const parentsOf = (sql: string): string[] => [...sql.matchAll(/REFERENCES `(\w+)`/g)].map((m) => m[1]!)

/** Parents before children, otherwise by name. Throws on a circle of foreign keys. */
export function parentsFirst(tables: ReadonlyMap<string, string>): string[] {
  const done: string[] = []
  const left = new Set([...tables.keys()].sort())
  while (left.size) {
    const next = [...left].find((t) => parentsOf(tables.get(t)!).every((p) => p === t || !left.has(p)))
    if (!next) throw new Error(`These tables refer to each other in a circle: ${[...left].join(', ')}`)
    left.delete(next)
    done.push(next)
  }
  return done
}

async function rowsAsSql(connection: AdminConnection, table: string): Promise<string[]> {
  // As text, whatever the driver makes of JSON and dates: both servers read back what they print.
  const [rows] = await connection.query({ sql: `select * from ${quoteName(table)}`, typeCast: (field) => field.string('utf8') })
  return (rows as Row[]).map((row) => format(`INSERT INTO ${quoteName(table)} (${Object.keys(row).map(quoteName).join(', ')}) VALUES (?)`, [Object.values(row) as string[]]))
}

/** The schema (and rows that migrations wrote) of the connection's current database, without the journal. */
export async function schemaText(connection: AdminConnection): Promise<string> {
  const tables = new Map<string, string>()
  for (const row of await rowsOf(connection, `show full tables where table_type = 'BASE TABLE'`)) {
    const table = String(Object.values(row)[0])
    if (table === 'schema_journal') continue
    const [shown] = await rowsOf(connection, `show create table ${quoteName(table)}`)
    tables.set(table, normaliseTable(String(shown!['Create Table'])))
  }
  const order = parentsFirst(tables)
  const rows = (await Promise.all(order.map((t) => rowsAsSql(connection, t)))).flat()
  return [...order.map((t) => tables.get(t)!), ...rows].map((s) => `${s};\n`).join('\n')
}

/** A database of the bundle's schema, replayed file by file, for the time of `fn`. */
export async function withReplay<T>(serverId: number, bundle: Bundle, fn: (connection: AdminConnection, database: string) => Promise<T>): Promise<T> {
  const scratch = `${config().TENANT_PREFIX}scratch_${randomBytes(4).toString('hex')}`
  return withAdmin(serverId, async (connection) => {
    try {
      await connection.query(`create database ${quoteName(scratch)} character set utf8mb4 collate utf8mb4_unicode_520_ci; use ${quoteName(scratch)}`)
      await applyPending(connection, bundle)
      return await fn(connection, scratch)
    } finally {
      await connection.query(`drop database if exists ${quoteName(scratch)}`)
    }
  })
}

/** The whole file: header with the bundle's hash, then the schema. */
export async function makeSnapshot(serverId: number, bundle: Bundle): Promise<string> {
  const text = await withReplay(serverId, bundle, (connection) => schemaText(connection))
  return `-- Written by: ezscale snapshot write. Do not edit; change the migrations instead.\n-- bundle ${bundle.hash}\n-- head ${bundle.head}\n\n${text}`
}
export async function writeSnapshot(serverId: number, bundle: Bundle): Promise<string> {
  writeFileSync(fileOf(bundle), await makeSnapshot(serverId, bundle))
  return fileOf(bundle)
}

/** Marks a database whose snapshot is being loaded; nobody has used it yet. */
const marker = '0000-snapshot'

async function emptyHalfMade(connection: AdminConnection): Promise<void> {
  const tables = (await rowsOf(connection, `show full tables where table_type = 'BASE TABLE'`)).map((r) => quoteName(String(Object.values(r)[0])))
  await connection.query(`set foreign_key_checks = 0; drop table if exists ${tables.join(', ')}; set foreign_key_checks = 1`)
}

/**
 * Loads the snapshot into the connection's current database if that is empty, or if an earlier load was cut off. Does nothing otherwise.
 * Without a fresh snapshot it leaves the work to applyPending.
 */
export async function applySnapshot(connection: AdminConnection, bundle: Bundle): Promise<boolean> {
  const snapshot = readSnapshot(bundle)
  const journal = await readJournal(connection)
  if (journal.some((r) => r.name === marker)) await emptyHalfMade(connection)
  else if (journal.length) return false
  if (snapshot === null || snapshot === 'stale') return false
  const begin = format(`insert into schema_journal (name, checksum, status, started_at, code_version) values (?, ?, 'started', utc_timestamp(3), ?)`, [marker, bundle.hash, codeVersion])
  const rows = bundle.files.map((f) => format(`(?, ?, 'done', ?, utc_timestamp(3), utc_timestamp(3), 0, ?)`, [f.name, f.checksum, f.up.length, codeVersion]))
  const fill = `insert into schema_journal (name, checksum, status, step, started_at, finished_at, duration_ms, code_version) values ${rows.join(', ')}`
  await connection.query(`${journalTable};\n${begin};\n${snapshot}\nstart transaction;\n${fill};\ndelete from schema_journal where name = '${marker}';\ncommit`)
  return true
}
