/**
 * Our marks in PayPal's two fields of 127 characters. `custom_id` comes back in everything that follows from an order: `tenant:invoice:attempt:customer`,
 * and `:x` behind it once we have given the order up. `invoice_id` must be unique in the merchant's account: a second guard against paying one attempt twice.
 */
import { createHash } from 'node:crypto'
import type { Marks } from './gateway-marks.js'

const GIVEN_UP = 'x'

export const customId = (marks: Marks, customerId: string): string => [marks.tenant, marks.invoice ?? '', marks.attempt ?? '', customerId].join(':')
export const invoiceId = (marks: Marks): string => [marks.tenant, marks.invoice ?? 'credit', marks.attempt ?? ''].join(':')
export const refundId = (marks: Marks): string => [marks.tenant, marks.refund ?? '', marks.attempt ?? ''].join(':')

export interface OrderMarks {
  readonly metadata: Readonly<Record<string, string>>
  readonly customerId: string | null
  /** We promised ourselves never to capture it. */
  readonly givenUp: boolean
}

const named = (entries: ReadonlyArray<readonly [string, string | undefined]>): Record<string, string> => Object.fromEntries(entries.filter((e): e is [string, string] => Boolean(e[1])))

/** What is not ours has no marks. */
export function orderMarks(text: string | undefined): OrderMarks {
  const [tenant, invoice, attempt, customer, state] = (text ?? '').split(':')
  if (!tenant || !attempt) return { metadata: {}, customerId: null, givenUp: false }
  return { metadata: named([['tenant', tenant], ['invoice', invoice], ['attempt', attempt]]), customerId: customer || null, givenUp: state === GIVEN_UP }
}
export const givenUp = (text: string): string => `${text}:${GIVEN_UP}`

export function refundMarks(text: string | undefined): Readonly<Record<string, string>> {
  const [tenant, refund, attempt] = (text ?? '').split(':')
  return tenant && refund ? named([['tenant', tenant], ['refund', refund], ['attempt', attempt]]) : {}
}

/** PayPal takes 108 characters; ours are shorter, except for very long ones. */
export const requestId = (key: string): string => (key.length <= 100 ? key : createHash('sha256').update(key).digest('hex'))
