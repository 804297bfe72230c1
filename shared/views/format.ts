/** How money, rates, dates and durations read. Pure: locale and zone are arguments. */
import { DateTime } from 'luxon'

export interface MoneyLike { readonly minor: number | bigint; readonly currency: string }
/** `micros`: millionths of one major unit of the currency. */
export interface RateLike { readonly micros: number | bigint; readonly currency: string; readonly per?: string }
export type DateStyle = 'date' | 'long' | 'short' | 'month' | 'time' | 'datetime' | 'full' | 'iso'

const formats = new Map<string, Intl.NumberFormat>()
function currencyFormat(locale: string, currency: string, digits?: number): Intl.NumberFormat {
  const key = `${locale} ${currency} ${digits ?? ''}`
  let format = formats.get(key)
  if (!format) {
    const base: Intl.NumberFormatOptions = { style: 'currency', currency, currencyDisplay: 'symbol' }
    format = new Intl.NumberFormat(locale, digits === undefined ? base : { ...base, minimumFractionDigits: Math.min(2, digits), maximumFractionDigits: digits })
    formats.set(key, format)
  }
  return format
}

/** Number of decimals a currency is written with, by ISO 4217 as Intl knows it. */
export function decimalsOf(currency: string): number {
  return currencyFormat('en-US', currency).resolvedOptions().maximumFractionDigits ?? 2
}

/** Whole minor units as text, exact for any size: 123456 USD → "$1,234.56"; -500 → "-$5.00". */
export function formatMoney(minor: number | bigint, currency: string, locale = 'en-US'): string {
  const decimals = decimalsOf(currency)
  const digits = (minor < 0 ? -BigInt(minor) : BigInt(minor)).toString().padStart(decimals + 1, '0')
  const plain = decimals ? `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}` : digits
  return formatDecimal(currencyFormat(locale, currency), `${minor < 0 ? '-' : ''}${plain}`)
}

/** A price finer than a cent: 150000 micros USD per hour → "$0.15/h". Shows as many decimals as it needs, at least the currency's. */
export function formatRate(rate: RateLike, locale = 'en-US'): string {
  const micros = BigInt(rate.micros)
  const digits = (micros < 0n ? -micros : micros).toString().padStart(7, '0')
  const fraction = digits.slice(-6).replace(/0+$/, '')
  const decimals = Math.max(decimalsOf(rate.currency), fraction.length)
  const text = formatDecimal(currencyFormat(locale, rate.currency, decimals), `${micros < 0n ? '-' : ''}${digits.slice(0, -6)}.${digits.slice(-6)}`)
  return `${text}/${perUnit[rate.per ?? 'hour'] ?? rate.per}`
}
const perUnit: Record<string, string> = { hour: 'h', month: 'month', year: 'year', day: 'day', GB: 'GB' }

/** Intl formats decimal strings exactly; its type does not know yet. */
function formatDecimal(format: Intl.NumberFormat, decimal: string): string {
  return format.format(decimal as unknown as number)
}

/** A wire amount for inputs: 1234 USD → "12.34". */
export function formatPlainAmount(minor: number, currency: string): string {
  const decimals = decimalsOf(currency)
  const digits = Math.abs(minor).toString().padStart(decimals + 1, '0')
  return (minor < 0 ? '-' : '') + (decimals ? `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}` : digits)
}

const patterns: Record<Exclude<DateStyle, 'iso'>, Intl.DateTimeFormatOptions> = {
  date: { year: 'numeric', month: 'short', day: 'numeric' },
  long: { year: 'numeric', month: 'long', day: 'numeric' },
  short: { month: 'short', day: 'numeric' },
  month: { year: 'numeric', month: 'long' },
  time: { hour: 'numeric', minute: '2-digit' },
  datetime: { year: 'numeric', month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' },
  full: { year: 'numeric', month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit', second: '2-digit', timeZoneName: 'short' },
}

/** An instant as its reader's calendar and clock show it. `zone` is an IANA name. */
export function formatDate(date: Date, zone = 'UTC', locale = 'en-US', style: DateStyle = 'date'): string {
  const at = DateTime.fromJSDate(date, { zone }).setLocale(locale)
  if (!at.isValid) return ''
  return style === 'iso' ? (at.toISO() ?? '') : at.toLocaleString(patterns[style]).replaceAll('\u202f', ' ')
}

/** Seconds as people say them: 9420 → "2 h 37 min", 45 → "45 s", 90000 → "1 d 1 h". Two units at most, cut down, never rounded up. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  if (whole < 60) return `${whole} s`
  const parts: [number, string][] = [[Math.floor(whole / 86400), 'd'], [Math.floor(whole / 3600) % 24, 'h'], [Math.floor(whole / 60) % 60, 'min']]
  const first = parts.findIndex(([n]) => n > 0)
  return parts.slice(first, first + 2).filter(([n]) => n > 0).map(([n, unit]) => `${n} ${unit}`).join(' ')
}

const steps: [Intl.RelativeTimeFormatUnit, number][] = [['year', 31557600], ['month', 2629800], ['day', 86400], ['hour', 3600], ['minute', 60]]
/** "5 minutes ago", "in 3 days", "just now". */
export function formatRelative(date: Date, now: Date, locale = 'en-US'): string {
  const seconds = (date.getTime() - now.getTime()) / 1000
  const [unit, size] = steps.find(([, s]) => Math.abs(seconds) >= s) ?? ['second', 1]
  if (unit === 'second') return 'just now'
  return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(Math.trunc(seconds / size), unit)
}

/** "1 workspace", "3 workspaces", "0 workspaces". `many` defaults to `one` + s. */
export function formatCount(n: number, one: string, many = `${one}s`, locale = 'en-US'): string {
  return `${new Intl.NumberFormat(locale).format(n)} ${n === 1 ? one : many}`
}

/** "Ada Lovelace" → "AL", "support@x" → "S". */
export function initials(name: string): string {
  const words = name.replace(/@.*/, '').split(/[\s._-]+/).filter(Boolean)
  return ((words[0]?.[0] ?? '?') + (words.length > 1 ? words.at(-1)![0]! : '')).toUpperCase()
}
