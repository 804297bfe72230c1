/**
 * The door to a Kasm Workspaces server, as the rest of the shop sees it. One implementation: developer-api.ts.
 *
 * Promises of every implementation:
 * - Each method makes at most one call of one kind; it never retries. The verb decides, because only it knows what may be repeated.
 * - Called inside an open transaction it throws.
 * - What cannot be understood (HTML, cut JSON, other types, too large) is an OutsideError, never a half-filled answer.
 * - OutsideError.unknown = the act may have happened: look (`findUser`, `sessions`) before repeating `createUser` or `requestSession`.
 * - OutsideError.retryable = false: repeating the same call cannot help; a person must change something.
 * - Keys, passwords and session tokens are in no error, event or log line.
 */
export type KasmStatus = 'starting' | 'running' | 'stopped' | 'paused' | 'deleting' | 'unknown'

export interface KasmSession {
  readonly kasmId: string
  readonly userId: string
  readonly imageId: string | null
  readonly status: KasmStatus
}
export interface KasmUser {
  readonly userId: string
  readonly username: string
}
export interface KasmImage {
  readonly imageId: string
  readonly name: string
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

/** Codes of OutsideError that verbs and pages tell apart; others may come. */
export const kasmCodes = {
  noResources: 'no-resources', unauthorized: 'unauthorized', notFound: 'not-found', userExists: 'user-exists', imageNotAuthorized: 'image-not-authorized',
  wrongState: 'wrong-state', notSupported: 'not-supported', badAnswer: 'bad-answer', notConnected: 'not-connected',
} as const

export interface KasmApi {
  /** Makes a user. Not repeatable: a second call with the same name is `user-exists`. */
  createUser(user: NewKasmUser): Promise<KasmUser>
  /** Null when there is none of that name. Repeatable. */
  findUser(username: string): Promise<KasmUser | null>
  /** Removes the user and what is left of its sessions. Repeatable: a user that is gone is fine. */
  deleteUser(userId: string): Promise<void>
  /** Asks for a desktop with a profile that outlives it. NOT repeatable: Kasm knows no idempotency key, each call makes a session. */
  requestSession(wish: { userId: string; imageId: string }): Promise<KasmSession>
  /** All sessions of the server, in one call that disturbs nobody's open connection: the only way to poll. */
  sessions(): Promise<KasmSession[]>
  /** A fresh link into one running session. Each call ends the validity of the link before; never store it, never call it in the background. */
  launchUrl(session: SessionRef): Promise<string>
  /** Stops and keeps the disk. `not-supported` where the server does not offer it. A session that is gone is `not-found`. */
  stop(session: SessionRef): Promise<void>
  /** Brings back a stopped or paused session; same id. `not-supported` as above. */
  resume(session: SessionRef): Promise<void>
  /** Ends the session; the profile stays with the user. Repeatable: a session that is gone is fine. May finish later (`deleting`). */
  destroy(session: SessionRef): Promise<void>
  images(): Promise<KasmImage[]>
}
