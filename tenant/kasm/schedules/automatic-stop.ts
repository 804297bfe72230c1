/**
 * Automatic stops, by schedule or because nobody used the desktop: said a quarter of an hour before, called off when the reason goes away, put off
 * when the customer extends.
 * A schedule's stop is done by run-schedules.ts; an idle one here, after one more look at the server.
 */
import type { Turn } from './turn.js'
import type { Schedule } from './schedule.js'
import type { Workspace } from '../workspace.js'

export const NOTICE_MS = 15 * 60_000
const MINUTE_MS = 60_000

export interface ComingStop { readonly at: Date; readonly why: 'idle' | 'schedule' }
export interface StopFacts {
  readonly schedules: ReadonlyArray<Pick<Schedule, 'nextStopAt'>>
  /** Stops that are due and wait for the end of an extension. */
  readonly waiting: ReadonlyArray<Pick<Turn, 'at'>>
  /** When somebody was connected last; null: the server does not tell, or did not answer. */
  readonly lastActiveAt: Date | null
}

/** What was announced to the customer; null: nothing within a quarter of an hour. */
export const plannedStop = (workspace: Pick<Workspace, 'stopAt' | 'stopWhy'>): ComingStop | null =>
  (workspace.stopAt && workspace.stopWhy ? { at: workspace.stopAt, why: workspace.stopWhy } : null)

const laterOf = (a: Date, b: Date | null): Date => (b && b > a ? b : a)

/** Pure. When nobody will have used it for long enough; null: never, or nobody knows. */
export function idleStop(workspace: Workspace, lastActiveAt: Date | null): Date | null {
  if (workspace.autoStopIdleMinutes === null || !lastActiveAt) return null
  const used = laterOf(lastActiveAt, workspace.lastStartedAt)
  return laterOf(new Date(used.getTime() + workspace.autoStopIdleMinutes * MINUTE_MS), workspace.extendedUntil)
}

/** Pure. The next automatic stop of a running workspace. */
export function comingStop(workspace: Workspace, facts: StopFacts): ComingStop | null {
  const byHour = [...facts.schedules.map((s) => s.nextStopAt), ...facts.waiting.map((t) => t.at).filter((at) => at > workspace.wishedAt)]
  const stops: ComingStop[] = byHour.flatMap((at) => (at ? [{ at: laterOf(at, workspace.extendedUntil), why: 'schedule' as const }] : []))
  const idle = idleStop(workspace, facts.lastActiveAt)
  if (idle) stops.push({ at: idle, why: 'idle' })
  return stops.sort((a, b) => a.at.getTime() - b.at.getTime())[0] ?? null
}

export type Step = { readonly do: 'announce'; readonly stop: ComingStop } | { readonly do: 'call-off' | 'stop' | 'nothing' }

/**
 * Pure. What to do now. An idle stop leaves the whole quarter of an hour after its announcement, however late that was; a schedule's comes at its
 * time.
 * `blind`: activity could not be looked at, so nothing is decided about idleness.
 */
export function nextStep(workspace: Workspace, coming: ComingStop | null, now: Date, blind: boolean): Step {
  const said = plannedStop(workspace)
  if (blind && said?.why === 'idle') return { do: 'nothing' }
  const soon = coming !== null && coming.at.getTime() - now.getTime() <= NOTICE_MS ? coming : null
  if (!soon) return { do: said ? 'call-off' : 'nothing' }
  const stop = soon.why === 'idle' ? { ...soon, at: laterOf(soon.at, new Date(now.getTime() + NOTICE_MS)) } : soon
  if (!said) return { do: 'announce', stop }
  if (said.why === 'idle' && soon.why === 'idle') return { do: said.at <= now ? 'stop' : 'nothing' }
  return said.at.getTime() === stop.at.getTime() && said.why === stop.why ? { do: 'nothing' } : { do: 'announce', stop }
}
