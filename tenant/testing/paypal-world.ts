/** For tests of payments by PayPal: a simulated PayPal beside the payment world, with acme connected to it. */
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { payers } from '../../shared/simulators/paypal/payers.js'
import { PaypalSimulator } from '../../shared/simulators/paypal/server.js'
import type { Kept } from '../../shared/simulators/paypal/state.js'
import { exchange } from '../../shared/testing/browser.js'
import { findSetup, settleSetup, startAddingMethod } from '../billing/payments/methods/add-payment-method.js'
import { connectPaypal } from '../billing/payments/gateways/connect-account.js'
import type { GatewayAccount } from '../billing/payments/gateways/gateway-account.js'
import type { PaymentMethod } from '../billing/payments/methods/payment-method.js'
import type { Customer } from '../customers/customer.js'
import { submit, type PaymentWorld } from './payment-world.js'

export interface PaypalWorld {
  simulator: PaypalSimulator
  account: GatewayAccount
  /** Saves a PayPal account as the customer does. `payer`: see the simulator's payers. */
  save(customer: Customer, payer?: string): Promise<PaymentMethod>
  /** The person says yes on PayPal's page; answers where he is sent. */
  approve(url: string, payer?: string): Promise<string>
  /** Captures that took money. */
  taken(): Kept[]
}

export const paypalEmail = (payer: string): string => payers.find((p) => p.token === payer)!.email

/** Call it in the describe, after usePaymentWorld(). */
export function usePaypal(world: PaymentWorld): PaypalWorld {
  const paypal = {
    save: async (customer, payer = 'works') => {
      const setup = await startAddingMethod(customer, 'paypal')
      await paypal.approve(setup.actionUrl ?? '', payer)
      const method = await settleSetup(await findSetup(customer, setup.id, 'paypal'), customer)
      if (!method) throw new Error(`The PayPal account ${payer} was not saved.`)
      return method
    },
    approve: async (url, payer = 'works') => (await submit(url, { payer, answer: 'approve' })).headers.get('location') ?? '',
    taken: () => paypal.simulator.account('acme').all('capture').filter((c) => c._fee !== undefined),
  } as PaypalWorld
  before(async () => {
    paypal.simulator = await PaypalSimulator.start({ retryDelaysMs: [20, 50, 100] })
  })
  after(() => paypal.simulator.stop())
  beforeEach(async () => {
    paypal.simulator.faults.clear()
    paypal.simulator.store.accounts.clear()
    paypal.account = await world.in(() => connectPaypal({ clientId: 'client_acme', secret: 'secret_acme', mode: 'test', apiBase: paypal.simulator.url }))
  })
  return paypal
}

/** A post box that takes PayPal's events and hands them, with all their headers, to a server of ours under the shop's name. */
export async function relayPaypal(port: () => number, host: string, path: () => string): Promise<{ url: string; server: Server; seen: number[] }> {
  const seen: number[] = []
  const server = createServer((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
      const signature = Object.fromEntries(Object.entries(req.headers).filter(([name]) => name.startsWith('paypal-')).map(([name, value]) => [name, String(value)]))
      void exchange(port(), path(), { method: 'POST', headers: { host: `${host}:${port()}`, 'content-type': 'application/json', ...signature }, body: Buffer.concat(chunks) }).then((answer) => {
        seen.push(answer.status)
        res.writeHead(answer.status).end()
      })
    })
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server, seen }
}
