/** The control API: `POST /__control` with any of these fields; `GET /__control` tells what happened. Loopback only, test and demo only. */
import type { Emit } from './call.js'
import { decideDispute, openDispute } from './disputes.js'
import type { EventFault, Faults, RequestFault } from '../faults.js'
import { decline, succeed } from './payment-intents.js'
import { endRefund } from './refunds.js'
import type { Account, Store } from './state.js'
import type { Deliverer } from './webhooks.js'
import { ApiFailure } from './wire.js'

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
  /** The next charge of this method (or of any: `*`) is declined with the code. */
  decline?: { account: string; method: string; code: string }
  /** A payment that is `processing` comes to its end. */
  settle?: { account: string; payment: string; outcome: 'succeeded' | 'failed' }
  /** A refund comes to its end, or fails after it was done. */
  refund?: { account: string; refund: string; outcome: 'succeeded' | 'failed' }
  /** The card's holder complains about this payment. */
  dispute?: { account: string; payment: string; reason?: string; amount?: number; inquiry?: boolean }
  /** `escalated`: an inquiry becomes a dispute. */
  decide?: { account: string; dispute: string; outcome: 'won' | 'lost' | 'closed' | 'escalated' }
  /** Deliver an event once more. */
  resend?: { account: string; event: string }
  /** Deliver all events of the account again. */
  redeliver?: { account: string; copies?: number; shuffle?: boolean }
}

export function applyControl(simulator: Controlled, command: ControlCommand): void {
  if (command.clear) simulator.faults.clear()
  for (const fault of command.faults ?? []) simulator.faults.request(fault)
  for (const fault of command.events ?? []) simulator.faults.event(fault)
  if (command.decline) declineNext(simulator, command.decline)
  if (command.settle) settle(simulator, command.settle)
  if (command.resend) {
    const account = simulator.store.account(command.resend.account)
    simulator.deliverer.resend(account, account.get('event', command.resend.event))
  }
  if (command.redeliver) void simulator.deliverer.redeliverAll(simulator.store.account(command.redeliver.account), command.redeliver)
  complain(simulator, command)
}

function complain(simulator: Controlled, { refund, dispute, decide }: ControlCommand): void {
  const at = (name: string): [Account, Emit] => [simulator.store.account(name), simulator.emitFor(simulator.store.account(name))]
  if (refund) {
    const [account, emit] = at(refund.account)
    endRefund(account, account.get('refund', refund.refund), refund.outcome, emit)
  }
  if (dispute) {
    const [account, emit] = at(dispute.account)
    openDispute(account, account.get('payment_intent', dispute.payment), dispute, emit)
  }
  if (decide) {
    const [account, emit] = at(decide.account)
    decideDispute(account, account.get('dispute', decide.dispute), decide.outcome, emit)
  }
}

function declineNext(simulator: Controlled, { account, method, code }: NonNullable<ControlCommand['decline']>): void {
  const ordered = simulator.store.account(account).orderedDeclines
  ordered.set(method, [...(ordered.get(method) ?? []), code])
}

function settle(simulator: Controlled, { account: name, payment, outcome }: NonNullable<ControlCommand['settle']>): void {
  const account = simulator.store.account(name)
  const intent = account.get('payment_intent', payment)
  if (outcome === 'succeeded') return void succeed(account, intent, simulator.emitFor(account))
  try {
    decline(account, intent, { code: 'card_declined', decline_code: 'generic_decline', message: 'The payment failed.' }, simulator.emitFor(account))
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error
  }
}

export function snapshot(simulator: Controlled): unknown {
  return {
    accounts: Object.fromEntries([...simulator.store.accounts.values()].map((account) => [account.name, {
      requests: account.requests.slice(-50),
      customers: account.all('customer').length,
      payments: account.all('payment_intent').slice(-50).map(({ id, status, amount, currency, metadata }) => ({ id, status, amount, currency, metadata })),
      refunds: account.all('refund').slice(-50).map(({ id, status, amount }) => ({ id, status, amount })),
      disputes: account.all('dispute').map(({ id, status, amount }) => ({ id, status, amount })),
      endpoints: account.all('webhook_endpoint').map(({ id, url, status }) => ({ id, url, status })),
      events: account.all('event').slice(-50).map(({ id, type }) => ({ id, type })),
    }])),
    deliveries: simulator.deliverer.deliveries.slice(-50),
  }
}
