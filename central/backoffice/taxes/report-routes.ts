/** What tax was charged in a period: a page, and the same rows for a spreadsheet. */
import { Router, type Request } from 'express'
import { stringify } from 'csv-stringify/sync'
import { DateTime } from 'luxon'
import { Money } from '../../../shared/money/money.js'
import { clock } from '../../../shared/time/clock.js'
import { localMidnight } from '../../../shared/time/local-date.js'
import type { Span } from '../../../shared/time/period.js'
import { taxReport, type ReportRow } from '../../../tenant/billing/tax/tax-report.js'
import { disarmed } from '../../../tenant/billing/invoices/documents/runs-csv.js'
import { atDesk, deskOf, deskPage } from '../desk.js'
import { countryName, percentOf, tabs } from './pages.js'

export const reportRoutes = Router()
interface Asked { readonly from: string; readonly to: string; readonly span: Span }

/** Days of the address, both included; the last whole quarter when none are given. */
function asked(req: Request): Asked {
  const { timeZone } = deskOf(req)
  const now = DateTime.fromJSDate(clock.now(), { zone: timeZone })
  const quarter = now.startOf('quarter').minus({ quarters: 1 })
  const read = (name: string, otherwise: DateTime): DateTime => {
    const given = DateTime.fromISO(String(req.query[name] ?? ''), { zone: 'utc' })
    return given.isValid && given.year > 1999 && given.year < 2200 ? given : otherwise
  }
  const [from, to] = [read('from', quarter), read('to', quarter.endOf('quarter'))]
  const last = to < from ? from : to
  const after = last.plus({ days: 1 })
  const instant = (day: DateTime): Date => localMidnight({ year: day.year, month: day.month, day: day.day }, timeZone)
  return { from: from.toISODate()!, to: last.toISODate()!, span: { start: instant(from), end: instant(after) } }
}
const rowsOf = (req: Request, { span }: Asked): Promise<ReportRow[]> => atDesk(req, 'look at the tax report', () => taxReport(span))

reportRoutes.get('/taxes/report', async (req, res) => {
  const { base, locale } = deskOf(req)
  const wish = asked(req)
  const rows = await rowsOf(req, wish)
  const sums = [...new Set(rows.map((row) => row.currency))].map((currency) => {
    const own = rows.filter((row) => row.currency === currency && row.treatment === 'taxed')
    return { currency, tax: Money.of(own.reduce((sum, row) => sum + row.taxMinor, 0), currency) }
  })
  deskPage(req, res, 'taxes/report', {
    tabs: tabs(req, '/report'), from: wish.from, to: wish.to, csvHref: `${base}/taxes/report.csv?from=${wish.from}&to=${wish.to}`, sums,
    rows: rows.map((row) => ({ ...row, country: row.country ? countryName(row.country, locale) : '—', percent: percentOf(row.ratePpm), net: Money.of(row.netMinor, row.currency), tax: Money.of(row.taxMinor, row.currency) })),
  }, { title: 'Tax report' })
})

reportRoutes.get('/taxes/report.csv', async (req, res) => {
  const wish = asked(req)
  const head = ['From', 'To', 'Country', 'Region', 'Tax', 'Code', 'Percent', 'Treatment', 'Currency', 'Invoices', 'Net', 'Tax amount']
  const rows = (await rowsOf(req, wish)).map((row) => [wish.from, wish.to, row.country, row.region, row.label, row.code, percentOf(row.ratePpm), row.treatment, row.currency, row.invoices, Money.of(row.netMinor, row.currency).toString(), Money.of(row.taxMinor, row.currency).toString()])
  // Amounts of ours may begin with a minus; only texts can be made into formulas.
  const safe = (cell: string | number): string | number => (typeof cell === 'string' && !/^-?\d+(\.\d+)?$/.test(cell) ? disarmed(cell) : cell)
  res.type('text/csv').attachment(`tax-${wish.from}-${wish.to}.csv`).set('cache-control', 'private, no-store')
    .send(stringify([head, ...rows.map((row) => row.map(safe))], { record_delimiter: '\r\n' }))
})
