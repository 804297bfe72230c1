/** The next twelve months of charges, month by month, for the page and for a spreadsheet. */
import { DateTime } from 'luxon'
import { stringify } from 'csv-stringify/sync'
import { Money } from '../../shared/money/money.js'
import { formatDate, formatMoney } from '../../shared/views/format.js'
import type { ChargeAhead } from '../billing/subscriptions/charges-ahead.js'
import type { Customer } from '../customers/customer.js'

export interface ChargesPage {
  rows: number
  totals: Array<{ label: string; value: string; note: string }>
  months: Array<{ title: string; text: string; rows: Array<Omit<ChargeAhead, 'kind' | 'discount' | 'tax'> & { estimate: boolean; issued: boolean; several: boolean; discount: Money | null; tax: Money | null }> }>
}
type Reader = Pick<Customer, 'timeZone' | 'locale'>

export function chargesPage(charges: readonly ChargeAhead[], { timeZone, locale }: Reader): ChargesPage {
  const money = (m: Money): string => formatMoney(m.minor, m.currency, locale)
  const monthOf = (at: Date): string => DateTime.fromJSDate(at, { zone: timeZone }).toFormat('yyyy-MM')
  const sums = (list: readonly ChargeAhead[]): Money[] => [...new Set(list.map((c) => c.total.currency))].map((currency) => Money.sum(list.filter((c) => c.total.currency === currency).map((c) => c.total), currency))
  const months = [...new Set(charges.map((c) => monthOf(c.at)))].map((month) => charges.filter((c) => monthOf(c.at) === month))
  return {
    rows: charges.length,
    totals: [
      ...sums(charges.filter((c) => c.kind !== 'estimate')).map((sum) => ({ label: 'Agreed', value: money(sum), note: `${sum.currency}, open invoices and renewals` })),
      ...sums(charges.filter((c) => c.kind === 'estimate')).map((sum) => ({ label: 'Estimated', value: money(sum), note: `${sum.currency}, use by the hour` })),
    ],
    months: months.map((list) => ({
      title: formatDate(list[0]!.at, timeZone, locale, 'month'), text: sums(list).map(money).join(' + '),
      rows: list.map(({ kind, discount, tax, ...c }) => ({ ...c, estimate: kind === 'estimate', issued: kind === 'invoice', several: c.parts.length > 1, discount: discount.isZero() ? null : discount.negate(), tax: tax.isZero() ? null : tax })),
    })),
  }
}

export function chargesCsv(charges: readonly ChargeAhead[], { timeZone }: Reader): string {
  const rows = charges.map((c) => [DateTime.fromJSDate(c.at, { zone: timeZone }).toISODate(), c.kind, c.parts.map((p) => p.label).join('; '), c.discount.toString(), c.tax.toString(), c.total.toString(), c.total.currency])
  return stringify([['day', 'kind', 'what', 'discount', 'tax', 'total', 'currency'], ...rows], { record_delimiter: '\r\n', escape_formulas: true })
}
