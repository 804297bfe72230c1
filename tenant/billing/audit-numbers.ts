/** The numbers of invoices and credit notes, quotes and proformas: no gap, no double. Series that begin anew each year are looked at year by year. */
import { tenantDb } from '../../shared/database/tenant-database.js'
import type { Finding } from './audit-check.js'
import { seriesDefaults, type SeriesCode } from './invoices/number-series/number-series.js'

interface Series { code: string; pattern: string; next_number: number; year: number | null; yearly_reset: number }
const usedIn: Readonly<Record<string, readonly [table: string, column: string, noun: string]>> = {
  invoice: ['invoices', 'number', 'invoice'], 'credit-note': ['credit_notes', 'number', 'credit note'], quote: ['quotes', 'number', 'quote'], proforma: ['invoices', 'proforma_number', 'proforma'],
}

/** Year and running number of a formatted one; null when the pattern was another at that time. */
function readNumber(pattern: string, number: string): { year: number; n: number } | null {
  const escaped = pattern.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace('{year}', '(?<year>\\d{4})').replaceAll('{year}', '\\d{4}').replace(/\{n(?::\d+)?\}/, '(?<n>\\d+)')
  const match = new RegExp(`^${escaped}$`).exec(number)
  return match ? { year: Number(match.groups?.['year'] ?? 0), n: Number(match.groups?.['n']) } : null
}

export async function numberFindings(): Promise<Finding[]> {
  const all = await tenantDb()('number_series').whereIn('code', Object.keys(usedIn)).select<Series[]>('code', 'pattern', 'next_number', 'year', 'yearly_reset')
  return (await Promise.all(all.map(findingsOf))).flat()
}

/** Each number is read by the pattern of its time: the running number went on when the pattern was changed. What no known pattern made can only be counted. */
async function findingsOf(series: Series): Promise<Finding[]> {
  const [table, column, noun] = usedIn[series.code]!
  const numbers = (await tenantDb()(table).whereNotNull(column).pluck(column)) as string[]
  const doubled = new Set(numbers).size < numbers.length ? [{ check: 'number.double', subject: `${noun} numbers`, message: 'A number stands on two documents.' }] : []
  const patterns = await patternsOf(series)
  const read = numbers.map((number) => patterns.map((pattern) => readNumber(pattern, number)).find((r) => r !== null && (series.yearly_reset || r.n < Number(series.next_number))) ?? readNumber(series.pattern, number))
  if (read.includes(null)) return [...doubled, ...(series.yearly_reset ? [] : missingByCount(series, noun, numbers.length))]
  const known = read.filter((r) => r !== null)
  const years = series.yearly_reset ? [...new Set(known.map((r) => r.year))].sort((a, b) => a - b) : [null]
  return [...doubled, ...years.flatMap((year) => gaps(series, noun, known.filter((r) => year === null || r.year === year).map((r) => r.n), year))]
}

/** Today's first, then earlier ones as the events have them, the latest first. */
async function patternsOf({ code, pattern }: Series): Promise<string[]> {
  const changes = (await tenantDb()('events').where({ type: 'number-series.changed' }).orderBy('id', 'desc').pluck('data')) as unknown[]
  const said = changes.map((data) => (typeof data === 'string' ? JSON.parse(data) : data) as { code?: string; pattern?: string }).filter((data) => data.code === code)
  return [...new Set([pattern, ...said.flatMap((data) => data.pattern ?? []), seriesDefaults[code as SeriesCode]])]
}

function missingByCount(series: Series, noun: string, used: number): Finding[] {
  const drawn = Number(series.next_number) - 1
  return used === drawn ? [] : [{ check: 'number.gap', subject: `${noun} numbers`, message: `${drawn} were drawn, ${used} stand on documents.` }]
}

function gaps(series: Series, noun: string, used: readonly number[], year: number | null): Finding[] {
  const present = new Set(used)
  const drawn = year === null || year === series.year ? Number(series.next_number) - 1 : Math.max(0, ...used)
  const name = (n: number): string => `${noun} number ${n}${year === null ? '' : ` of ${year}`}`
  const missing = Array.from({ length: drawn }, (_v, i) => i + 1).filter((n) => !present.has(n)).slice(0, 50)
  const beyond = [...present].filter((n) => n > drawn).slice(0, 50)
  return [
    ...missing.map((n) => ({ check: 'number.gap', subject: name(n), message: `It was drawn and stands on no ${noun}.` })),
    ...beyond.map((n) => ({ check: 'number.beyond', subject: name(n), message: `It stands on a ${noun} and was not drawn yet.` })),
  ]
}
