/**
 * How we talk to PayPal: the official SDK for orders, payments, vault and transactions, and one plain call for what it lacks (webhooks, disputes).
 *
 * The SDK knows two addresses only and has no option for another. A stand-in is reached through the documented `httpClientOptions.httpsAgent`: an agent that
 * opens its connections at PAYPAL_API_BASE, whatever host the URL names. Everything else (paths, headers, bodies, time limits) stays the SDK's own.
 * The SDK is loaded at the first use: it costs half a second and 30 MB, which shops without PayPal need not pay.
 */
import https from 'node:https'
import net from 'node:net'
import tls from 'node:tls'
import type { ApiError, Client, OrdersController, PaymentsController, TransactionSearchController, VaultController } from '@paypal/paypal-server-sdk'
import { OutsideError } from '../errors.js'
import { assertOutsideAllowed, callOutside, type OutsideAnswer } from '../outside/client.js'
import { baseOf, forgetToken, nameOf, timeoutOf, tokenOf, type PaypalAccount } from './paypal-account.js'
import { PaypalError, problemOf, silence } from './paypal-errors.js'

export type Sdk = typeof import('@paypal/paypal-server-sdk')
export interface PaypalApi {
  readonly sdk: Sdk
  readonly orders: OrdersController
  readonly payments: PaymentsController
  readonly vault: VaultController
  readonly transactions: TransactionSearchController
}

/** For `prefer`: the whole order or refund, not its id alone. */
export const WHOLE = 'return=representation'
/** Clients kept at once. */
const MOST = 2000
const apis = new Map<string, Promise<PaypalApi>>()

/** Connections to `to`, for every request. */
class DetourAgent extends https.Agent {
  constructor(private readonly to: URL) {
    super({ keepAlive: true })
  }
  override createConnection(): net.Socket {
    const host = this.to.hostname
    const port = Number(this.to.port || (this.to.protocol === 'https:' ? 443 : 80))
    return this.to.protocol === 'https:' ? tls.connect({ host, port, servername: host }) : net.connect({ host, port })
  }
}

async function apiOf(account: PaypalAccount): Promise<PaypalApi> {
  const name = `${nameOf(account)} ${timeoutOf(account)}`
  const made = apis.get(name) ?? openApi(account)
  if (apis.size > MOST) apis.clear()
  apis.set(name, made)
  return made
}
async function openApi(account: PaypalAccount): Promise<PaypalApi> {
  const sdk = await import('@paypal/paypal-server-sdk')
  const httpsAgent = account.apiBase ? new DetourAgent(new URL(account.apiBase)) : new https.Agent({ keepAlive: true })
  const client: Client = new sdk.Client({
    environment: account.mode === 'live' ? sdk.Environment.Production : sdk.Environment.Sandbox, timeout: timeoutOf(account),
    clientCredentialsAuthCredentials: {
      oAuthClientId: account.clientId, oAuthClientSecret: account.secret,
      // Expired at once for the SDK: our own cache decides, and one place forgets a token that PayPal does not accept any more.
      oAuthTokenProvider: async () => ({ accessToken: await tokenOf(account), tokenType: 'Bearer', expiry: BigInt(Math.ceil(Date.now() / 1000) + 1) }),
    },
    httpClientOptions: { timeout: timeoutOf(account), httpsAgent },
    unstable_httpClientOptions: { maxRedirects: 0, maxContentLength: 5_000_000, ...(account.apiBase ? { proxy: false } : {}) },
  })
  return {
    sdk, orders: new sdk.OrdersController(client), payments: new sdk.PaymentsController(client), vault: new sdk.VaultController(client), transactions: new sdk.TransactionSearchController(client),
  }
}

/** askPaypal() of one account. */
export type AskPaypal = <T>(call: (api: PaypalApi) => Promise<{ result: T }>) => Promise<T>

/** One request through the SDK. A token that is refused is renewed once: a request that got 401 has done nothing. Throws PaypalError and OutsideError. */
export async function askPaypal<T>(account: PaypalAccount, call: (api: PaypalApi) => Promise<{ result: T }>): Promise<T> {
  assertOutsideAllowed('paypal')
  await tokenOf(account)
  for (let renewed = false; ; renewed = true) {
    try {
      return (await call(await apiOf(account))).result
    } catch (error) {
      const wrong = errorOf(error)
      if (!(wrong instanceof PaypalError) || wrong.problem.status !== 401 || renewed) throw wrong
      forget(account)
    }
  }
}

/** The same for what the SDK lacks. `body` is sent as it is when it is text or bytes; `more`: headers that say what it is, or its key. Answers of 4xx and 5xx are thrown. */
export async function callPaypal(account: PaypalAccount, method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown, more: Record<string, string> = {}): Promise<OutsideAnswer> {
  for (let renewed = false; ; renewed = true) {
    const headers = { authorization: `Bearer ${await tokenOf(account)}`, 'content-type': 'application/json', ...more }
    const answer = await callOutside({ door: 'paypal', url: `${baseOf(account)}${path}`, method, headers, timeoutMs: timeoutOf(account), ...(body === undefined ? {} : { body }) })
    if (answer.status < 400) return answer
    if (answer.status !== 401 || renewed) throw new PaypalError(problemOf(answer.status, answer.text))
    forget(account)
  }
}

/** The client id and the secret belong together and work. Throws OutsideError otherwise. */
export async function checkPaypal(account: PaypalAccount): Promise<void> {
  forget(account)
  await tokenOf(account)
}

/** The SDK's client keeps its last token, so it goes as well. */
function forget(account: PaypalAccount): void {
  forgetToken(account)
  for (const name of apis.keys()) if (name.startsWith(`${nameOf(account)} `)) apis.delete(name)
}

function errorOf(error: unknown): unknown {
  if (error instanceof OutsideError) return error
  const { statusCode, body } = error as Partial<ApiError>
  if (typeof statusCode === 'number' && statusCode >= 400) return new PaypalError(problemOf(statusCode, typeof body === 'string' ? body : ''))
  if ((error as Error).name === 'ArgumentsValidationError') return error // a bug of ours, before anything was sent
  return silence(error)
}
