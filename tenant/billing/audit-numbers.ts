/** The invoice numbers: no gap, no double. */
import { tenantDb } from '../../shared/database/tenant-database.js'
import type { Finding } from './audit.js'

/** Reads the running number out of a formatted one; null when the pattern was another at that time. */
function runningNumber(pattern: string, number: string): number | null {
  const escaped = pattern.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replaceAll('{year}', '\\d{4}').replace(/\{n(?::\d+)?\}/, '(\\d+)')
  const match = new RegExp(`^${escaped}$`).exec(number)
  return match ? Number(match[1]) : null
}

/** Series with a yearly reset, or whose pattern was changed, are checked for doubles only (which the unique index refuses anyway). */
export async function numberFindings(): Promise<Finding[]> {
  const series = await tenantDb()('number_series').where({ code: 'invoice' }).first<{ pattern: string; next_number: number; yearly_reset: number } | undefined>('pattern', 'next_number', 'yearly_reset')
  if (!series || series.yearly_reset) return []
  const numbers = (await tenantDb()('invoices').whereNotNull('number').pluck('number')) as string[]
  const used = numbers.map((number) => runningNumber(series.pattern, number))
  if (used.includes(null)) return []
  const present = new Set(used)
  const missing = Array.from({ length: Number(series.next_number) - 1 }, (_v, i) => i + 1).filter((n) => !present.has(n))
  const beyond = [...present].filter((n) => n !== null && n >= Number(series.next_number))
  return [
    ...missing.slice(0, 50).map((n) => ({ check: 'number.gap', subject: `invoice number ${n}`, message: 'It was drawn and stands on no invoice.' })),
    ...beyond.slice(0, 50).map((n) => ({ check: 'number.beyond', subject: `invoice number ${String(n)}`, message: 'It stands on an invoice and was not drawn yet.' })),
    ...(present.size < used.length ? [{ check: 'number.double', subject: 'invoice numbers', message: 'A number stands on two invoices.' }] : []),
  ]
}
