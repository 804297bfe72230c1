/** When what happens after a due date: pure rules over the shop's own days. Everything begins at midnight of the shop's zone. */
import { DateTime } from 'luxon'
import { z } from 'zod'
import { localDateOf, localMidnight } from '../../../shared/time/local-date.js'
import { defineSetting } from '../../settings/setting.js'

const day = z.number().int().min(1).max(365).nullable()
const escalation = z.object({ warn: day, suspend: day, terminate: day })

export const rulesSchema = z.object({
  /** Days from the due day on which the customer is reminded; negative: before. */
  reminders: z.array(z.number().int().min(-30).max(180)).max(12),
  /** Days of the three steps; null: never. */
  steps: escalation,
  /** Other days for services of these types. */
  byServiceType: z.record(z.string().max(32), escalation),
  /** The saved method is tried again on day 1 and one day before each step. */
  retry: z.boolean(),
  /** At least so many days lie between two steps, also when we come late. */
  graceDays: z.number().int().min(1).max(30),
  /** Services billed by the hour stop at once when an overdue customer owes this much, use so far included; minor units of the shop's currency, null: they follow the steps. */
  hourlyLimitMinor: z.number().int().min(1).max(100_000_000).nullable(),
})
export type DunningRules = z.infer<typeof rulesSchema>
export type Escalation = z.infer<typeof escalation>

export const defaultRules: DunningRules = {
  reminders: [-3, 0, 1, 7], steps: { warn: 7, suspend: 10, terminate: 30 }, byServiceType: {}, retry: true, graceDays: 2, hourlyLimitMinor: 5000,
}
export const dunningRules = defineSetting<DunningRules>('dunning.rules', rulesSchema, defaultRules)

/** What is wrong with rules as a whole; null: nothing. Steps must follow each other. */
export function faultOf(rules: DunningRules): string | null {
  const wrong = ({ warn, suspend, terminate }: Escalation): boolean => {
    const days = [warn, suspend, terminate].filter((d): d is number => d !== null)
    return days.some((d, i) => i > 0 && d <= days[i - 1]!)
  }
  return [rules.steps, ...Object.values(rules.byServiceType)].some(wrong) ? 'The warning comes before suspending, and suspending before ending: choose days that follow each other.' : null
}

export type StepKind = 'remind' | 'retry' | 'warn' | 'suspend' | 'terminate'
export interface PlannedStep {
  /** Unique within a case: `remind:-3`, `retry:9`, `suspend`, `suspend:vps`. */
  readonly code: string
  readonly kind: StepKind
  readonly day: number
  readonly at: Date
  /** Steps with one of these are meant for services of this type only; null: for all that have no days of their own. */
  readonly serviceType: string | null
}

/** The first instant of the day `days` after the day of `from`, as the shop counts. */
export function dayAfter(from: Date, days: number, timeZone: string): Date {
  const due = localDateOf(from, timeZone)
  const { year, month, day: date } = DateTime.utc(due.year, due.month, due.day).plus({ days })
  return localMidnight({ year, month, day: date }, timeZone)
}

const kinds = ['warn', 'suspend', 'terminate'] as const

/**
 * Every step of an invoice that fell due at `dueAt`, in order of time. `serviceTypes`: types of the services it bills. `remindersOnly`: an order that was never
 * paid has nothing to suspend.
 */
export function planOf(rules: DunningRules, facts: { dueAt: Date; timeZone: string; serviceTypes: readonly string[]; remindersOnly: boolean }): PlannedStep[] {
  const own = facts.serviceTypes.filter((type) => rules.byServiceType[type])
  const groups: Array<[string | null, Escalation]> = own.map((type) => [type, rules.byServiceType[type]!])
  if (!facts.serviceTypes.length || facts.serviceTypes.length > own.length) groups.unshift([null, rules.steps])
  const step = (code: string, kind: StepKind, n: number, serviceType: string | null = null): PlannedStep => ({ code, kind, day: n, at: dayAfter(facts.dueAt, n, facts.timeZone), serviceType })
  const steps = facts.remindersOnly ? [] : groups.flatMap(([type, days]) => kinds.flatMap((kind) => (days[kind] === null ? [] : [step(type ? `${kind}:${type}` : kind, kind, days[kind], type)])))
  const retryDays = rules.retry && !facts.remindersOnly ? new Set([1, ...steps.map((s) => s.day - 1).filter((n) => n >= 1)]) : []
  const reminders = [...new Set(rules.reminders)].map((n) => step(`remind:${n}`, 'remind', n))
  const order: Record<StepKind, number> = { retry: 0, remind: 1, warn: 2, suspend: 3, terminate: 4 }
  return [...reminders, ...[...retryDays].map((n) => step(`retry:${n}`, 'retry', n)), ...steps].sort((a, b) => a.at.getTime() - b.at.getTime() || order[a.kind] - order[b.kind])
}
