/** One request to /v1: key check, faults, idempotency, the endpoint, expansion. https://docs.stripe.com/api/idempotent_requests */
import type { Call, Endpoint } from './call.js'
import * as customers from './customers.js'
import * as disputes from './disputes.js'
import * as files from './files.js'
import type { RequestFault } from '../faults.js'
import * as payments from './payment-intents.js'
import * as rest from './refunds.js'
import * as setups from './setup-intents.js'
import type { Account } from './state.js'
import { ApiFailure, listOf, parseForm, type ApiList, type ApiObject } from './wire.js'

const endpoints: Array<[method: string, path: RegExp, endpoint: Endpoint]> = (
  [
    ['POST', 'customers', customers.createCustomer], ['GET', 'customers', customers.listCustomers], ['GET', 'customers/:id', customers.readCustomer],
    ['POST', 'customers/:id', customers.updateCustomer], ['DELETE', 'customers/:id', customers.deleteCustomer], ['GET', 'customers/:id/payment_methods', customers.listMethods],
    ['POST', 'payment_methods', customers.createMethod], ['GET', 'payment_methods', customers.listMethods], ['GET', 'payment_methods/:id', customers.readMethod],
    ['POST', 'payment_methods/:id', customers.updateMethod], ['POST', 'payment_methods/:id/attach', customers.attachMethod], ['POST', 'payment_methods/:id/detach', customers.detachMethod],
    ['POST', 'setup_intents', setups.createSetup], ['GET', 'setup_intents', setups.listSetups], ['GET', 'setup_intents/:id', setups.readSetup],
    ['POST', 'setup_intents/:id/confirm', setups.confirmSetup], ['POST', 'setup_intents/:id/cancel', setups.cancelSetup],
    ['POST', 'payment_intents', payments.createPayment], ['GET', 'payment_intents', payments.listPayments], ['GET', 'payment_intents/:id', payments.readPayment],
    ['POST', 'payment_intents/:id', payments.updatePayment], ['POST', 'payment_intents/:id/confirm', payments.confirmPayment], ['POST', 'payment_intents/:id/cancel', payments.cancelPayment],
    ['POST', 'refunds', rest.createRefund], ['GET', 'refunds', rest.listing('refund', ['payment_intent', 'charge'])], ['GET', 'refunds/:id', rest.reading('refund')],
    ['GET', 'charges', rest.listing('charge', ['payment_intent', 'customer'])], ['GET', 'charges/:id', rest.reading('charge')],
    ['GET', 'events', rest.listing('event', ['type'])], ['GET', 'events/:id', rest.reading('event')],
    ['GET', 'balance_transactions', rest.listing('balance_transaction', ['type', 'source', 'currency'])], ['GET', 'balance_transactions/:id', rest.reading('balance_transaction')],
    ['GET', 'disputes', rest.listing('dispute', ['payment_intent', 'charge'])], ['GET', 'disputes/:id', rest.reading('dispute')], ['POST', 'disputes/:id', disputes.updateDispute],
    ['POST', 'disputes/:id/close', disputes.acceptDispute], ['POST', 'files', files.createFile], ['GET', 'files/:id', rest.reading('file')],
    ['POST', 'webhook_endpoints', rest.createEndpoint], ['GET', 'webhook_endpoints', rest.listing('webhook_endpoint')], ['GET', 'webhook_endpoints/:id', rest.reading('webhook_endpoint')],
    ['POST', 'webhook_endpoints/:id', rest.updateEndpoint], ['DELETE', 'webhook_endpoints/:id', rest.deleteEndpoint],
  ] as Array<[string, string, Endpoint]>
).map(([method, path, endpoint]) => [method, new RegExp(`^/v1/${path.replaceAll(':id', '([^/]+)')}$`), endpoint])

export interface ApiRequest {
  method: string
  path: string
  /** Query of a GET or DELETE, body of a POST. */
  body: string
  key: string | null
  fault: RequestFault | null
}
export interface ApiAnswer {
  status: number
  body: unknown
  replayed?: boolean
}

const failureBody = (error: Record<string, unknown>): unknown => ({ error: { ...error, doc_url: 'https://docs.stripe.com/error-codes' } })
const serverError = { type: 'api_error', message: 'An unknown error occurred' }

/** Runs the endpoint once per idempotency key; a key in use, or used for something else, is refused. */
export function answerOnce(account: Account, request: ApiRequest, context: Pick<Call, 'base' | 'emit' | 'minimums'>): ApiAnswer {
  const key = request.method === 'GET' ? null : request.key
  const print = `${request.method} ${request.path} ${request.body}`
  const before = key ? account.answers.get(key) : undefined
  if (before && before.request !== print) {
    return { status: 400, body: failureBody({ type: 'idempotency_error', message: `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${String(key)}'.` }) }
  }
  if (before && before.status === 0) {
    return { status: 409, body: failureBody({ type: 'idempotency_error', code: 'idempotency_key_in_use', message: 'There is currently another in-progress request using this Idempotent Key.' }) }
  }
  if (before) return { status: before.status, body: before.body, replayed: true }
  const answer = run(account, request, context)
  const stored = request.fault?.kind === 'error-after' ? { status: request.fault.status ?? 500, body: failureBody(serverError) } : answer
  const began = answer.status < 300 || answer.status === 402 || answer.status >= 500
  if (key && began) account.answers.set(key, { request: print, status: request.fault?.kind === 'slow' ? 0 : stored.status, body: stored.body })
  return stored
}

/** The slow request is over: its key may be replayed from now on. */
export function finishKey(account: Account, key: string | null, answer: ApiAnswer): void {
  const stored = key ? account.answers.get(key) : undefined
  if (stored?.status === 0) Object.assign(stored, { status: answer.status, body: answer.body })
}

function run(account: Account, request: ApiRequest, context: Pick<Call, 'base' | 'emit' | 'minimums'>): ApiAnswer {
  try {
    for (const [method, pattern, endpoint] of endpoints) {
      const match = method === request.method ? pattern.exec(request.path) : null
      if (!match) continue
      const form = parseForm(request.body)
      const result = endpoint({ ...context, account, form, path: request.path, ids: match.slice(1).map(decodeURIComponent) })
      return { status: 200, body: expand(account, structuredClone(result), listOf(form, 'expand')) }
    }
    throw new ApiFailure(404, { type: 'invalid_request_error', message: `Unrecognized request URL (${request.method}: ${request.path}).` })
  } catch (error) {
    if (error instanceof ApiFailure) return { status: error.status, body: failureBody(withoutPrivate(error.error)) }
    return { status: 500, body: failureBody({ ...serverError, message: `The simulator failed: ${error instanceof Error ? error.message : String(error)}` }) }
  }
}

/** `latest_charge.balance_transaction`: ids on this path are replaced by their objects. */
function expand(account: Account, body: ApiObject | ApiList, paths: readonly string[]): unknown {
  for (const path of paths) expandAt(account, body, path.split('.'))
  return withoutPrivate(body)
}
function expandAt(account: Account, at: unknown, [name, ...deeper]: string[]): void {
  if (!name || typeof at !== 'object' || at === null) return
  if (Array.isArray(at)) return at.forEach((each) => expandAt(account, each, [name, ...deeper]))
  const holder = at as Record<string, unknown>
  const value = holder[name]
  if (typeof value === 'string') {
    const found = account.objects.get(value)
    if (!found) throw new ApiFailure(400, { type: 'invalid_request_error', message: `This property cannot be expanded (${name}).`, param: 'expand' })
    holder[name] = structuredClone(found)
  }
  expandAt(account, holder[name], deeper)
}

/** Our own notes on an object (`_card`, `_secret`) never travel. */
export function withoutPrivate<T>(value: T): T {
  if (Array.isArray(value)) return value.map((each) => withoutPrivate(each)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).filter(([k]) => !k.startsWith('_')).map(([k, v]) => [k, withoutPrivate(v)])) as T
}
