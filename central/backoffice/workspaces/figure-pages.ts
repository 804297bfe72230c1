/** Use, revenue and margin in charts and tables. Runs inside the tenant. */
import { stringify } from 'csv-stringify/sync'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { dayAfter, dayOf, isoOf, type LocalDate, localDateOf, localMidnight } from '../../../shared/time/local-date.js'
import type { Span } from '../../../shared/time/period.js'
import { decimalsOf, formatDate, formatMoney } from '../../../shared/views/format.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { endChoices } from './event-words.js'
import { figuresOf, marginPercent, type Figures, type FiguresOfSpan } from './figures/figures.js'
import { typeNames } from './rows.js'

export interface FigureWish { readonly span: Span; readonly step: 'day' | 'month'; readonly currency: string; readonly from: string; readonly until: string; readonly by: string }
const DAY = 86_400_000
const most = { day: 92, month: 13 * 31 } as const

/** Whatever stands in the address bar: a span of days of the shop, by default this month; cut where it would become too long to read. */
export async function figureWish(asked: Readonly<Record<string, string | undefined>>, now: Date): Promise<FigureWish> {
  const { timeZone, currency: own } = currentTenant()
  const step = asked['step'] === 'month' ? 'month' : 'day'
  const today = localDateOf(now, timeZone)
  const first = step === 'day' ? { ...today, day: 1 } : { year: today.year - 1, month: today.month, day: 1 }
  const until = dayOf(asked['until']) ?? today
  const wanted = dayOf(asked['from']) ?? first
  const from = bounded(isoOf(wanted) > isoOf(until) ? until : wanted, until, most[step])
  const known = await tenantDb()('kasm_usage_sessions').distinct().pluck('currency') as string[]
  const currency = known.find((c) => c === asked['currency']) ?? own
  return { span: { start: localMidnight(from, timeZone), end: localMidnight(dayAfter(until), timeZone) }, step, currency, from: isoOf(from), until: isoOf(until), by: endChoices.find((c) => c.value === asked['by'])?.value ?? '' }
}

function bounded(from: LocalDate, until: LocalDate, days: number): LocalDate {
  const earliest = new Date(Date.UTC(until.year, until.month - 1, until.day) - (days - 1) * DAY)
  const start = new Date(Date.UTC(from.year, from.month - 1, from.day))
  const used = start < earliest ? earliest : start
  return { year: used.getUTCFullYear(), month: used.getUTCMonth() + 1, day: used.getUTCDate() }
}

const hoursText = (seconds: number): string => (seconds / 3600).toFixed(2)
const shown = (f: Figures) => ({ ran: hoursText(f.ran), billed: hoursText(f.billed), revenue: f.revenue, cost: f.cost, margin: f.margin, percent: marginPercent(f) })

export async function figuresPage(wish: FigureWish, base: string, now: Date): Promise<object> {
  const [figures, types] = [await figuresOf(wish.span, wish.step, wish.currency, now, { endedBy: wish.by }), await typeNames()]
  const { timeZone, locale } = currentTenant()
  const label = (key: string, start: Date): string => (wish.step === 'month' ? formatDate(start, timeZone, locale, 'month') : key)
  const rows = figures.rows.map((r) => ({ label: label(r.key, r.start), peak: r.peak, ...shown(r) }))
  const query = new URLSearchParams({ from: wish.from, until: wish.until, step: wish.step, currency: wish.currency, ...(wish.by ? { by: wish.by } : {}) })
  const stepHref = (step: string): string => `${base}/workspaces/figures?${new URLSearchParams({ step, ...(wish.by ? { by: wish.by } : {}) })}`
  return {
    home: `${base}/workspaces`, ...wish, ends: endChoices, any: figures.total.ran > 0, rows, byType: [...figures.byType].map(([type, f]) => ({ name: types.get(type) ?? type, ...shown(f) })), total: { peak: figures.total.peak, ...shown(figures.total) }, unpriced: figures.unpriced,
    mixed: figures.currency !== figures.costCurrency, costCurrency: figures.costCurrency, loss: figures.total.margin !== null && figures.total.margin.minor < 0, csvHref: `${base}/workspaces/figures.csv?${query}`, timeZone,
    steps: [{ label: 'By day', href: stepHref('day'), current: wish.step === 'day' }, { label: 'By month', href: stepHref('month'), current: wish.step === 'month' }], charts: chartsOf(figures, rows.map((r) => r.label)),
  }
}

/** For parts/chart: numbers for the canvas, words for its table. */
function chartsOf({ rows, currency, costCurrency }: FiguresOfSpan, labels: readonly string[]): object {
  const { locale } = currentTenant()
  const major = (minor: number, unit: string): number => minor / 10 ** decimalsOf(unit)
  const table = (cells: (r: (typeof rows)[number]) => string[]): string[][] => rows.map((r, i) => [labels[i]!, ...cells(r)])
  const one = (type: string, unit: string, series: object[], cells: (r: (typeof rows)[number]) => string[]): object => ({ type, unit, labelHeading: 'When', labels, series, rows: table(cells) })
  return {
    hours: one('bar', ' h', [{ name: 'Ran', values: rows.map((r) => r.ran / 3600) }, { name: 'Billed', values: rows.map((r) => r.billed / 3600) }], (r) => [hoursText(r.ran), hoursText(r.billed)]),
    money: one('bar', '', [{ name: `Revenue (${currency})`, values: rows.map((r) => major(r.revenue.minor, currency)) }, { name: `Wholesale cost (${costCurrency})`, values: rows.map((r) => major(r.cost.minor, costCurrency)) }], (r) => [formatMoney(r.revenue.minor, currency, locale), formatMoney(r.cost.minor, costCurrency, locale)]),
    peak: one('line', '', [{ name: 'Most at once', values: rows.map((r) => r.peak) }], (r) => [String(r.peak)]),
  }
}

/** One row a day (or month) and type; exact amounts. */
export async function figuresCsv(wish: FigureWish, now: Date): Promise<string> {
  const figures = await figuresOf(wish.span, wish.step, wish.currency, now, { endedBy: wish.by })
  const lines = figures.rows.flatMap((row) => [...row.byType].map(([type, f]) => ({
    [wish.step]: row.key, type, ran_seconds: f.ran, billed_seconds: f.billed, revenue: f.revenue.toString(), currency: figures.currency, wholesale_cost: f.cost.toString(), cost_currency: figures.costCurrency, margin: f.margin?.toString() ?? '', peak_of_all_types: row.peak,
  })))
  const columns = [wish.step, 'type', 'ran_seconds', 'billed_seconds', 'revenue', 'currency', 'wholesale_cost', 'cost_currency', 'margin', 'peak_of_all_types']
  return stringify(lines, { header: true, columns, record_delimiter: '\r\n', escape_formulas: true })
}
