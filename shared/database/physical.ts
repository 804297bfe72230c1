/**
 * One physical connection to a database server, logged in as one tenant at a time.
 * It becomes another tenant by COM_CHANGE_USER, which resets the session; after ANY error it is destroyed, because a failed
 * change leaves a live session as the old tenant while the driver already shows the new one.
 */
import mysql from 'mysql2'
import { changeUser, type SwitchStyle } from './quick-switch.js'
import { wire } from './servers.js'

/** Where to connect and as whom. `key` names the tenant and its generation. */
export interface Account {
  readonly key: string
  readonly user: string
  readonly password: string
  readonly database: string
}

/** What the driver keeps about its own state; not in its published types. */
interface Internals {
  _fatalError?: unknown
  _protocolError?: unknown
  _closing?: boolean
  stream: { destroyed: boolean }
}
/** Who takes a connection back: the lease of a unit of work, or the broker. */
export interface Holder {
  release(p: Physical): void
}
const PHYSICAL = Symbol('physical')
export type RawConnection = mysql.Connection & { __knexUid?: string; [PHYSICAL]?: Physical }

/** What we know of a connection that the query builder holds. */
export const physicalOf = (raw: RawConnection): Physical | undefined => raw[PHYSICAL]

let counter = 0

export class Physical {
  readonly uid = `b${++counter}`
  /** Set when the connection ended by itself. */
  onLost: (() => void) | undefined
  /** Kept, because a promise costs more than it looks while contexts are tracked. */
  readonly ready: Promise<RawConnection>
  /** Who takes it back from the query builder. */
  holder: Holder | undefined
  /** The unit of work that parked it, and when (ms). */
  owner: object | null = null
  parkedAt = 0
  /** While it changes the tenant: who to tell when no answer comes, and since when (ms). */
  abandon: ((reason: Error) => void) | undefined
  switchingSince = 0
  /** Is closed instead of being given to anybody again. */
  doomed = false
  private constructor(readonly raw: RawConnection, public account: Account) {
    raw.__knexUid = this.uid
    raw[PHYSICAL] = this
    this.ready = Promise.resolve(raw)
    const lost = () => this.onLost?.()
    raw.on('error', lost)
    raw.on('end', lost)
  }

  static open(server: { host: string; port: number }, account: Account): Promise<Physical> {
    return new Promise((resolve, reject) => {
      const { user, password, database } = account
      const raw = mysql.createConnection({ ...wire, host: server.host, port: server.port, user, password, database })
      const refused = (error: Error) => {
        raw.destroy()
        reject(error)
      }
      raw.once('error', refused)
      raw.connect((error) => {
        if (error) return refused(error)
        resolve(new Physical(raw, account))
        raw.off('error', refused)
      })
    })
  }

  /** Becomes another tenant. On any error the connection is destroyed before the promise rejects. The broker abandons it when no answer comes. */
  switchTo(account: Account, style: SwitchStyle): Promise<void> {
    return new Promise((resolve, reject) => {
      this.abandon = reject
      this.switchingSince = Date.now()
      // A function with a name of its own would be named anew at each call, which is not free.
      changeUser(this.raw, account, style, (error) => {
        this.abandon = undefined
        if (!error) this.account = account
        else this.destroy()
        if (error) reject(error)
        else resolve()
      })
    })
  }

  /** No answer came in time. */
  giveUpSwitch(): void {
    this.destroy()
    this.abandon?.(new Error('The server did not answer the change of user.'))
    this.abandon = undefined
  }

  /** Strict mode: asks the server who we are. Destroys the connection when the answer is not this account. */
  verify(account: Account): Promise<void> {
    return new Promise((resolve, reject) => {
      this.raw.query('select substring_index(current_user(), \'@\', 1) as u, database() as d', (error: Error | null, rows: unknown) => {
        const row = (rows as Array<{ u: string; d: string }> | undefined)?.[0]
        if (!error && row?.u === account.user && row.d === account.database) return resolve()
        this.destroy()
        reject(error ?? new Error(`The connection is ${row?.u} in ${row?.d}, not ${account.user} in ${account.database}.`))
      })
    })
  }

  /** The tenant it is logged in as. */
  get key(): string {
    return this.account.key
  }

  get healthy(): boolean {
    const c = this.raw as unknown as Internals
    return !c._fatalError && !c._protocolError && !c._closing && !c.stream.destroyed
  }

  destroy(): void {
    this.onLost = undefined
    this.raw.destroy()
  }
}
