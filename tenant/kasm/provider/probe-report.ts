/** What "Test connection" finds out about a workspace server. */

/** One line of "Test connection". `ok` null: could not be told, `why` says what happened. */
export interface ProbedCall {
  readonly call: string
  /** As Kasm's administration names it, e.g. `Users Create`; for a gateway the name of the call. */
  readonly permission: string
  /** Workspaces cannot be sold without it. The others lose a convenience that `why` names. */
  readonly needed: boolean
  readonly ok: boolean | null
  readonly why: string
}
export interface ProbeReport {
  readonly reachable: boolean
  /** Why it is of no use at all (cannot be reached, key not accepted); null: see the permissions. */
  readonly problem: { readonly code: string; readonly message: string } | null
  /** Of the first call that was answered. */
  readonly latencyMs: number | null
  readonly version: string | null
  readonly permissions: readonly ProbedCall[]
  /** Paths that exist, to be kept in the connection's settings as stopPath, pausePath, resumePath; null: not offered. */
  readonly power: { readonly stop: string | null; readonly pause: string | null; readonly resume: string | null }
  readonly images: number | null
  readonly sessions: number | null
}
