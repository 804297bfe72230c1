/** PayPal's errors in our own words. `unknown` is the honest default: only answers that prove that nothing happened say otherwise. */
import { OutsideError } from '../errors.js'

export interface PaypalProblem {
  readonly status: number
  /** `details[0].issue`, else `name`; '' when the answer was no JSON. */
  readonly issue: string
  /** Their log finds the request by it. */
  readonly debugId: string | null
}

/** What an error answer says. */
export function problemOf(status: number, text: string): PaypalProblem {
  try {
    const body = JSON.parse(text) as { name?: string; error?: string; debug_id?: string; details?: Array<{ issue?: string }> }
    return { status, issue: body.details?.[0]?.issue ?? body.name ?? body.error ?? '', debugId: body.debug_id ?? null }
  } catch {
    return { status, issue: '', debugId: null }
  }
}

interface Facts {
  what: string
  retryable: boolean
  unknown: boolean
  code: string
}

/** The key was used for another request, or the invoice id for an earlier payment: something of ours exists that we did not expect. */
const usedBefore = new Set(['DUPLICATE_INVOICE_ID', 'DUPLICATE_REQUEST_ID', 'PAYPAL_REQUEST_ID_PREVIOUSLY_USED', 'MISMATCHED_PAYPAL_REQUEST_ID'])

function factsOf({ status, issue }: PaypalProblem): Facts {
  if (status === 429) return { what: 'asks us to slow down', retryable: true, unknown: false, code: 'rate_limit' }
  if (status === 401) return { what: 'does not accept the client id and secret', retryable: false, unknown: false, code: 'authentication' }
  if (status === 403) return { what: `does not permit this, ${issue}`, retryable: false, unknown: false, code: 'permission' }
  if (status === 404) return { what: 'does not know this object', retryable: false, unknown: false, code: 'resource_missing' }
  if (status === 409) return { what: 'is still busy with this request', retryable: true, unknown: true, code: 'idempotency_key_in_use' }
  if (usedBefore.has(issue)) return { what: `knows this request already, ${issue}`, retryable: false, unknown: true, code: 'idempotency_error' }
  if (status >= 400 && status < 500) return { what: `refused the request, ${issue || status}`, retryable: false, unknown: false, code: issue || 'refused' }
  return { what: 'had an error of its own', retryable: true, unknown: true, code: 'server-error' }
}

export class PaypalError extends OutsideError {
  constructor(readonly problem: PaypalProblem) {
    const { what, ...facts } = factsOf(problem)
    super(`paypal: ${what}${problem.debugId ? ` (${problem.debugId})` : ''}.`, { door: 'paypal', ...facts })
  }
}

/** No HTTP answer, or one that is no answer of PayPal's. */
export function silence(error: unknown): OutsideError {
  const text = `${String((error as { code?: unknown })?.code)} ${error instanceof Error ? error.message : ''}`
  const never = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH/.test(text)
  return new OutsideError(never ? 'paypal: could not be reached.' : 'paypal: did not answer.', { door: 'paypal', retryable: true, unknown: !never, code: never ? 'unreachable' : 'no-answer' })
}
