/**
 * A bundle is the sorted set of SQL files that brings a database from nothing to the schema this code expects.
 * `migrations-<kind>/NNNN-name.sql`: one DDL statement a file (MySQL commits each), `-- down` separates what takes it back.
 * Files are frozen once they have run anywhere: their checksum is in every journal.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { splitStatements } from './migration-statements.js'

export type BundleKind = 'tenant' | 'central'

export interface MigrationFile {
  /** `0007-create-services`: file name without `.sql`; the order of files is the order of names. */
  readonly name: string
  readonly up: readonly string[]
  readonly down: readonly string[]
  /** SHA-256 in hex of the text with line ends normalised. */
  readonly checksum: string
}

export interface Bundle {
  readonly kind: BundleKind
  readonly folder: string
  readonly files: readonly MigrationFile[]
  /** Name of the last file; null for an empty bundle. */
  readonly head: string | null
  /** Same files with the same text in the same order = same hash. */
  readonly hash: string
}

const sha = (text: string): string => createHash('sha256').update(text).digest('hex')
const fileName = /^\d{4}-[a-z0-9-]+\.sql$/
/** `table other.users`, `references other.users`: the fleet runs files as administrator, so a file may not reach further than its schema. */
const elsewhere = /\b(?:table|into|update|from|join|references|exists|index\s+\S+\s+on)\s+[`"]?\w+[`"]?\s*\.\s*[`"]?\w/i
const root = path.resolve(import.meta.dirname, '../..')

function readFile(folder: string, file: string): MigrationFile {
  const text = readFileSync(path.join(folder, file), 'utf8').replace(/\r\n/g, '\n')
  const [up = '', down = ''] = text.split(/^-- down[ \t]*$/m)
  const statements = splitStatements(up)
  if (!statements.length) throw new Error(`${file} holds no statement`)
  const away = [...statements, ...splitStatements(down)].find((s) => elsewhere.test(s.replace(/'(?:[^'\\]|\\.|'')*'/g, `''`)))
  if (away) throw new Error(`${file} names another database (${away.slice(0, 60)}); a migration stays in its own`)
  if (statements.some((s) => /^use\s/i.test(s))) throw new Error(`${file} changes the database with USE; a migration stays in its own`)
  return Object.freeze({ name: file.slice(0, -4), up: statements, down: splitStatements(down), checksum: sha(text) })
}

/** Hash of the first `count` files: what a database that stopped there is at. */
export function hashOf(files: readonly MigrationFile[], count = files.length): string {
  return sha(files.slice(0, count).map((f) => `${f.name} ${f.checksum}\n`).join(''))
}

const cache = new Map<string, Bundle>()
/**
 * Reads the bundle of a kind; `folder` is for tests. Read once per process: files do not change under a running process.
 * Throws when a file name does not follow the pattern, or two files share a number.
 */
export function readBundle(kind: BundleKind, folder = path.join(root, `migrations-${kind}`)): Bundle {
  const known = cache.get(folder)
  if (known) return known
  if (!existsSync(folder)) throw new Error(`There is no folder ${folder}`)
  const names = readdirSync(folder).filter((f) => f.endsWith('.sql') && f !== 'snapshot.sql').sort()
  for (const [i, name] of names.entries()) {
    if (!fileName.test(name)) throw new Error(`${name}: a migration is called NNNN-what-it-does.sql`)
    if (i && names[i - 1]!.slice(0, 4) === name.slice(0, 4)) throw new Error(`${names[i - 1]} and ${name} share a number`)
  }
  const files = names.map((name) => readFile(folder, name))
  const bundle: Bundle = Object.freeze({ kind, folder, files, head: files.at(-1)?.name ?? null, hash: hashOf(files) })
  cache.set(folder, bundle)
  return bundle
}

/** For tests that change files of a temporary bundle. */
export const forgetBundles = (): void => cache.clear()

/** The file of this name, if it says how it is taken back. Throws a sentence otherwise. */
export function reversible(bundle: Bundle, name: string): MigrationFile {
  const file = bundle.files.find((f) => f.name === name)
  if (!file?.down.length) throw new Error(`${name} cannot be taken back: ${file ? 'it has no "-- down" part' : 'its file is not in this version'}.`)
  return file
}
