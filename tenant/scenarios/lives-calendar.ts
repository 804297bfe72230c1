/** Where a zone's year turns, asked of the calendar alone, none of our code: changes of clocks, ends of months, days on which customers' months begin. Pure. */
import { DateTime } from 'luxon'
import { DAY, HOUR, type Roll } from './lives.js'

export class Calendar {
  /** Of the shop's months, from January 2026 on, ascending. */
  readonly monthStarts: readonly number[]
  readonly clockChanges: readonly number[]

  constructor(readonly zone: string) {
    this.monthStarts = Array.from({ length: 15 }, (_, n) => DateTime.fromObject({ year: 2026, month: 1, day: 1 }, { zone }).plus({ months: n }).toMillis())
    const days = Array.from({ length: 365 }, (_, n) => this.monthStarts[0]! + n * DAY)
    this.clockChanges = days.filter((at) => this.offset(at) !== this.offset(at + DAY)).map((at) => this.changeBetween(at, at + DAY))
  }

  /** Around these lives turn: clocks, the shop's months, the months of a customer with this anchor; ascending, clocks twice. */
  places(anchor: number): number[] {
    const dayOf = (month: number): number => Math.min(anchor, DateTime.local(2026, month).daysInMonth!)
    const own = [3, 4, 10, 11].map((month) => DateTime.fromObject({ year: 2026, month, day: dayOf(month) }, { zone: this.zone }).toMillis())
    return [...this.clockChanges, ...this.clockChanges, ...own, this.monthStarts[3]!, this.monthStarts[10]!].sort((a, b) => a - b)
  }

  /**
   * At which the shop is looked at: some days apart; besides, after months with lives, the last instant at which its bill waits, the first at which it does not, and the last
   * at which it may wait for a meter.
   */
  instants(roll: Roll): number[] {
    const [first, last] = [this.monthStarts[1]!, this.monthStarts[14]! + HOUR]
    const found = [2, 3, 4, 9, 10, 11, 12, 13].flatMap((n) => [HOUR - 1, HOUR, 3 * DAY - 1].map((after) => this.monthStarts[n]! + after))
    for (let at = first; at < last; at += 4 * DAY + roll(20 * DAY)) found.push(at)
    return [...found, last].sort((a, b) => a - b)
  }

  /** `2026-11`: the month in which the instant lies. */
  monthOf(at: number): string {
    const n = this.monthStarts.findLastIndex((start) => start <= at)
    return `${2026 + Math.floor(n / 12)}-${String((n % 12) + 1).padStart(2, '0')}`
  }

  /** Lives are over by then: what becomes known late is billed with the month that follows. */
  get lastStop(): number {
    return this.monthStarts[13]!
  }

  private offset(at: number): number {
    return DateTime.fromMillis(at, { zone: this.zone }).offset
  }
  private changeBetween(from: number, to: number): number {
    let [before, after] = [from, to]
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2)
      if (this.offset(middle) === this.offset(from)) before = middle
      else after = middle
    }
    return after
  }
}
