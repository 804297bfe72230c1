/** For tests of payments: the two-tenant world with a simulated Stripe that acme (and, where asked, globex) is connected to, and customers with cards. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sealed } from '../../shared/database/sealed-column.js'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { runDueJobs } from '../../shared/jobs/run-due-jobs.js'
import { newPublicId } from '../../shared/security/token.js'
import { StripeSimulator } from '../../shared/simulators/stripe/server.js'
import { runAsPlatform } from '../../shared/tenancy/context.js'
import type { Tenant } from '../../shared/tenancy/tenant.js'
import { exchange } from '../../shared/testing/browser.js'
import { setClock } from '../../shared/testing/world.js'
import { clock } from '../../shared/time/clock.js'
import { findSetup, settleSetup, startAddingMethod } from '../billing/payments/methods/add-payment-method.js'
import { GatewayAccount } from '../billing/payments/gateways/gateway-account.js'
import type { PaymentMethod } from '../billing/payments/methods/payment-method.js'
import { Payment } from '../billing/payments/payment.js'
import '../billing/payments/jobs.js'
import { Customer } from '../customers/customer.js'
import { newCustomer, useBillingWorld, type BillingWorld } from '../scenarios/billing-world.js'

const START = '2026-11-10T09:00:00.000Z'
export const WEBHOOK_SECRET = 'whsec_test_0123456789abcdef'

export interface PaymentWorld extends BillingWorld {
  stripe: StripeSimulator
  /** A customer as acme (or the current tenant) knows them; verified. */
  customer(more?: Record<string, unknown>): Promise<Customer>
  /** Saves a card as the customer does: form, bank page where wanted, return. */
  card(customer: Customer, token?: string): Promise<PaymentMethod>
  /** PaymentIntents of acme that took money. */
  taken(tenant?: Tenant): number
  payments(): Promise<Payment[]>
  events(): Promise<string[]>
  /** But for those that bring an invoice. */
  letters(): Promise<string[]>
  /** Moves the clock by so many minutes and does what has become due. */
  later(minutes: number): Promise<void>
  jobs(): Promise<number>
  /** In a unit of work of its own, as another request or worker would be. */
  apart<T>(fn: () => Promise<T>, tenant?: Tenant): Promise<T>
}

/** Our account of the simulator is named after the shop. */
export async function connectShop(stripe: StripeSimulator, slug: string): Promise<GatewayAccount> {
  const publicId = newPublicId()
  return GatewayAccount.query().insertAndFetch({
    publicId, gateway: 'stripe', mode: 'test', publishableKey: `pk_test_${slug}`, apiBase: stripe.url, status: 'active', secretSealed: sealed('gateway_accounts', 'secret', publicId).seal(`sk_test_${slug}`),
    webhookSecretSealed: sealed('gateway_accounts', 'webhook_secret', publicId).seal(WEBHOOK_SECRET),
  })
}

/** Saves a card as the customer does: form, bank page where wanted, return. */
export async function saveCard(stripe: StripeSimulator, customer: Customer, token = 'pm_card_visa'): Promise<PaymentMethod> {
  const setup = await startAddingMethod(customer)
  const next = (await submit(`${stripe.url}/pay/setup/${setup.clientSecret}`, { card: token, return_url: 'http://acme.localhost/back' })).headers.get('location') ?? ''
  if (next.includes('/pay/authenticate/')) await submit(next, { answer: 'complete' })
  const method = await settleSetup(await findSetup(customer, setup.id), customer)
  if (!method) throw new Error(`The card ${token} was not saved.`)
  return method
}

export const submit = (url: string, fields: Record<string, string>): Promise<Response> => fetch(url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })

export function usePaymentWorld(): PaymentWorld {
  const world = useBillingWorld() as PaymentWorld
  before(async () => {
    world.stripe = await StripeSimulator.start({ retryDelaysMs: [20, 50, 100] })
  })
  after(() => world.stripe.stop())
  beforeEach(async () => {
    world.stripe.faults.clear()
    world.stripe.store.accounts.clear()
    setClock(START)
    await world.in(() => connectShop(world.stripe, 'acme'))
  })
  Object.assign(world, verbs(world))
  return world
}

function verbs(world: PaymentWorld): Partial<PaymentWorld> {
  return {
    customer: async (more = {}) => Customer.findOwned({ id: await newCustomer(more) }),
    card: (customer, token = 'pm_card_visa') => saveCard(world.stripe, customer, token),
    taken: (tenant = world.acme) => world.stripe.account(tenant.slug).all('payment_intent').filter((p) => p.status === 'succeeded').length,
    payments: () => Payment.query().orderBy('id').then((rows) => rows),
    events: async () => (await tenantDb()('events').orderBy('id').pluck('type')) as string[],
    letters: async () => (await tenantDb()('mail_messages').whereNot('letter', 'invoice-issued').orderBy('id').pluck('letter')) as string[],
    jobs: () => runAsPlatform(() => runDueJobs()),
    apart: (fn, tenant = world.acme) => runAsPlatform(() => world.in(fn, tenant)),
    later: async (minutes) => {
      setClock(new Date(clock.real().getTime() + minutes * 60_000))
      await runAsPlatform(() => runDueJobs())
    },
  }
}

/** A post box that takes the simulator's events and hands them to a server of ours under the shop's name. */
export async function relayTo(port: () => number, host: string, path: () => string): Promise<{ url: string; server: Server; seen: number[] }> {
  const seen: number[] = []
  const server = createServer((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
      const headers = { host: `${host}:${port()}`, 'content-type': 'application/json', 'stripe-signature': String(req.headers['stripe-signature']) }
      void exchange(port(), path(), { method: 'POST', headers, body: Buffer.concat(chunks) }).then((answer) => {
        seen.push(answer.status)
        res.writeHead(answer.status).end()
      })
    })
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server, seen }
}
