/** The control API: `POST /__control` with any of these fields; `GET /__control` tells what happened. Loopback only, test and demo only. */
import type { EventFault, Faults, RequestFault } from '../faults.js'
import type { Emit } from './call.js'
import { endRefund } from './captures.js'
import { decideDispute, openDispute } from './disputes.js'
import { complete, deny, type Order } from './orders.js'
import type { Account, Kept, Store } from './state.js'
import type { Deliverer } from './webhooks.js'

/** What the switches work on. */
export interface Controlled {
  readonly faults: Faults
  readonly store: Store
  readonly deliverer: Deliverer
  emitFor(account: Account): Emit
}
export interface ControlCommand {
  /** Forget all faults that are left. */
  clear?: boolean
  faults?: RequestFault[]
  events?: EventFault[]
  /** The next charge of this payment token or order (or of any: `*`) is refused with the issue. */
  decline?: { account: string; method: string; issue: string }
  /** A pending payment (order id) comes to its end. */
  settle?: { account: string; payment: string; outcome: 'succeeded' | 'failed' }
  /** A refund comes to its end, or fails after it was done. */
  refund?: { account: string; refund: string; outcome: 'succeeded' | 'failed' }
  /** The payer of this payment (order id) complains. */
  dispute?: { account: string; payment: string; reason?: string; value?: string }
  decide?: { account: string; dispute: string; outcome: 'won' | 'lost' }
  /** Every access token is refused from now on. */
  expireTokens?: boolean
  /** Deliver an event once more. */
  resend?: { account: string; event: string }
  /** Deliver all events of the account again. */
  redeliver?: { account: string; copies?: number; shuffle?: boolean }
}

export function applyControl(simulator: Controlled, command: ControlCommand): void {
  const { store, faults, deliverer } = simulator
  if (command.clear) faults.clear()
  for (const fault of command.faults ?? []) faults.request(fault)
  for (const fault of command.events ?? []) faults.event(fault)
  if (command.expireTokens) store.tokens.clear()
  if (command.decline) {
    const ordered = store.account(command.decline.account).orderedDeclines
    ordered.set(command.decline.method, [...(ordered.get(command.decline.method) ?? []), command.decline.issue])
  }
  if (command.resend) deliverer.resend(store.account(command.resend.account), store.account(command.resend.account).get('event', command.resend.event))
  if (command.redeliver) void deliverer.redeliverAll(store.account(command.redeliver.account), command.redeliver)
  decide(simulator, command)
}

function decide(simulator: Controlled, { settle, refund, dispute, decide: verdict }: ControlCommand): void {
  const at = (name: string): [Account, Emit] => [simulator.store.account(name), simulator.emitFor(simulator.store.account(name))]
  if (settle) {
    const [account, emit] = at(settle.account)
    ;(settle.outcome === 'succeeded' ? complete : deny)(captureOf(account, settle.payment), emit)
  }
  if (refund) {
    const [account, emit] = at(refund.account)
    endRefund(account, account.get('refund', refund.refund), refund.outcome === 'succeeded' ? 'COMPLETED' : 'FAILED', emit)
  }
  if (dispute) {
    const [account, emit] = at(dispute.account)
    openDispute(account, captureOf(account, dispute.payment), dispute, emit)
  }
  if (verdict) {
    const [account, emit] = at(verdict.account)
    decideDispute(account.get('dispute', verdict.dispute), verdict.outcome, emit)
  }
}

export function captureOf(account: Account, orderId: string): Kept {
  const order = account.get('order', orderId) as Order
  return account.get('capture', String(order.purchase_units[0]?.payments?.captures[0]?.id))
}

export function snapshot(simulator: Controlled): unknown {
  return {
    accounts: Object.fromEntries([...simulator.store.accounts.values()].map((account) => [account.name, {
      requests: account.requests.slice(-50),
      orders: (account.all('order') as Order[]).slice(-50).map(({ id, status, purchase_units: units }) => ({ id, status, amount: units[0]?.amount, marks: units[0]?.custom_id })),
      refunds: account.all('refund').slice(-50).map(({ id, status, amount }) => ({ id, status, amount })),
      disputes: account.all('dispute').map(({ id, status }) => ({ id, status })),
      webhooks: account.all('webhook').map(({ id, url }) => ({ id, url })),
      events: account.all('event').slice(-50).map(({ id, event_type: type }) => ({ id, type })),
    }])),
    deliveries: simulator.deliverer.deliveries.slice(-50),
  }
}
