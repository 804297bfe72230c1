/** PayPal's wire format: JSON in and out, error shapes, amounts as decimal strings. https://developer.paypal.com/api/rest/responses/ */
import { exponentOf } from '../../money/currency.js'
import { Money } from '../../money/money.js'

export type Json = Record<string, unknown>
export interface WireMoney {
  currency_code: string
  value: string
}

/** An answer that is not 2xx. */
export class ApiFailure extends Error {
  constructor(readonly status: number, readonly body: Json) {
    super(String(body.name))
  }
}
const debugId = (): string => Math.random().toString(16).slice(2, 15)
export const failure = (status: number, name: string, issue: string, description = issue): ApiFailure =>
  new ApiFailure(status, { name, message: description, debug_id: debugId(), details: [{ issue, description }], links: [] })
/** The rules say no. */
export const unprocessable = (issue: string, description?: string): ApiFailure => failure(422, 'UNPROCESSABLE_ENTITY', issue, description)
export const invalid = (field: string, issue = 'INVALID_PARAMETER_VALUE'): ApiFailure => new ApiFailure(400, { name: 'INVALID_REQUEST', message: 'Request is not well-formed.', debug_id: debugId(), details: [{ field, issue, location: 'body' }] })
export const missing = (): ApiFailure => failure(404, 'RESOURCE_NOT_FOUND', 'INVALID_RESOURCE_ID', 'Specified resource ID does not exist.')

const taken = new Set('AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF ILS JPY MXN MYR NOK NZD PHP PLN SEK SGD THB TWD USD'.split(' '))
const whole = new Set(['HUF', 'JPY', 'TWD'])

/** Checks an amount as strictly as the real one. */
export function amountIn(given: unknown): WireMoney {
  const { currency_code: currency, value } = (given ?? {}) as Partial<WireMoney>
  if (typeof currency !== 'string' || typeof value !== 'string' || !/^\d{1,12}(\.\d{1,3})?$/.test(value)) throw invalid('amount')
  if (!taken.has(currency)) throw unprocessable('CURRENCY_NOT_SUPPORTED')
  if (whole.has(currency) && value.includes('.')) throw unprocessable('DECIMALS_NOT_SUPPORTED')
  if (!/^\d+\.\d{2}$/.test(value) && !whole.has(currency)) throw unprocessable('DECIMAL_PRECISION')
  return { currency_code: currency, value }
}
export const minorOf = (money: WireMoney): number => Money.parse(money.value, money.currency_code)?.minor ?? 0
export function moneyOf(minor: number, currency: string): WireMoney {
  const value = Money.of(minor, currency).toString()
  return { currency_code: currency, value: whole.has(currency) && exponentOf(currency) ? value.replace(/\.\d+$/, '') : value }
}

export const textOf = (given: unknown, name: string, most = 127): string | undefined => {
  const value = (given as Json | undefined)?.[name]
  if (value !== undefined && (typeof value !== 'string' || value.length > most)) throw invalid(name)
  return value
}
export const partOf = (given: unknown, name: string): Json => {
  const value = (given as Json | undefined)?.[name]
  return typeof value === 'object' && value !== null ? (value as Json) : {}
}
