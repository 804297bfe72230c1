/** The database cannot serve this now: budget exhausted, server gone, or this tenant's database failing. HTTP 503; trying again later may help. */
export class DatabaseBusy extends Error {
  readonly status = 503
  /** `retryAfter` is in whole seconds, fit for the header of that name. */
  constructor(message: string, readonly retryAfter = 2, cause?: unknown) {
    super(message, { cause })
    this.name = 'DatabaseBusy'
  }
}

/** The server's own number of an error, also when Objection has wrapped it. Branch on this, never on `code`: names differ between servers. */
export function errnoOf(error: unknown): number | undefined {
  const e = error as { errno?: unknown; nativeError?: { errno?: unknown } } | null
  const n = e?.errno ?? e?.nativeError?.errno
  return typeof n === 'number' ? n : undefined
}

/** A row with this unique value exists already. */
export const isDuplicate = (error: unknown): boolean => errnoOf(error) === 1062
