/** Captures, refunds, and the list of transactions. https://developer.paypal.com/docs/api/payments/v2/ */
import { clock } from '../../time/clock.js'
import type { Call, Emit, Reply } from './call.js'
import { payerBy } from './payers.js'
import type { Account, Kept } from './state.js'
import { amountIn, invalid, minorOf, moneyOf, textOf, unprocessable, type Json, type WireMoney } from './wire.js'
import type { Order } from './orders.js'

export const readCapture = ({ account, ids }: Call): Reply => ({ status: 200, body: account.get('capture', ids[0] ?? ''), whole: true })
export const readRefund = ({ account, ids }: Call): Reply => ({ status: 200, body: account.get('refund', ids[0] ?? ''), whole: true })

export function refundCapture({ account, ids, body, base, emit }: Call): Reply {
  const capture = account.get('capture', ids[0] ?? '')
  const paid = capture.amount as WireMoney
  const left = minorOf(paid) - Number(capture._refunded)
  if (capture.status !== 'COMPLETED' && capture.status !== 'PARTIALLY_REFUNDED') throw unprocessable(capture.status === 'REFUNDED' ? 'CAPTURE_FULLY_REFUNDED' : 'CAPTURE_NOT_COMPLETED')
  const amount = body.amount === undefined ? moneyOf(left, paid.currency_code) : amountIn(body.amount)
  if (amount.currency_code !== paid.currency_code) throw unprocessable('CURRENCY_MISMATCH')
  if (minorOf(amount) > left) throw unprocessable('REFUND_AMOUNT_EXCEEDED')
  const slow = payerBy(capture._payer).slowRefunds
  const refund = account.add('refund', {
    status: slow ? 'PENDING' : 'COMPLETED', ...(slow ? { status_details: { reason: 'ECHECK' } } : {}), amount, custom_id: textOf(body, 'custom_id'), invoice_id: textOf(body, 'invoice_id'), note_to_payer: textOf(body, 'note_to_payer', 255),
    links: [{ rel: 'self', href: `${base}/v2/payments/refunds/${capture.id}`, method: 'GET' }, { rel: 'up', href: `${base}/v2/payments/captures/${capture.id}`, method: 'GET' }], _capture: capture.id,
  })
  moveRefunded(account, capture, minorOf(amount))
  orderOf(account, capture).purchase_units[0]!.payments!.refunds = account.all('refund').filter((r) => r._capture === capture.id)
  emit(slow ? 'PAYMENT.REFUND.PENDING' : 'PAYMENT.CAPTURE.REFUNDED', 'refund', refund)
  return { status: 201, body: refund }
}

const orderOf = (account: Account, capture: Kept): Order => account.get('order', String(capture._order)) as Order

function moveRefunded(account: Account, capture: Kept, minor: number): void {
  capture._refunded = Number(capture._refunded) + minor
  capture.status = capture._refunded === 0 ? 'COMPLETED' : capture._refunded === minorOf(capture.amount as WireMoney) ? 'REFUNDED' : 'PARTIALLY_REFUNDED'
}

/** A refund comes to its end, or fails after all: the money is back on the account. */
export function endRefund(account: Account, refund: Kept, outcome: 'COMPLETED' | 'FAILED', emit: Emit): void {
  const amount = minorOf(refund.amount as WireMoney)
  if (outcome === 'FAILED' && refund.status !== 'FAILED') moveRefunded(account, account.get('capture', String(refund._capture)), -amount)
  Object.assign(refund, { status: outcome, ...(outcome === 'FAILED' ? { status_details: { reason: 'BANK_RETURNED' }, _failed_at: clock.real().toISOString() } : {}) })
  emit(outcome === 'FAILED' ? 'PAYMENT.REFUND.FAILED' : 'PAYMENT.CAPTURE.REFUNDED', 'refund', refund)
}

const MONTH = 31 * 86_400_000
interface Movement {
  id: string
  code: string
  at: string
  minor: number
  fee: number
  currency: string
  custom: unknown
  reference: unknown
}

/** `GET /v1/reporting/transactions`: what is younger than `lagMs` is not in the list yet. */
export const listTransactions = (lagMs: number) => ({ account, query }: Call): Reply => {
  const [start, end] = [Date.parse(query.get('start_date') ?? ''), Date.parse(query.get('end_date') ?? '')]
  if (!(start < end) || end - start > MONTH) throw invalid('end_date', 'INVALID_DATE_RANGE')
  const size = Math.min(500, Number(query.get('page_size') ?? 100))
  const page = Number(query.get('page') ?? 1)
  const newest = clock.real().getTime() - lagMs
  const within = movements(account).filter((m) => Date.parse(m.at) >= start && Date.parse(m.at) <= end && Date.parse(m.at) <= newest).sort((a, b) => a.at.localeCompare(b.at))
  const total_pages = Math.max(1, Math.ceil(within.length / size))
  return { status: 200, whole: true, body: { transaction_details: within.slice((page - 1) * size, page * size).map(shown), account_number: account.name.toUpperCase(), page, total_items: within.length, total_pages, links: [] } }
}

function movements(account: Account): Movement[] {
  const money = (o: Kept) => ({ minor: minorOf(o.amount as WireMoney), currency: (o.amount as WireMoney).currency_code })
  const captures = account.all('capture').filter((c) => c._fee !== undefined).map((c) => ({ id: c.id, code: 'T0006', at: String(c.create_time), ...money(c), fee: Number(c._fee), custom: c.custom_id, reference: null }))
  const refunds = account.all('refund').filter((r) => r.status === 'COMPLETED' || r._failed_at).flatMap((r) => {
    const made = { id: r.id, code: 'T1107', at: String(r.create_time), ...money(r), fee: 0, custom: r.custom_id, reference: r._capture }
    const out = { ...made, minor: -made.minor }
    return r._failed_at ? [out, { ...made, id: `${r.id}R`, code: 'T1115', at: String(r._failed_at) }] : [out]
  })
  return [...captures, ...refunds, ...disputeMoves(account)]
}
function disputeMoves(account: Account): Movement[] {
  return account.all('dispute').flatMap((d) => {
    const { currency_code: currency } = d.dispute_amount as WireMoney
    const minor = minorOf(d.dispute_amount as WireMoney)
    const same = { fee: 0, currency, custom: d._custom, reference: d._capture }
    const held = { ...same, id: `${d.id}-H`, code: 'T1110', at: String(d.create_time), minor: -minor }
    return d._won_at ? [held, { ...same, id: `${d.id}-R`, code: 'T1111', at: String(d._won_at), minor }] : [held]
  })
}
const shown = (m: Movement): Json => ({
  transaction_info: {
    transaction_id: m.id, transaction_event_code: m.code, transaction_initiation_date: m.at, transaction_updated_date: m.at, transaction_amount: signed(m.minor, m.currency), transaction_status: 'S',
    ...(m.fee ? { fee_amount: signed(-m.fee, m.currency) } : {}), ...(m.custom ? { custom_field: m.custom } : {}), ...(m.reference ? { paypal_reference_id: m.reference, paypal_reference_id_type: 'TXN' } : {}),
  },
})
const signed = (minor: number, currency: string): WireMoney => moneyOf(minor, currency)
