/**
 * The numbers of a shop's documents: without gap, without double, in order of issue. Each kind of document has its own series. A pattern holds `{n}` or
 * `{n:5}` (padded) once and `{year}` as often as wanted; a series may begin again at 1 with the year of the shop's zone.
 */
import type { Knex } from 'knex'
import { formatNumber, nextNumber } from '../../../../shared/database/sequence.js'
import { tenantTransaction } from '../../../../shared/database/transaction.js'
import { tenantDb } from '../../../../shared/database/tenant-database.js'
import { FormErrors } from '../../../../shared/errors.js'
import { record } from '../../../../shared/events/record.js'
import { currentTenant } from '../../../../shared/tenancy/context.js'
import { clock } from '../../../../shared/time/clock.js'
import { localDateOf } from '../../../../shared/time/local-date.js'

export const seriesDefaults = { invoice: 'INV-{year}-{n:5}', 'credit-note': 'CN-{year}-{n:5}', quote: 'QUO-{year}-{n:5}', proforma: 'PRO-{year}-{n:5}' } as const
export type SeriesCode = keyof typeof seriesDefaults
export const seriesCodes = Object.keys(seriesDefaults) as SeriesCode[]
/** Where the numbers of a series stand. */
const usedIn: Readonly<Record<SeriesCode, readonly [table: string, column: string]>> = {
  invoice: ['invoices', 'number'], 'credit-note': ['credit_notes', 'number'], quote: ['quotes', 'number'], proforma: ['invoices', 'proforma_number'],
}

export interface Series {
  readonly code: SeriesCode
  readonly pattern: string
  readonly yearlyReset: boolean
  /** What the next document will be called, were it issued now. */
  readonly next: string
}

/** The next number of this series; call it last in the transaction, it locks the series. */
export async function drawNumber(trx: Knex.Transaction, code: SeriesCode): Promise<string> {
  await ensureSeries(trx, code)
  return nextNumber(trx, code)
}

/** Every series, with what it would draw next. */
export async function allSeries(now = clock.now()): Promise<Series[]> {
  const rows = (await tenantDb()('number_series').whereIn('code', seriesCodes).select('code', 'pattern', 'next_number', 'year', 'yearly_reset')) as Row[]
  return seriesCodes.map((code) => {
    const row = rows.find((r) => r.code === code) ?? { code, pattern: seriesDefaults[code], next_number: 1, year: null, yearly_reset: 0 }
    return { code, pattern: row.pattern, yearlyReset: row.yearly_reset === 1, next: formatNumber(row.pattern, yearAt(now), runningFrom(row, yearAt(now))) }
  })
}

/** What the next number would be with this pattern. Throws FormErrors (`pattern`) for one that cannot number anything, or that would meet numbers already used. */
export async function previewSeries(code: SeriesCode, wish: { pattern: string; yearlyReset: boolean }, now = clock.now()): Promise<string> {
  const fault = patternFault(wish)
  if (fault) throw new FormErrors({ pattern: fault })
  const row = await tenantDb()('number_series').where({ code }).first<Row | undefined>('code', 'next_number', 'year', 'yearly_reset')
  const n = row ? runningFrom({ ...row, yearly_reset: wish.yearlyReset ? 1 : 0 }, yearAt(now)) : 1
  if (await isTaken(code, wish.pattern, yearAt(now), n)) throw new FormErrors({ pattern: 'Numbers like these were already used. Choose another prefix.' })
  return formatNumber(wish.pattern, yearAt(now), n)
}

/** From the next document on. The running number goes on: nothing is skipped, nothing comes twice. */
export async function changeSeries(code: SeriesCode, wish: { pattern: string; yearlyReset: boolean }, now = clock.now()): Promise<void> {
  await previewSeries(code, wish, now)
  await tenantTransaction(async (trx) => {
    await ensureSeries(trx, code)
    await trx('number_series').where({ code }).update({ pattern: wish.pattern, yearly_reset: wish.yearlyReset ? 1 : 0, updated_at: now })
    await record('number-series.changed', null, { code, ...wish })
  })
}

interface Row { code: string; pattern: string; next_number: number; year: number | null; yearly_reset: number }

const yearAt = (now: Date): number => localDateOf(now, currentTenant().timeZone).year
const runningFrom = (row: Pick<Row, 'next_number' | 'year' | 'yearly_reset'>, year: number): number => (row.yearly_reset && row.year !== year ? 1 : Number(row.next_number))

/** Pure: what is wrong with a pattern, as a sentence. */
export function patternFault({ pattern, yearlyReset }: { pattern: string; yearlyReset: boolean }): string | null {
  const bare = pattern.replaceAll('{year}', '')
  if (!/^[A-Za-z0-9/._-]*\{n(:[1-9])?\}[A-Za-z0-9/._-]*$/.test(bare)) return 'Write letters, digits, / . _ - and {n:5} exactly once, for example INV-{year}-{n:5}.'
  if (formatNumber(pattern, 2026, 1_000_000).length > 40) return 'This makes numbers longer than 40 characters.'
  return yearlyReset && !pattern.includes('{year}') ? 'A series that begins anew each year needs {year}, or numbers would come twice.' : null
}

/** Does any number from `n` on, in this pattern, stand on a document already? */
async function isTaken(code: SeriesCode, pattern: string, year: number, n: number): Promise<boolean> {
  const [table, column] = usedIn[code]
  if (table === 'quotes' && !(await tenantDb().schema.hasTable('quotes'))) return false
  const [head = '', tail = ''] = pattern.replaceAll('{year}', String(year)).split(/\{n(?::\d)?\}/)
  const escape = (text: string): string => text.replace(/[%_\\]/g, '\\$&')
  const numbers = (await tenantDb()(table).where(column, 'like', `${escape(head)}%${escape(tail)}`).pluck(column)) as string[]
  return numbers.some((number) => {
    const digits = number.slice(head.length, number.length - tail.length)
    return /^\d+$/.test(digits) && Number(digits) >= n
  })
}

async function ensureSeries(trx: Knex.Transaction, code: SeriesCode): Promise<void> {
  if (await trx('number_series').where({ code }).first('code')) return
  await trx('number_series').insert({ code, pattern: seriesDefaults[code], next_number: 1, yearly_reset: 0, updated_at: clock.now() }).onConflict('code').ignore()
}
