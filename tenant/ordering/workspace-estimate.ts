/** What a workspace will cost for a way of working, by the meter's own rule. Pure. */
import type { Money } from '../../shared/money/money.js'
import { amountOf, type Rate } from '../../shared/money/rate.js'
import { workingMonth } from '../catalog/plan.js'
import { billableSeconds } from '../kasm/metering/meter.js'

/** One run on each working day. */
export interface WorkHabit {
  /** In quarter hours' steps from 0.25 to 24. */
  readonly hoursPerDay: number
  /** 1 to 31. */
  readonly daysPerMonth: number
}
/** The working month in whole days, to begin with: 22 of 8 hours. */
export const usualHabit: WorkHabit = { hoursPerDay: workingMonth.hoursPerDay, daysPerMonth: Math.round(workingMonth.daysPerWeek * workingMonth.weeks) }
/** A twelfth of 365 days. */
export const ALWAYS_ON_HOURS = 730
const HOUR = 3600

/** What one run of so many hours is billed: every begun quarter hour. */
export function billedSecondsOf(hours: number): number {
  const startedAt = new Date(0)
  const stoppedAt = new Date(Math.round(hours * HOUR * 1000))
  return billableSeconds({ startedAt, stoppedAt }, stoppedAt)
}

export interface Estimate { label: string; text: string; amount: Money }

/** The customer's own habit: a day, and a month of such days as one line of the bill. */
export function ownEstimate(rate: Rate, { hoursPerDay, daysPerMonth }: WorkHabit): { day: Money; month: Money; hours: number } {
  const seconds = billedSecondsOf(hoursPerDay)
  return { day: amountOf(rate, seconds), month: amountOf(rate, seconds * daysPerMonth), hours: (seconds * daysPerMonth) / HOUR }
}

/** What everybody asks first. */
export function usualEstimates(rate: Rate): Estimate[] {
  return [
    { label: 'A quarter hour', text: 'the smallest step', amount: amountOf(rate, billedSecondsOf(0.25)) },
    { label: 'A working day', text: '8 hours', amount: amountOf(rate, billedSecondsOf(8)) },
    { label: 'A month of work', text: `${Math.floor(workingMonth.seconds / HOUR)} hours: 40 a week`, amount: amountOf(rate, workingMonth.seconds) },
    { label: 'A whole month', text: 'if you never stop it', amount: amountOf(rate, ALWAYS_ON_HOURS * HOUR) },
  ]
}
