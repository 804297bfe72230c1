/** Every run behind an invoice, for a spreadsheet. Texts that a spreadsheet would take for a formula are disarmed. */
import { stringify } from 'csv-stringify/sync'
import { formatRate } from '../../../../shared/views/format.js'
import type { InvoicePage } from '../present-invoice.js'

/** OWASP: a leading = + - @, tab or carriage return starts a formula; some programs trim blanks first, and some read the wide forms too. */
export const disarmed = (text: string): string => (/^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/.test(text) ? `'${text}` : text)

export function runsCsv(page: InvoicePage): string {
  const head = ['Invoice', 'Service', 'Start (UTC)', 'Stop (UTC)', 'Minutes', 'Billed minutes', 'Rate']
  const rows = page.lines.flatMap((line) => line.runs.map((run) => [
    page.number, line.serviceName ?? line.description, run.start.toISOString(), run.stop?.toISOString() ?? '', run.minutes, run.billedMinutes, line.rate ? formatRate(line.rate, 'en-US') : '',
  ]))
  return stringify([head, ...rows].map((row) => row.map((cell) => (typeof cell === 'string' ? disarmed(cell) : cell))), { record_delimiter: '\r\n' })
}
