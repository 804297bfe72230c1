/** Circuit breaker: after a few failures in a row it refuses at once for a while instead of letting everybody wait for the next failure. */
export class Breaker {
  private failures = 0
  private openUntil = 0
  private pause: number

  /** `threshold` failures in a row open it, for `pauseMs` at first, doubling up to `maxPauseMs` while trials fail. */
  constructor(private readonly threshold: number, private readonly pauseMs: number, private readonly maxPauseMs = 30_000, private readonly now: () => number = Date.now) {
    this.pause = pauseMs
  }

  /** May an attempt be made? While open, one caller a pause may try. */
  allows(): boolean {
    if (this.openUntil === 0) return true
    if (this.now() < this.openUntil) return false
    this.openUntil = this.now() + this.pause
    return true
  }

  get open(): boolean {
    return this.openUntil !== 0
  }

  /** Whole seconds until a trial is worth it, at least 1. */
  get retryAfter(): number {
    return Math.max(1, Math.ceil((this.openUntil - this.now()) / 1000))
  }

  succeeded(): void {
    this.failures = 0
    this.openUntil = 0
    this.pause = this.pauseMs
  }

  failed(): void {
    this.failures++
    if (this.open) this.pause = Math.min(this.pause * 2, this.maxPauseMs)
    if (this.open || this.failures >= this.threshold) this.openUntil = this.now() + this.pause
  }
}
