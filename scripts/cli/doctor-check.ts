/** One line of the doctor's report. */

export interface Check {
  readonly check: string
  readonly status: 'ok' | 'warn' | 'fail'
  readonly detail: string
  /** What to do about it. */
  readonly fix?: string
  /** A database did not answer: exit 75. */
  readonly temporary?: boolean
}
export const ok = (check: string, detail: string): Check => ({ check, status: 'ok', detail })
export const warn = (check: string, detail: string, fix: string): Check => ({ check, status: 'warn', detail, fix })
export const fail = (check: string, detail: string, fix: string): Check => ({ check, status: 'fail', detail, fix })
/** `good` when the condition holds. */
export const want = (check: string, holds: boolean, detail: string, bad: 'warn' | 'fail', fix: string): Check => (holds ? ok(check, detail) : { check, status: bad, detail, fix })
