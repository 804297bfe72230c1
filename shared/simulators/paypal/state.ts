/** All that the simulator remembers, by account. An account is named by its client id, `client_<account>`; its secret is `secret_<account>`. */
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { clock } from '../../time/clock.js'
import { missing, type Json } from './wire.js'

export type Kind = 'order' | 'capture' | 'refund' | 'setup-token' | 'payment-token' | 'webhook' | 'event' | 'dispute'
/** A PayPal object as it travels; `_…` stays inside. */
export interface Kept extends Json {
  id: string
  kind: Kind
}
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
  requestId: string | null
  replayed: boolean
}

const letters = '0123456789ABCDEFGHJKLMNPRSTUVWXY'

export class Account {
  readonly objects = new Map<string, Kept>()
  readonly answers = new Map<string, StoredAnswer>()
  /** What the outside asked, oldest first; at most 1,000. */
  readonly requests: LoggedRequest[] = []
  /** Declines ordered by a test: payment token or order id (or `*`) → issues, one taken at each charge. */
  readonly orderedDeclines = new Map<string, string[]>()
  constructor(readonly name: string) {}

  /** Seventeen letters and digits, as PayPal's. */
  newId(prefix = ''): string {
    return prefix + Array.from(randomBytes(17), (byte) => letters[byte % 32]).join('')
  }
  add<F extends Json>(kind: Kind, fields: F, id = this.newId()): Kept & F {
    const now = clock.real().toISOString()
    const made = { ...fields, id, kind, create_time: now, update_time: now }
    this.objects.set(id, made)
    return made
  }
  /** Of another account or kind it does not exist. */
  get(kind: Kind, id: string): Kept {
    const found = this.objects.get(id)
    if (found?.kind !== kind) throw missing()
    return found
  }
  all(kind: Kind): Kept[] {
    return [...this.objects.values()].filter((o) => o.kind === kind)
  }
  log(entry: LoggedRequest): void {
    this.requests.push(entry)
    if (this.requests.length > 1000) this.requests.shift()
  }
}

/** In memory; with a file it survives restarts. Access tokens do not: whoever holds one gets 401 and asks for a new one. */
export class Store {
  readonly accounts = new Map<string, Account>()
  /** Access token → account. */
  readonly tokens = new Map<string, string>()
  constructor(private readonly file: string | null) {
    if (!file || !existsSync(file)) return
    const saved = JSON.parse(readFileSync(file, 'utf8')) as Record<string, { objects: Kept[]; answers: Array<[string, StoredAnswer]> }>
    for (const [name, { objects, answers }] of Object.entries(saved)) {
      const account = this.account(name)
      for (const object of objects) account.objects.set(object.id, object)
      for (const [key, answer] of answers) account.answers.set(key, answer)
    }
  }
  account(name: string): Account {
    const known = this.accounts.get(name) ?? new Account(name)
    this.accounts.set(name, known)
    return known
  }
  /** The object, in whichever account: the pages that a customer sees know only its id. */
  find(kind: Kind, id: string): { account: Account; object: Kept } | null {
    for (const account of this.accounts.values()) {
      const object = account.objects.get(id)
      if (object?.kind === kind) return { account, object }
    }
    return null
  }
  /** Called before an answer leaves, so that what the outside was told is never forgotten. */
  save(): void {
    if (!this.file) return
    const saved = Object.fromEntries([...this.accounts].map(([name, a]) => [name, { objects: [...a.objects.values()], answers: [...a.answers].filter(([, answer]) => answer.status > 0) }]))
    const fresh = `${this.file}.${process.pid}.new`
    writeFileSync(fresh, JSON.stringify(saved), { mode: 0o600 })
    renameSync(fresh, this.file)
  }
}
