/**
 * Base of our own HTTP doors. One call: time limit, size limit, JSON in and out, OutsideError with the truth about what we know.
 * A door never retries by itself: the verb that called it decides, because only it knows whether repeating is safe.
 * Throws inside an open transaction: the outside must never hold our locks.
 */
import { config } from '../config.js'
import { openScope } from '../database/transaction-scope.js'
import { OutsideError } from '../errors.js'
import { currentWorkOrNull } from '../tenancy/context.js'
import { publicFetch } from './public-fetch.js'

/** shared/database sets this slot while a transaction is open. */
export const TRANSACTION_SLOT = Symbol.for('ezscale.transaction')

/** A door calls this first. */
export function assertOutsideAllowed(door: string): void {
  // The scope also sees a transaction of central around a tenant's work.
  if (currentWorkOrNull()?.slots.has(TRANSACTION_SLOT) || openScope()) throw new Error(`The door "${door}" was called inside a transaction: call it between claim and settle.`)
}

export interface OutsideCall {
  door: string
  url: string
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  headers?: Record<string, string>
  /** Sent as JSON when it is an object; as it is when it is a string or bytes. */
  body?: unknown
  /** Milliseconds until we give up; default 15,000. */
  timeoutMs?: number
  /** Largest answer we read, in bytes; default 5 MB. */
  maxBytes?: number
  /** The address was chosen by somebody outside of the platform: only the open internet is called (`private-address` otherwise). Development and tests may allow more. */
  publicOnly?: boolean
}
export interface OutsideAnswer {
  status: number
  headers: Headers
  text: string
  /** Parsed body; undefined when it is not JSON. */
  json: unknown
}

async function readCapped(response: { readonly body: AsyncIterable<Uint8Array> | null }, call: OutsideCall): Promise<string> {
  const limit = call.maxBytes ?? 5_000_000
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > limit) throw new OutsideError(`${call.door} answered with more than ${limit} bytes.`, { door: call.door, retryable: false, unknown: true, code: 'too-large' })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Did the request certainly not reach the other side? Then repeating is safe; otherwise the answer is unknown. */
function neverSent(error: unknown): boolean {
  const { code = '' } = (error as { cause?: { code?: string } }).cause ?? (error as { code?: string })
  return ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'].includes(code)
}

/** Calls the outside once. Any HTTP status is an answer; no answer is an OutsideError, `unknown` when the request may have been acted on. */
export async function callOutside(call: OutsideCall): Promise<OutsideAnswer> {
  assertOutsideAllowed(call.door)
  const plain = call.body === undefined || typeof call.body === 'string' || call.body instanceof Uint8Array
  const body = plain ? (call.body as string | Uint8Array<ArrayBuffer> | undefined) : JSON.stringify(call.body)
  const headers = { accept: 'application/json', ...(typeof call.body === 'object' && !plain ? { 'content-type': 'application/json' } : {}), ...call.headers }
  try {
    const init = { method: call.method ?? 'GET', headers, ...(body === undefined ? {} : { body }), signal: AbortSignal.timeout(call.timeoutMs ?? 15_000) }
    const guarded = call.publicOnly === true && !config().ALLOW_PRIVATE_OUTSIDE
    const response = guarded ? await publicFetch(call.door, call.url, init) : await fetch(call.url, { ...init, redirect: 'error' })
    const text = await readCapped(response, call)
    return { status: response.status, headers: response.headers, text, json: parseJson(text) }
  } catch (error) {
    if (error instanceof OutsideError) throw error
    const safe = neverSent(error)
    throw new OutsideError(safe ? `${call.door} could not be reached.` : `${call.door} did not answer.`, { door: call.door, retryable: true, unknown: !safe, code: safe ? 'unreachable' : 'no-answer', cause: error })
  }
}
