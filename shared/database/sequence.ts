/** Numbers without gaps, e.g. of invoices: taken in the transaction that uses them, so a rollback gives the number back. */
import type { Knex } from 'knex'
import { DateTime } from 'luxon'
import { clock } from '../time/clock.js'
import { currentTenantOrNull } from '../tenancy/context.js'

/** `INV-{year}-{n:5}` with 2026 and 42 → `INV-2026-00042`. A longer number is never cut. */
export function formatNumber(pattern: string, year: number, n: number): string {
  return pattern.replaceAll('{year}', String(year)).replace(/\{n(?::(\d+))?\}/g, (_all, width?: string) => String(n).padStart(Number(width ?? 1), '0'))
}

/**
 * The next number of a series (`number_series.code`). Locks the series until the transaction ends: make it the last statement before the commit.
 * A series with a yearly reset begins again at 1 when the year changes in the tenant's time zone (UTC in central).
 */
export async function nextNumber(trx: Knex.Transaction, code: string): Promise<string> {
  const row = await trx('number_series').where({ code }).forUpdate().first('pattern', 'next_number', 'year', 'yearly_reset') as { pattern: string; next_number: number; year: number | null; yearly_reset: number } | undefined
  if (!row) throw new Error(`There is no number series "${code}".`)
  const now = clock.now()
  const year = DateTime.fromJSDate(now, { zone: currentTenantOrNull()?.timeZone ?? 'UTC' }).year
  const n = row.yearly_reset && row.year !== year ? 1 : Number(row.next_number)
  await trx('number_series').where({ code }).update({ next_number: n + 1, year, updated_at: now })
  return formatNumber(row.pattern, year, n)
}
