/** What an identity of the books looks like, and what it reports. */
export interface Finding {
  /** Stable name of the identity: `ledger.off-balance`. */
  readonly check: string
  /** What it is about: `invoice 42`. */
  readonly subject: string
  readonly message: string
}

/** One query that returns nothing when all is well. */
export interface Check {
  readonly name: string
  /** Noun of the rows it reports. */
  readonly subject: string
  /** Returns the rows that break the identity, with a column `id`. */
  readonly sql: string
  readonly message: (row: Record<string, unknown>) => string
}
