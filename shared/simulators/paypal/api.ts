/** One request to the API: faults, idempotency by PayPal-Request-Id, the endpoint, `Prefer`. https://developer.paypal.com/api/rest/reference/idempotency/ */
import type { Call, Endpoint, Reply } from './call.js'
import * as captures from './captures.js'
import * as disputes from './disputes.js'
import type { RequestFault } from '../faults.js'
import * as orders from './orders.js'
import type { Account } from './state.js'
import * as vault from './vault.js'
import * as webhooks from './webhooks.js'
import { ApiFailure, failure, invalid, missing, type Json } from './wire.js'

const endpoints = (lagMs: number): Array<[method: string, path: RegExp, endpoint: Endpoint]> =>
  (
    [
      ['POST', '/v2/checkout/orders', orders.createOrder], ['GET', '/v2/checkout/orders/:id', orders.readOrder], ['PATCH', '/v2/checkout/orders/:id', orders.patchOrder], ['POST', '/v2/checkout/orders/:id/capture', orders.captureOrder],
      ['GET', '/v2/payments/captures/:id', captures.readCapture], ['POST', '/v2/payments/captures/:id/refund', captures.refundCapture], ['GET', '/v2/payments/refunds/:id', captures.readRefund],
      ['POST', '/v3/vault/setup-tokens', vault.createSetupToken], ['GET', '/v3/vault/setup-tokens/:id', vault.readSetupToken], ['POST', '/v3/vault/payment-tokens', vault.createPaymentToken],
      ['GET', '/v3/vault/payment-tokens', vault.listPaymentTokens], ['GET', '/v3/vault/payment-tokens/:id', vault.readPaymentToken], ['DELETE', '/v3/vault/payment-tokens/:id', vault.deletePaymentToken],
      ['POST', '/v1/notifications/verify-webhook-signature', webhooks.verifySignature], ['POST', '/v1/notifications/webhooks', webhooks.createWebhook], ['GET', '/v1/notifications/webhooks', webhooks.listWebhooks],
      ['GET', '/v1/notifications/webhooks/:id', webhooks.readWebhook], ['DELETE', '/v1/notifications/webhooks/:id', webhooks.deleteWebhook], ['GET', '/v1/notifications/webhooks-events', webhooks.listEvents],
      ['GET', '/v1/customer/disputes', disputes.listDisputes], ['GET', '/v1/customer/disputes/:id', disputes.readDispute],
      ['POST', '/v1/customer/disputes/:id/provide-evidence', disputes.provideEvidence], ['POST', '/v1/customer/disputes/:id/accept-claim', disputes.acceptClaim], ['GET', '/v1/reporting/transactions', captures.listTransactions(lagMs)],
    ] as Array<[string, string, Endpoint]>
  ).map(([method, path, endpoint]) => [method, new RegExp(`^${path.replaceAll(':id', '([^/]+)')}$`), endpoint])

/** Those that PayPal refuses to carry out without a PayPal-Request-Id. */
const needsKey = [/^\/v3\/vault\//, /^\/v2\/checkout\/orders$/]

export interface ApiRequest {
  method: string
  path: string
  query: URLSearchParams
  body: string
  /** PayPal-Request-Id. */
  key: string | null
  /** `Prefer: return=representation`. */
  whole: boolean
  fault: RequestFault | null
}
export interface ApiAnswer {
  status: number
  body: unknown
  replayed?: boolean
}

/** Runs the endpoint once per key. A replay answers 200 where the first answered 201. Refusals are not kept: asked again, they are judged again. */
export function answerOnce(account: Account, request: ApiRequest, context: Pick<Call, 'base' | 'emit'>, lagMs: number): ApiAnswer {
  const post = request.method === 'POST'
  const key = post ? request.key : null
  if (post && !key && needsKey.some((path) => path.test(request.path))) return failed(failure(400, 'INVALID_REQUEST', 'PAYPAL_REQUEST_ID_REQUIRED'))
  if (key && key.length > 108) return failed(failure(400, 'INVALID_REQUEST', 'INVALID_STRING_MAX_LENGTH'))
  const print = `${request.path} ${request.body}`
  const before = key ? account.answers.get(key) : undefined
  if (before && before.request !== print) return failed(failure(422, 'UNPROCESSABLE_ENTITY', 'DUPLICATE_REQUEST_ID', 'The value of PayPal-Request-Id header has already been used.'))
  if (before?.status === 0) return failed(failure(409, 'RESOURCE_CONFLICT', 'PREVIOUS_REQUEST_IN_PROGRESS'))
  if (before) return { status: before.status === 201 ? 200 : before.status, body: before.body, replayed: true }
  const answer = run(account, request, context, lagMs)
  if (key && answer.status < 300) account.answers.set(key, { request: print, status: request.fault?.kind === 'slow' ? 0 : answer.status, body: answer.body })
  return request.fault?.kind === 'error-after' ? { status: request.fault.status ?? 500, body: serverError } : answer
}

/** The slow request is over: its key may be replayed from now on. */
export function finishKey(account: Account, key: string | null, answer: ApiAnswer): void {
  const stored = key ? account.answers.get(key) : undefined
  if (stored?.status === 0) Object.assign(stored, { status: answer.status, body: answer.body })
}

export const serverError = { name: 'INTERNAL_SERVER_ERROR', message: 'An internal server error occurred.', debug_id: 'simulated', details: [], links: [] }
const failed = (error: ApiFailure): ApiAnswer => ({ status: error.status, body: error.body })

function run(account: Account, request: ApiRequest, context: Pick<Call, 'base' | 'emit'>, lagMs: number): ApiAnswer {
  try {
    for (const [method, pattern, endpoint] of endpoints(lagMs)) {
      const match = method === request.method ? pattern.exec(request.path) : null
      if (!match) continue
      const reply = endpoint({ ...context, account, body: parse(request.body), rawBody: request.body, query: request.query, ids: match.slice(1).map(decodeURIComponent) })
      return { status: reply.status, body: reply.body === null ? null : shape(reply, request.whole) }
    }
    throw missing()
  } catch (error) {
    if (error instanceof ApiFailure) return failed(error)
    return { status: 500, body: { ...serverError, message: `The simulator failed: ${error instanceof Error ? error.message : String(error)}` } }
  }
}

function shape({ body, whole }: Reply, asked: boolean): unknown {
  const shown = webhooks.withoutPrivate(structuredClone(body)) as Json
  return whole || asked ? shown : { id: shown.id, status: shown.status, links: shown.links }
}
function parse(text: string): Json {
  if (!text) return {}
  try {
    const value = JSON.parse(text) as unknown
    return typeof value === 'object' && value !== null ? (value as Json) : {}
  } catch {
    throw invalid('body', 'MALFORMED_REQUEST_JSON')
  }
}
