/** What to do now with a case, given what was done: pure. Late steps collapse, and between two steps that hurt lies time to pay. */
import type { PlannedStep } from './schedule.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR

export interface Decision {
  /** Carried out now, in this order. */
  readonly act: readonly PlannedStep[]
  /** Passed over: a later one of its kind is due as well, or says the same. */
  readonly pass: readonly PlannedStep[]
  /** When to look again; null: nothing is left. */
  readonly nextAt: Date | null
}
export interface Situation {
  readonly plan: readonly PlannedStep[]
  /** By code, when it was done or passed over. */
  readonly done: ReadonlyMap<string, Date>
  readonly now: Date
  readonly graceDays: number
  /** A payment's end is not known: nobody is suspended meanwhile. */
  readonly paying: boolean
}

/** The instant from which a step may be carried out: its day, and not before the step that precedes it has had its time. */
export function earliest(step: PlannedStep, { plan, done, graceDays }: Pick<Situation, 'plan' | 'done' | 'graceDays'>): Date | null {
  const chain = plan.filter((s) => s.serviceType === step.serviceType && s.kind !== 'remind' && s.kind !== 'retry')
  const before = chain[chain.findIndex((s) => s.code === step.code) - 1]
  if (!before) return step.at
  const doneAt = done.get(before.code)
  if (!doneAt) return null
  const gap = Math.min(step.at.getTime() - before.at.getTime(), graceDays * DAY)
  return new Date(Math.max(step.at.getTime(), doneAt.getTime() + gap))
}

export function decide(situation: Situation): Decision {
  const { plan, done, now } = situation
  const open = plan.filter((step) => !done.has(step.code))
  const due = (kind: PlannedStep['kind']) => open.filter((s) => s.kind === kind && s.at <= now)
  const retries = due('retry')
  const harmful = new Set(['suspend', 'terminate'])
  const held = retries.length > 0 || situation.paying || recentRetry(situation)
  const steps = open.filter((s) => s.kind !== 'remind' && s.kind !== 'retry').filter((s) => {
    const from = earliest(s, situation)
    return from !== null && from <= now && !(held && harmful.has(s.kind))
  })
  const reminders = due('remind')
  const told = steps.some((s) => s.kind === 'warn' || s.kind === 'suspend' || s.kind === 'terminate') // that letter says it all
  const act = [...retries.slice(-1), ...(told ? [] : reminders.slice(-1)), ...steps]
  const pass = [...retries.slice(0, -1), ...(told ? reminders : reminders.slice(0, -1))]
  return { act, pass, nextAt: nextOf(situation, open.filter((s) => !act.includes(s) && !pass.includes(s)), act) }
}

/** The method was tried within the last hour: its answer may still come. */
function recentRetry({ plan, done, now }: Situation): boolean {
  return plan.some((s) => s.kind === 'retry' && done.has(s.code) && now.getTime() - done.get(s.code)!.getTime() < HOUR)
}

function nextOf(situation: Situation, left: readonly PlannedStep[], act: readonly PlannedStep[]): Date | null {
  const after = new Map([...situation.done, ...act.map((s) => [s.code, situation.now] as const)])
  const times = left.flatMap((s) => {
    const from = s.kind === 'remind' || s.kind === 'retry' ? s.at : earliest(s, { ...situation, done: after })
    return from ? [from > situation.now ? from.getTime() : situation.now.getTime() + HOUR] : []
  })
  return times.length ? new Date(Math.min(...times)) : null
}
