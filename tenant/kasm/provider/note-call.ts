/**
 * Feeds a connection's health with what its calls tell. An answer that says no ("no resources", "not found") is an answer: the server works. What is written down
 * is thinned out: good news at most each 30 seconds (the number of desktops each 20), bad news too once three in a row are known; a change of mood at once.
 */
import { OutsideError } from '../../../shared/errors.js'
import { log } from '../../../shared/log.js'
import { directory, type ProviderOutcome } from '../../../shared/tenancy/directory.js'
import { kasmCodes } from './kasm-api.js'

const QUIET_MS = 30_000
/** How many desktops there are is worth more than that it went well, but not a write for each list: verbs ask for it every few seconds. */
const COUNT_MS = 20_000
const silences = new Set<string>(['unreachable', 'no-answer', 'too-large', 'private-address', kasmCodes.badAnswer])
/** Calls that nothing works without: a key that may not even list is a broken connection, a missing convenience is not. */
const vital = new Set(['sessions'])

/** What the end of a call says about the connection; null: nothing (it never left, or it was a bug of ours). */
export function outcomeOf(call: string, error: unknown): ProviderOutcome | null {
  if (error === undefined) return { ok: true }
  if (!(error instanceof OutsideError) || error.code === 'rate-limited') return null
  const broken = silences.has(error.code ?? '') || error.code?.startsWith('http-5') || (error.code === kasmCodes.unauthorized && vital.has(call))
  return broken ? { ok: false, code: error.code ?? 'unknown', error: error.message } : { ok: true }
}

interface Written { ok: boolean; failures: number; at: number; countedAt: number }
const written = new Map<number, Written>()

function worthWriting(id: number, outcome: ProviderOutcome): boolean {
  const now = performance.now()
  const last = written.get(id)
  const failures = outcome.ok ? 0 : (last?.failures ?? 0) + 1
  const counts = outcome.sessions !== undefined && now - (last?.countedAt ?? -COUNT_MS) >= COUNT_MS
  const due = counts || !last || last.ok !== outcome.ok || (!outcome.ok && failures <= 3) || now - last.at >= QUIET_MS
  written.set(id, { ok: outcome.ok, failures, at: due ? now : last.at, countedAt: due && outcome.sessions !== undefined ? now : last?.countedAt ?? -COUNT_MS })
  return due
}

/** Never throws: a call's own result matters more than its note. */
export async function noteCall(connectionId: number, outcome: ProviderOutcome | null): Promise<void> {
  if (!outcome || !worthWriting(connectionId, outcome)) return
  try {
    await directory().noteProvider(connectionId, outcome)
  } catch (error) {
    log().warn({ err: error, connection: connectionId }, 'The health of a workspace server could not be written down')
  }
}

/** Tests only. */
export const forgetNotes = (): void => written.clear()
