/**
 * The door to a server that runs workspaces, as the rest of the shop sees it. Two forms: developer-api.ts (a Kasm Workspaces server itself) and
 * gateway-api.ts (the five calls of the user's document, a gateway of one's own in front). `openKasm` (open-kasm.ts) picks by the connection.
 *
 * Promises of every implementation:
 * - Each method makes at most one call of one kind; it never retries. The verb decides, because only it knows what may be repeated.
 *   (`joinGroup`, `probe` and, at a gateway, `deleteUser` need several kinds; each of them may be repeated.)
 * - Called inside an open transaction it throws.
 * - What cannot be understood (HTML, cut JSON, other types, too large) is an OutsideError, never a half-filled answer.
 * - OutsideError.unknown = the act may have happened: look (`findUser`, `sessions`) before repeating `createUser` or `requestSession`.
 * - OutsideError.retryable = false: repeating the same call cannot help; a person must change something.
 * - What a form or a server does not have is `not-supported`, and `can` says so beforehand where the connection's settings tell.
 * - Keys, passwords and session tokens are in no error, event or log line.
 */
import type { ProviderConnection } from '../../../shared/tenancy/directory.js'
import type { ProbeReport } from './probe-report.js'

/** What a client needs of a connection; also of one that is not saved yet. */
export type KasmServer = Pick<ProviderConnection, 'baseUrl' | 'secrets' | 'settings'> & Partial<Pick<ProviderConnection, 'own'>>

export type KasmStatus = 'starting' | 'running' | 'stopped' | 'paused' | 'deleting' | 'unknown'

export interface KasmSession {
  readonly kasmId: string
  readonly userId: string
  /** The server's user name, where it tells. */
  readonly username: string | null
  readonly imageId: string | null
  readonly status: KasmStatus
  /** When the server says it began; null where it does not tell. */
  readonly startedAt: Date | null
  /** The last moment somebody was connected (Kasm: keepalive_date); null where the server does not tell. */
  readonly lastActiveAt: Date | null
  /** When the server ends it by itself; null: never, or it does not tell. */
  readonly expiresAt: Date | null
}
export interface KasmUser {
  readonly userId: string
  readonly username: string
}
export interface KasmImage {
  readonly imageId: string
  readonly name: string
  readonly description: string
  /** Address of the icon as the server gave it: perhaps relative, perhaps hostile; null when there is none. */
  readonly icon: string | null
  readonly categories: readonly string[]
  readonly cores: number
  readonly memoryBytes: number
  readonly available: boolean
}
export interface NewKasmUser {
  readonly username: string
  readonly password: string
  readonly firstName: string
  readonly lastName: string
}
/** Names one session: Kasm wants both ids everywhere. */
export interface SessionRef {
  readonly kasmId: string
  readonly userId: string
}
/** A Kasm server goes by `imageId`; a gateway by `workspaceType` (`developer_basic`) and `username`. Give all of them. */
export interface SessionWish {
  readonly userId: string
  readonly imageId: string
  readonly workspaceType?: string | null
  readonly username?: string | null
}
export interface NewSession extends KasmSession {
  /** Login that the server chose (gateway); null: what `createUser` was given holds. Seal it at once, it is not told again. */
  readonly credentials: { readonly username: string; readonly password: string } | null
}

/** What this connection can do, as far as its form and settings tell. A server that lacks the call all the same answers `not-supported`. */
export interface KasmAbilities {
  /** Has users of its own: findUser, deleteUser, users and user-exists mean something. */
  readonly users: boolean
  readonly groups: boolean
  readonly suspendUsers: boolean
  readonly stop: boolean
  readonly pause: boolean
  readonly resume: boolean
  readonly keepalive: boolean
  /** Tells `lastActiveAt`: idle desktops can be found. */
  readonly activity: boolean
}

/** Codes of OutsideError that verbs and pages tell apart; others may come. */
export const kasmCodes = {
  noResources: 'no-resources', unauthorized: 'unauthorized', notFound: 'not-found', userExists: 'user-exists',
  imageNotAuthorized: 'image-not-authorized',
  wrongState: 'wrong-state', notSupported: 'not-supported', badAnswer: 'bad-answer', notConnected: 'not-connected', userDisabled: 'user-disabled',
} as const

export interface KasmApi {
  readonly kind: 'developer' | 'gateway'
  readonly can: KasmAbilities
  /** Makes a user. Not repeatable: a second call with the same name is `user-exists`. */
  createUser(user: NewKasmUser): Promise<KasmUser>
  /** Null when there is none of that name. Repeatable. */
  findUser(username: string): Promise<KasmUser | null>
  /** Removes the user and what is left of its sessions. Repeatable: a user that is gone is fine. */
  deleteUser(userId: string): Promise<void>
  /** False suspends: no new session, no sign-in. Running sessions go on until they are ended. Repeatable. */
  setUserEnabled(userId: string, enabled: boolean): Promise<void>
  /** Puts the user into the group of this name, made when there is none. Repeatable. A key without the right: `unauthorized`; go on without. */
  joinGroup(userId: string, groupName: string): Promise<void>
  /** Users whose name begins so, for the report of strangers. */
  users(prefix: string): Promise<KasmUser[]>
  /** Asks for a desktop with a profile that outlives it. NOT repeatable: no idempotency key is known, each call makes a session. */
  requestSession(wish: SessionWish): Promise<NewSession>
  /** All sessions of the server, in one call that disturbs nobody's open connection: the only way to poll. */
  sessions(): Promise<KasmSession[]>
  /** A fresh link into one running session. Each call ends the validity of the link before; never store it, never call it in the background. */
  launchUrl(session: SessionRef): Promise<string>
  /** Stops and keeps the disk. `not-supported` where the server does not offer it. A session that is gone is `not-found`. */
  stop(session: SessionRef): Promise<void>
  /** Keeps disk and memory: quick to resume, and the server's memory stays taken. Otherwise like stop. */
  pause(session: SessionRef): Promise<void>
  /** Brings back a stopped or paused session; same id. `not-supported` as above. */
  resume(session: SessionRef): Promise<void>
  /** Moves the session's expiry to now plus the group's setting. `usageReached`: the group's limit of hours is used up, nothing was moved. */
  keepalive(session: SessionRef): Promise<{ usageReached: boolean }>
  /** Ends the session; the profile stays with the user. Repeatable: a session that is gone is fine. May finish later (`deleting`). */
  destroy(session: SessionRef): Promise<void>
  images(): Promise<KasmImage[]>
  /** "Test connection": which calls are permitted, which power paths exist. Changes nothing; no answer is a report, not an error. */
  probe(): Promise<ProbeReport>
}
