/** Collections in memory and the commands that a job store uses on them. Each command runs to its end before the next begins, so it is atomic. */
import { Aggregator, Query } from 'mingo'
import { ObjectId } from 'mongodb'
import type { Document } from './mongo-wire.js'

interface Change { $set?: Document; $unset?: Document; $setOnInsert?: Document }
type Handler = (command: Document) => Document

const isOperator = (value: unknown): boolean => typeof value === 'object' && value !== null && !(value instanceof Date) && Object.keys(value).some((key) => key.startsWith('$'))

function put(target: Document, path: string, value: unknown): void {
  const steps = path.split('.')
  const last = steps.pop()!
  let at = target
  for (const step of steps) at = (at[step] ??= {}) as Document
  at[last] = value
}

function apply(document: Document, change: Change, inserted = false): Document {
  for (const [path, value] of Object.entries(change.$set ?? {})) put(document, path, value)
  for (const path of Object.keys(change.$unset ?? {})) delete document[path]
  if (inserted) for (const [path, value] of Object.entries(change.$setOnInsert ?? {})) put(document, path, value)
  const unknown = Object.keys(change).find((key) => !['$set', '$unset', '$setOnInsert'].includes(key))
  if (unknown) throw new Error(`This simulator does not know the update operator ${unknown}.`)
  return document
}

/** null before everything, as MongoDB sorts. */
function compare(a: unknown, b: unknown): number {
  const [x, y] = [a ?? null, b ?? null]
  if (x === null || y === null) return x === y ? 0 : x === null ? -1 : 1
  return x < y ? -1 : x > y ? 1 : 0
}

function sorted(documents: Document[], sort: unknown): Document[] {
  const keys = Object.entries((sort ?? {}) as Record<string, number>)
  return [...documents].sort((a, b) => keys.reduce((found, [key, direction]) => found || compare(a[key], b[key]) * Number(direction), 0))
}

export class MongoStore {
  private readonly collections = new Map<string, Document[]>()
  readonly handlers: Readonly<Record<string, Handler>> = {
    hello: () => ({ isWritablePrimary: true, maxBsonObjectSize: 16_777_216, maxMessageSizeBytes: 48_000_000, maxWriteBatchSize: 100_000, localTime: new Date(), minWireVersion: 0, maxWireVersion: 25, logicalSessionTimeoutMinutes: 30, connectionId: 1, readOnly: false }),
    ping: () => ({}), endSessions: () => ({}), killCursors: () => ({}), createIndexes: () => ({ numIndexesBefore: 1, numIndexesAfter: 2 }),
    insert: (c) => { const rows = c['documents'] as Document[]; this.of(c['insert']).push(...rows); return { n: rows.length } },
    find: (c) => this.cursor(c, c['find'], this.find(c)),
    aggregate: (c) => this.cursor(c, c['aggregate'], new Aggregator(c['pipeline'] as never).run(this.of(c['aggregate']) as never) as Document[]),
    update: (c) => this.update(c),
    delete: (c) => this.remove(c),
    findAndModify: (c) => this.findAndModify(c),
  }

  /** The rows of a collection, for tests. */
  of(name: unknown): Document[] {
    const rows = this.collections.get(String(name)) ?? []
    this.collections.set(String(name), rows)
    return rows
  }

  clear(): void {
    this.collections.clear()
  }

  private matching(name: unknown, filter: unknown): Document[] {
    const query = new Query((filter ?? {}) as never)
    return this.of(name).filter((row) => query.test(row as never))
  }

  private find(c: Document): Document[] {
    const rows = sorted(this.matching(c['find'], c['filter']), c['sort'])
    const skip = Number(c['skip'] ?? 0)
    return rows.slice(skip, c['limit'] ? skip + Math.abs(Number(c['limit'])) : undefined)
  }

  private cursor(c: Document, collection: unknown, firstBatch: Document[]): Document {
    return { cursor: { id: 0n, ns: `${String(c['$db'])}.${String(collection)}`, firstBatch } }
  }

  private update(c: Document): Document {
    let n = 0
    for (const { q, u, multi } of c['updates'] as Array<{ q: Document; u: Change; multi?: boolean }>) {
      const rows = this.matching(c['update'], q)
      for (const row of multi ? rows : rows.slice(0, 1)) { apply(row, u); n++ }
    }
    return { n, nModified: n }
  }

  private remove(c: Document): Document {
    let n = 0
    const rows = this.of(c['delete'])
    for (const { q, limit } of c['deletes'] as Array<{ q: Document; limit: number }>) {
      const gone = this.matching(c['delete'], q)
      for (const row of limit === 1 ? gone.slice(0, 1) : gone) { rows.splice(rows.indexOf(row), 1); n++ }
    }
    return { n }
  }

  private findAndModify(c: Document): Document {
    let row = sorted(this.matching(c['findAndModify'], c['query']), c['sort'])[0]
    const before = row && !c['new'] ? structuredClone(row) : null
    const existed = row !== undefined
    if (row) apply(row, c['update'] as Change)
    else if (c['upsert']) {
      row = { _id: new ObjectId() }
      for (const [path, value] of Object.entries((c['query'] ?? {}) as Document)) if (!path.startsWith('$') && !isOperator(value)) put(row, path, value)
      this.of(c['findAndModify']).push(apply(row, c['update'] as Change, true))
    }
    return { value: (c['new'] ? row : before) ?? null, lastErrorObject: { n: row ? 1 : 0, updatedExisting: existed } }
  }
}
