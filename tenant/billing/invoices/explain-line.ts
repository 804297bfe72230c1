/** "Why this amount?": what a line was computed from, in words and figures, read from the line itself. The one place that explains; page, PDF and desk print it. */
import { Money } from '../../../shared/money/money.js'
import { microsPerMinor } from '../../../shared/money/currency.js'
import { formatCount, formatDate, formatMoney, formatRate } from '../../../shared/views/format.js'
import type { InvoiceLine } from './invoice-line.js'

export interface Fact {
  readonly label: string
  readonly value: string
}
/** `timeZone`: where the line's days begin. `inclusive`: its amounts have tax in them. */
export interface Reader {
  readonly currency: string
  readonly locale: string
  readonly timeZone: string
  readonly inclusive: boolean
}

/** In the order of the computation, from the period to what is to be paid. Pure. */
export function explainLine(line: InvoiceLine, reader: Reader): Fact[] {
  return [...periodFacts(line, reader), ...useFacts(line, reader), ...priceFacts(line, reader), ...reductionFacts(line, reader)]
}

/** First and last day; the end itself belongs to the next period. */
export function periodText(span: { start: Date; end: Date }, { locale, timeZone }: Pick<Reader, 'locale' | 'timeZone'>): string {
  return `${formatDate(span.start, timeZone, locale)} – ${formatDate(new Date(span.end.getTime() - 1), timeZone, locale)}`
}

function periodFacts(line: InvoiceLine, reader: Reader): Fact[] {
  if (!line.periodStart || !line.periodEnd) return []
  return [{ label: 'Period', value: periodText({ start: line.periodStart, end: line.periodEnd }, reader) }, { label: 'Days begin in', value: reader.timeZone }]
}

/** Metered time: seconds, rate, the exact product and how it was rounded. */
function useFacts(line: InvoiceLine, { currency, locale }: Reader): Fact[] {
  if (line.quantitySeconds === null || line.rateMicros === null) return []
  const count = (n: number): string => new Intl.NumberFormat(locale).format(n)
  const rate = formatRate({ micros: line.rateMicros, currency, per: 'hour' }, locale)
  const exact = BigInt(line.rateMicros) * BigInt(line.quantitySeconds)
  return [
    { label: 'Time', value: `${count(line.quantitySeconds)} s (${count(line.quantitySeconds / 60)} min, in quarter hours begun)` },
    { label: 'Price', value: `${rate}, fixed when each run began` },
    roundingFact(exact, 3600n * BigInt(microsPerMinor(currency)), line.amountMinor, { currency, locale }),
  ]
}

function priceFacts(line: InvoiceLine, { currency, locale }: Reader): Fact[] {
  const { items = [], proration, priceVersion } = line.detail
  const version = priceVersion === undefined ? [] : [{ label: 'Price list', value: `Version ${priceVersion}, kept for you since you ordered` }]
  const parts = items.map((item) => ({
    label: item.tier ? `${item.label} (${item.tier})` : item.label,
    value: `${item.quantity} × ${unitText(item.unitMicros, currency, locale)} = ${formatMoney(item.amountMinor, currency, locale)}`,
  }))
  if (!proration) return [...version, ...parts]
  const share = `${new Intl.NumberFormat(locale).format(proration.seconds)} of ${formatCount(proration.ofSeconds, 'second', 'seconds', locale)} of ${formatMoney(proration.wholeMinor, currency, locale)}`
  const sign = line.amountMinor < 0 && proration.wholeMinor > 0 ? -1n : 1n
  return [...version, ...parts, { label: 'Part of the period', value: share }, roundingFact(sign * BigInt(proration.wholeMinor) * BigInt(proration.seconds), BigInt(proration.ofSeconds), line.amountMinor, { currency, locale })]
}

function reductionFacts(line: InvoiceLine, { currency, locale, inclusive }: Reader): Fact[] {
  const money = (minor: number): string => formatMoney(minor, currency, locale)
  const less = (line.detail.discounts ?? []).map((d) => ({ label: d.label, value: money(-d.amountMinor) }))
  const taxes = (line.detail.taxes ?? []).map((t) => ({ label: inclusive ? `Of which ${t.label}` : t.label, value: money(t.amountMinor) }))
  const plain = less.length === 0 && taxes.length === 0
  return plain ? [] : [{ label: inclusive ? 'Price with tax' : 'Price before tax', value: money(line.amountMinor) }, ...less, ...taxes, { label: 'This line costs', value: money(line.totalMinor) }]
}

/** Says the exact amount in minor units where it was rounded, and that nothing was where it was not. */
function roundingFact(numerator: bigint, denominator: bigint, amountMinor: number, { currency, locale }: Pick<Reader, 'currency' | 'locale'>): Fact {
  const rounded = Money.of(amountMinor, currency)
  if (numerator === BigInt(amountMinor) * denominator) return { label: 'Rounding', value: `None: exactly ${formatMoney(rounded.minor, currency, locale)}` }
  const [size, sign] = numerator < 0n ? [-numerator, '-'] : [numerator, '']
  const digits = ((size * 10_000n) / denominator).toString().padStart(5, '0')
  const unit = microsPerMinor(currency) === 10_000 ? 'hundredths' : microsPerMinor(currency) === 1000 ? 'thousandths' : currency
  return {
    label: 'Rounding', value: `${sign}${digits.slice(0, -4)}.${digits.slice(-4)} ${unit} became ${formatMoney(rounded.minor, currency, locale)} (once, half up)`,
  }
}

/** A unit price may be finer than the smallest coin. */
function unitText(micros: number, currency: string, locale: string): string {
  return formatRate({ micros, currency, per: '' }, locale).replace(/\/$/, '')
}
