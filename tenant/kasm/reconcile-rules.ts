/**
 * What Kasm shows of a workspace's user, compared with our row. Pure. Rows that wait for Kasm are worked on by pursue.ts; a running row without its
 * session is the poll's.
 */
import { alive } from './own-sessions.js'
import type { KasmSession } from './provider/kasm-api.js'
import type { Workspace } from './workspace.js'

export type RowFacts = Pick<Workspace, 'status' | 'kasmUserId' | 'kasmWorkspaceId'>
export interface Finding {
  /** `runs`: it runs although it should not. `extra`: a second one. `lost`: the paused desktop is gone. */
  readonly what: 'runs' | 'extra' | 'lost'
  /** To be ended. */
  readonly sessions: readonly KasmSession[]
}

/** A contradiction must be seen for so long before anything is ended: servers take a while to do what they were asked. */
export const SUSPECT_MS = 2 * 60_000
/** Staff hears when Kasm deletes for so long (#909). */
export const DELETING_TOLD_MS = 3_600_000

const isAwake = (s: KasmSession): boolean => s.status === 'running' || s.status === 'starting'

export function contradiction(row: RowFacts, sessions: readonly KasmSession[]): Finding | null {
  const own = alive(sessions, row)
  const others = own.filter((s) => s.kasmId !== row.kasmWorkspaceId && s.status !== 'unknown')   // a word that we do not know proves nothing
  const kept = own.find((s) => s.kasmId === row.kasmWorkspaceId)
  const awake = kept && isAwake(kept) ? [kept] : []
  switch (row.status) {
    case 'running': return kept && others.length ? { what: 'extra', sessions: others } : null
    case 'paused': return kept ? tooMany(awake, others, awake.length > 0) : { what: 'lost', sessions: others }
    case 'stopped': case 'failed': return tooMany(awake, others, awake.length > 0 || others.some(isAwake))
    case 'archived': case 'terminated': return own.length ? { what: 'runs', sessions: own } : null
    default: return null
  }
}

function tooMany(awake: readonly KasmSession[], others: readonly KasmSession[], runs: boolean): Finding | null {
  return awake.length || others.length ? { what: runs ? 'runs' : 'extra', sessions: [...awake, ...others] } : null
}

/** Ended, and Kasm still deletes it. */
export const isDeleting = (row: RowFacts, sessions: readonly KasmSession[]): boolean =>
  sessions.some((s) => s.userId === row.kasmUserId && s.status === 'deleting')
