/** Parts of a period's price, by the second over the whole period. Pure, in whole numbers, rounded half away from zero. */
import { divideRounded } from '../../../shared/money/rate.js'
import type { Span } from '../../../shared/time/period.js'

const seconds = (from: Date, to: Date): bigint => BigInt(Math.floor(to.getTime() / 1000)) - BigInt(Math.floor(from.getTime() / 1000))

/** `amount × (end − t) / (end − start)`: what of it belongs to the rest of the period. An instant before the period gives all of it, one after it nothing. */
export function restOf(amountMinor: number, whole: Span, t: Date): number {
  if (t <= whole.start) return amountMinor
  if (t >= whole.end) return 0
  return Number(divideRounded(BigInt(amountMinor) * seconds(t, whole.end), seconds(whole.start, whole.end)))
}

/** What "explain this amount" prints. */
export const prorationOf = (wholeMinor: number, whole: Span, t: Date): { wholeMinor: number; seconds: number; ofSeconds: number } =>
  ({ wholeMinor, seconds: Number(seconds(t > whole.start ? t : whole.start, whole.end)), ofSeconds: Number(seconds(whole.start, whole.end)) })

export interface PaidLine {
  readonly span: Span
  /** What was asked for it: after its discount, in the shop's way of showing tax. */
  readonly baseMinor: number
  /** Taken back by credit notes so far, counted the same way. */
  readonly takenBackMinor: number
}

/** What a customer gets back of a line they have paid: the part of the rest of its time, never more than is left of it after earlier credits. */
export function creditFor(line: PaidLine, t: Date): number {
  return Math.max(0, Math.min(restOf(line.baseMinor, line.span, t), line.baseMinor - line.takenBackMinor))
}
