/** All that the simulator remembers, by account. An account is named by its secret key: `sk_test_<account>`. */
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { clock } from '../../time/clock.js'
import { missing, type ApiObject } from './wire.js'

/** The API version that endpoints are created with and answers are given in. */
export const API_VERSION = '2026-10-28.endive'

export interface StoredAnswer {
  /** Method, path and body; another request under the same key is refused. */
  request: string
  /** 0 while the first request still runs. */
  status: number
  body: unknown
}
export interface LoggedRequest {
  method: string
  path: string
  status: number
  idempotencyKey: string | null
  replayed: boolean
}

export class Account {
  readonly objects = new Map<string, ApiObject>()
  readonly answers = new Map<string, StoredAnswer>()
  /** What the outside asked, oldest first; at most 1,000. */
  readonly requests: LoggedRequest[] = []
  /** Declines ordered by a test: payment method id (or `*`) → decline codes, one taken at each charge. */
  readonly orderedDeclines = new Map<string, string[]>()
  sequence = 0
  constructor(readonly name: string, private readonly store: Store) {}

  newId(prefix: string): string {
    const n = ++this.sequence
    return this.store.deterministic ? `${prefix}_${this.name.replaceAll(/\W/g, '').slice(0, 16)}${String(n).padStart(6, '0')}` : `${prefix}_${randomBytes(12).toString('hex')}`
  }
  secretFor(id: string): string {
    return `${id}_secret_${this.store.deterministic ? `sim${this.name}` : randomBytes(16).toString('hex')}`
  }
  add<F extends Record<string, unknown>>(object: string, prefix: string, fields: F): ApiObject & F {
    const made = { id: this.newId(prefix), object, created: Math.floor(clock.real().getTime() / 1000), livemode: false, ...fields }
    this.objects.set(made.id, made)
    return made
  }
  /** The object of this kind; of another account or kind it does not exist. */
  get(object: string, id: string, param = 'id'): ApiObject {
    const found = this.objects.get(id)
    if (!found || found.object !== object || found.deleted) throw missing(object, id, param)
    return found
  }
  all(object: string): ApiObject[] {
    return [...this.objects.values()].filter((o) => o.object === object && !o.deleted)
  }
  log(entry: LoggedRequest): void {
    this.requests.push(entry)
    if (this.requests.length > 1000) this.requests.shift()
  }
}

interface SavedAccount {
  sequence: number
  objects: ApiObject[]
  answers: Array<[string, StoredAnswer]>
}

/** In memory; with a file it survives restarts. */
export class Store {
  readonly accounts = new Map<string, Account>()
  constructor(readonly deterministic: boolean, private readonly file: string | null) {
    if (!file || !existsSync(file)) return
    const saved = JSON.parse(readFileSync(file, 'utf8')) as Record<string, SavedAccount>
    for (const [name, { sequence, objects, answers }] of Object.entries(saved)) {
      const account = this.account(name)
      account.sequence = sequence
      for (const object of objects) account.objects.set(object.id, object)
      for (const [key, answer] of answers) account.answers.set(key, answer)
    }
  }
  account(name: string): Account {
    const known = this.accounts.get(name)
    if (known) return known
    const made = new Account(name, this)
    this.accounts.set(name, made)
    return made
  }
  /** The object that owns this client secret, in whichever account. */
  bySecret(secret: string): { account: Account; object: ApiObject } | null {
    for (const account of this.accounts.values()) {
      for (const object of account.objects.values()) if (object.client_secret === secret) return { account, object }
    }
    return null
  }
  /** Called before an answer leaves, so that what the outside was told is never forgotten. */
  save(): void {
    if (!this.file) return
    const saved = Object.fromEntries([...this.accounts].map(([name, a]): [string, SavedAccount] => [
      name, { sequence: a.sequence, objects: [...a.objects.values()], answers: [...a.answers].filter(([, answer]) => answer.status > 0) },
    ]))
    const fresh = `${this.file}.${process.pid}.new`
    writeFileSync(fresh, JSON.stringify(saved), { mode: 0o600 })
    renameSync(fresh, this.file)
  }
}
