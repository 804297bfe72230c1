/** Orders and their captures. https://developer.paypal.com/docs/api/orders/v2/ */
import type { Call, Emit, Reply } from './call.js'
import { payerBy, payerId, type Payer } from './payers.js'
import type { Account, Kept } from './state.js'
import { amountIn, invalid, minorOf, moneyOf, partOf, textOf, unprocessable, type Json, type WireMoney } from './wire.js'

export interface Order extends Kept {
  status: string
  purchase_units: Unit[]
  _payer: string | null
  _return: string | null
  _cancel: string | null
}
interface Unit extends Json {
  reference_id: string
  amount: WireMoney
  custom_id?: string | undefined
  invoice_id?: string | undefined
  payments?: { captures: Json[]; refunds?: Json[] }
}

const link = (rel: string, href: string, method = 'GET'): Json => ({ rel, href, method })
const asOrder = (kept: Kept): Order => kept as Order

export function createOrder(call: Call): Reply {
  const { account, body, base } = call
  if (body.intent !== 'CAPTURE') throw invalid('intent')
  const units = body.purchase_units
  if (!Array.isArray(units) || units.length !== 1) throw invalid('purchase_units')
  const paypal = partOf(partOf(body, 'payment_source'), 'paypal')
  const context = partOf(paypal, 'experience_context')
  const unit: Unit = {
    reference_id: textOf(units[0], 'reference_id') ?? 'default', amount: amountIn((units[0] as Json).amount), custom_id: textOf(units[0], 'custom_id'), invoice_id: textOf(units[0], 'invoice_id'), description: textOf(units[0], 'description'),
  }
  if (minorOf(unit.amount) < 1) throw unprocessable('CANNOT_BE_ZERO_OR_NEGATIVE')
  const vaultId = textOf(paypal, 'vault_id', 255)
  const token = vaultId === undefined ? null : account.objects.get(vaultId)
  if (token !== null && (token?.kind !== 'payment-token')) throw unprocessable('TOKEN_NOT_FOUND', 'Specified token was not found. Verify the token and try the request again.')
  if (!token && (!textOf(context, 'return_url', 2048) || !textOf(context, 'cancel_url', 2048))) throw invalid('payment_source.paypal.experience_context')
  const payer = token ? payerBy(token._payer) : null
  if (token && payer) refuseCharge(account, token.id, payer, unit)
  const order = asOrder(account.add('order', {
    intent: 'CAPTURE', status: 'PAYER_ACTION_REQUIRED', payment_source: { paypal: {} }, purchase_units: [unit], links: [] as Json[], _payer: payer?.token ?? null, _return: textOf(context, 'return_url', 2048) ?? null, _cancel: textOf(context, 'cancel_url', 2048) ?? null,
  }))
  order.links = [link('self', `${base}/v2/checkout/orders/${order.id}`)]
  if (!payer || payer.asks) (order.links as Json[]).push(link('payer-action', `${base}/approve/order/${order.id}`))
  else capture(call, order, payer)
  return { status: 201, body: order }
}

export const readOrder = ({ account, ids }: Call): Reply => ({ status: 200, body: account.get('order', ids[0] ?? ''), whole: true })

/** Only the marks may be replaced, and only before the money has moved. */
export function patchOrder({ account, ids, rawBody }: Call): Reply {
  const order = asOrder(account.get('order', ids[0] ?? ''))
  if (order.status === 'COMPLETED') throw unprocessable('ORDER_ALREADY_COMPLETED')
  for (const { op, path, value } of JSON.parse(rawBody) as Array<{ op?: string; path?: string; value?: unknown }>) {
    const field = /^\/purchase_units\/@reference_id=='default'\/(custom_id|invoice_id|description)$/.exec(path ?? '')?.[1]
    if (op !== 'replace' || !field || typeof value !== 'string' || value.length > 127) throw unprocessable('NOT_PATCHABLE')
    order.purchase_units[0]![field] = value
  }
  return { status: 204, body: null }
}

export function captureOrder(call: Call): Reply {
  const order = asOrder(call.account.get('order', call.ids[0] ?? ''))
  if (order.status === 'COMPLETED') throw unprocessable('ORDER_ALREADY_CAPTURED')
  if (order.status !== 'APPROVED') throw unprocessable('ORDER_NOT_APPROVED', 'Payer has not yet approved the Order for payment.')
  const payer = payerBy(order._payer)
  refuseCharge(call.account, order.id, payer, order.purchase_units[0]!)
  capture(call, order, payer)
  return { status: 201, body: order }
}

/** The payer has said yes on PayPal's page. */
export function approveOrder(kept: Kept, payer: Payer, emit: Emit): void {
  const order = asOrder(kept)
  Object.assign(order, { status: 'APPROVED', _payer: payer.token, payer: { email_address: payer.email, payer_id: payerId(payer) }, payment_source: { paypal: { email_address: payer.email, account_id: payerId(payer) } } })
  emit('CHECKOUT.ORDER.APPROVED', 'checkout-order', order)
}

function refuseCharge(account: Account, id: string, payer: Payer, unit: Unit): void {
  const issue = account.orderedDeclines.get(id)?.shift() ?? account.orderedDeclines.get('*')?.shift() ?? payer.declines
  if (issue) throw unprocessable(issue)
  const paidBefore = unit.invoice_id !== undefined && account.all('capture').some((c) => c.invoice_id === unit.invoice_id && c.status !== 'DECLINED' && c.status !== 'FAILED')
  if (paidBefore) throw unprocessable('DUPLICATE_INVOICE_ID', 'Duplicate Invoice ID detected. To avoid a potential duplicate transaction your account setting requires that Invoice Id be unique for each transaction.')
}

function capture({ account, base, emit }: Pick<Call, 'account' | 'base' | 'emit'>, order: Order, payer: Payer): void {
  const unit = order.purchase_units[0]!
  const made = account.add('capture', {
    status: payer.slow ? 'PENDING' : 'COMPLETED', ...(payer.slow ? { status_details: { reason: 'ECHECK' } } : {}), amount: unit.amount, final_capture: true, custom_id: unit.custom_id, invoice_id: unit.invoice_id,
    supplementary_data: { related_ids: { order_id: order.id } }, links: [] as Json[], _order: order.id, _payer: payer.token, _refunded: 0,
  })
  made.links = [link('self', `${base}/v2/payments/captures/${made.id}`), link('up', `${base}/v2/checkout/orders/${order.id}`)]
  unit.payments = { captures: [made] }
  Object.assign(order, { status: 'COMPLETED', payment_source: { paypal: { email_address: payer.email, account_id: payerId(payer) } } })
  if (payer.slow) emit('PAYMENT.CAPTURE.PENDING', 'capture', made)
  else complete(made, emit)
}

/** The money has arrived. */
export function complete(capture: Kept, emit: Emit): void {
  const { currency_code: currency } = capture.amount as WireMoney
  const gross = minorOf(capture.amount as WireMoney)
  const unit = currency === 'HUF' || currency === 'TWD' ? 100 : 1
  const fee = Math.round((gross * 0.0349 + 49) / unit) * unit
  Object.assign(capture, { status: 'COMPLETED', seller_receivable_breakdown: { gross_amount: capture.amount, paypal_fee: moneyOf(fee, currency), net_amount: moneyOf(Math.max(0, gross - fee), currency) }, _fee: fee })
  delete capture.status_details
  emit('PAYMENT.CAPTURE.COMPLETED', 'capture', capture)
}
export function deny(capture: Kept, emit: Emit): void {
  Object.assign(capture, { status: 'DECLINED', status_details: { reason: 'DECLINED_BY_RISK_FRAUD_FILTERS' } })
  emit('PAYMENT.CAPTURE.DENIED', 'capture', capture)
}
