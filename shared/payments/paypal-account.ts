/** A reseller's account at PayPal, and the token that opens it: one an account, however many ask. */
import { OutsideError } from '../errors.js'
import { callOutside, type OutsideAnswer } from '../outside/client.js'
import { PaypalError, problemOf } from './paypal-errors.js'

export interface PaypalAccount {
  readonly clientId: string
  readonly secret: string
  readonly mode: 'test' | 'live'
  /** Id of this account's webhook at PayPal; null while there is none: then every event is refused. */
  readonly webhookId: string | null
  /** Another address for the API (simulator); null for the real one. */
  readonly apiBase?: string | null
  /** Milliseconds until an answer counts as lost; default: patience. */
  readonly timeoutMs?: number
}
/** Default time limit; tests shorten it. */
export const paypalPatience = { timeoutMs: 20_000 }

export const baseOf = (account: PaypalAccount): string => account.apiBase ?? (account.mode === 'live' ? 'https://api-m.paypal.com' : 'https://api-m.sandbox.paypal.com')
export const nameOf = (account: PaypalAccount): string => `${account.clientId} ${account.secret} ${baseOf(account)}`
export const timeoutOf = (account: PaypalAccount): number => account.timeoutMs ?? paypalPatience.timeoutMs

interface Token {
  readonly accessToken: string
  /** Unix milliseconds. */
  readonly expiresAt: number
}
/** Renewed this long before it ends, in milliseconds. */
const EARLY = 60_000
/** Accounts whose tokens are kept at once. */
const MOST = 2000
const tokens = new Map<string, Promise<Token>>()

/** One token an account, also while several ask at once. A failure is not kept. */
export async function tokenOf(account: PaypalAccount): Promise<string> {
  const name = nameOf(account)
  const held = tokens.get(name)
  const known = await held?.catch(() => undefined)
  if (known && known.expiresAt > Date.now()) return known.accessToken
  if (held && tokens.get(name) === held) tokens.delete(name)
  const asked = tokens.get(name) ?? fetchToken(account)
  if (tokens.size > MOST) tokens.clear()
  tokens.set(name, asked)
  return (await asked.catch((error: unknown) => {
    tokens.delete(name)
    throw error
  })).accessToken
}

async function fetchToken(account: PaypalAccount): Promise<Token> {
  const answer = await callOutside({
    door: 'paypal', url: `${baseOf(account)}/v1/oauth2/token`, method: 'POST', body: 'grant_type=client_credentials', timeoutMs: timeoutOf(account),
    headers: { authorization: `Basic ${Buffer.from(`${account.clientId}:${account.secret}`).toString('base64')}`, 'content-type': 'application/x-www-form-urlencoded' },
  }).catch((error: unknown) => {
    // Nothing has happened yet, whatever became of this answer.
    throw error instanceof OutsideError ? new OutsideError(error.message, { door: 'paypal', retryable: true, unknown: false, code: error.code ?? 'no-answer' }) : error
  })
  const { access_token: accessToken, expires_in: seconds } = (answer.json ?? {}) as { access_token?: string; expires_in?: number }
  if (answer.status !== 200 || !accessToken) throw tokenProblem(answer)
  return { accessToken, expiresAt: Date.now() + (seconds ?? 300) * 1000 - EARLY }
}
function tokenProblem(answer: OutsideAnswer): OutsideError {
  const error = new PaypalError(problemOf(answer.status, answer.text))
  return error.unknown ? new OutsideError(error.message, { door: 'paypal', retryable: true, unknown: false, code: error.code ?? 'server-error' }) : error
}

/** The next tokenOf() asks PayPal. */
export function forgetToken(account: PaypalAccount): void {
  tokens.delete(nameOf(account))
}
