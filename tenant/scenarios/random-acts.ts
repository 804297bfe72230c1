/** What customers and staff of a shop may do, one verb each (all in this one file, so a line too long), for histories that nobody has thought of. Wishes that the rules refuse are part of the history. */
import { FormErrors, NotFound, OutsideError, Refusal } from '../../shared/errors.js'
import { Money } from '../../shared/money/money.js'
import { newPublicId } from '../../shared/security/token.js'
import { applyControl } from '../../shared/simulators/stripe/control.js'
import { setClock } from '../../shared/testing/world.js'
import { clock } from '../../shared/time/clock.js'
import { createCreditNote } from '../billing/invoices/credit-notes/create-credit-note.js'
import { Invoice } from '../billing/invoices/invoice.js'
import { InvoiceLine } from '../billing/invoices/invoice-line.js'
import { issueInvoice } from '../billing/invoices/issue-invoice.js'
import { addManualInvoice } from '../billing/invoices/manual-invoice.js'
import { voidAndReissue } from '../billing/invoices/void-and-reissue.js'
import { voidInvoice } from '../billing/invoices/void-invoice.js'
import { writeOff } from '../billing/invoices/write-off.js'
import { syncDispute } from '../billing/payments/disputes/dispute-sync.js'
import { GatewayAccount } from '../billing/payments/gateways/gateway-account.js'
import { lastAttemptNo } from '../billing/payments/claim-attempt.js'
import { payInvoice } from '../billing/payments/pay-invoice.js'
import { Payment } from '../billing/payments/payment.js'
import { PaymentMethod } from '../billing/payments/methods/payment-method.js'
import { refundPayment } from '../billing/payments/refunds/refund-payment.js'
import { topUpCredit } from '../billing/payments/top-ups/top-up.js'
import { applyChange } from '../billing/subscriptions/apply-change.js'
import { cancelSubscription, undoCancel } from '../billing/subscriptions/cancel-subscription.js'
import { pauseSubscription, resumeSubscription } from '../billing/subscriptions/pause-subscription.js'
import { quoteChange } from '../billing/subscriptions/quote-change.js'
import { reactivateSubscription } from '../billing/subscriptions/reactivate-subscription.js'
import { Subscription } from '../billing/subscriptions/subscription.js'
import { undoChange } from '../billing/subscriptions/undo-change.js'
import { matchTransfer } from '../billing/transfers/match-transfer.js'
import { recordTransfer } from '../billing/transfers/record-transfer.js'
import { undoMatch } from '../billing/transfers/undo-match.js'
import type { Plan } from '../catalog/plan.js'
import { Customer } from '../customers/customer.js'
import { newSubscription } from '../testing/subscription-world.js'
import type { CustomerWorld } from './customer-world.js'

/** One act: what, and three numbers that choose by whom, on what and how much. */
export interface Act {
  readonly what: ActName
  readonly who: number
  readonly which: number
  readonly much: number
}
export interface Stage {
  readonly world: CustomerWorld
  readonly customers: readonly number[]
  readonly plans: readonly Plan[]
}
type Doing = (act: Act, stage: Stage) => Promise<unknown>

const pick = <T>(from: readonly T[], n: number): T => {
  if (!from.length) throw new NotFound('anything to act on')
  return from[n % from.length]!
}
const userOf = ({ who }: Act, { customers }: Stage): number => customers[who % customers.length]!
/** One of the latest; with `status`, of those that stand so. */
const subscriptionOf = async (act: Act, stage: Stage, status?: string): Promise<Subscription> => {
  const mine = Subscription.query().where({ userId: userOf(act, stage) }).orderBy('id', 'desc').limit(4)
  return pick(await (status ? mine.where({ status }) : mine), act.which)
}
const invoiceOf = async (act: Act, stage: Stage, status: string): Promise<Invoice> => pick(await Invoice.query().where({ userId: userOf(act, stage), status }).orderBy('id', 'desc').limit(4), act.which)
const paymentOf = async (act: Act, stage: Stage, atGateway = false): Promise<Payment> => {
  const mine = Payment.query().where({ userId: userOf(act, stage), status: 'succeeded' }).orderBy('id', 'desc').limit(5)
  return pick(await (atGateway ? mine.whereNotNull('gatewayPaymentId') : mine), act.which)
}
const partOf = (money: Money, much: number): Money => Money.of(Math.max(1, Math.floor((money.minor * (1 + (much % 100))) / 100)), money.currency)
const acts = (n: number): string => `${n}:${newPublicId()}`

async function pay(act: Act, stage: Stage): Promise<void> {
  const invoice = await invoiceOf(act, stage, 'open')
  const method = pick(await PaymentMethod.query().where({ userId: invoice.userId, status: 'active' }).orderBy('id'), act.much % 4 ? 0 : 1)
  await payInvoice(await Customer.findOwned({ id: invoice.userId }), invoice, method.publicId, await lastAttemptNo(invoice.id))
}

async function change(act: Act, stage: Stage): Promise<void> {
  const subscription = await subscriptionOf(act, stage, act.much % 9 ? 'active' : undefined)
  const quote = await quoteChange(subscription, { plan: pick(stage.plans, act.much), selection: { quantity: 1 + (act.which % 3), options: [] } })
  await applyChange(subscription, quote.publicId)
}

async function creditNote(act: Act, stage: Stage): Promise<void> {
  const to = pick(['balance', 'source', 'invoice'] as const, act.much)
  const invoice = await invoiceOf(act, stage, to === 'invoice' ? 'open' : 'paid')
  const line = pick(await InvoiceLine.query().where({ invoiceId: invoice.id }).orderBy('id'), act.who + act.much)
  const whole = act.much % 5 === 0
  await createCreditNote({ invoice, lines: whole ? 'rest' : [{ lineId: line.id, amountMinor: line.totalMinor > 0 ? partOf(Money.of(line.totalMinor, invoice.currency), act.much).minor : line.totalMinor }], reason: 'Sorry', to, key: acts(invoice.id) })
}

async function dispute(act: Act, stage: Stage): Promise<void> {
  const payment = await paymentOf(act, stage, true)
  const account = (await GatewayAccount.current('stripe'))!
  const known = stage.world.stripe.account('acme').all('dispute').find((d) => d['payment_intent'] === payment.gatewayPaymentId)
  if (known) applyControl(stage.world.stripe, { decide: { account: 'acme', dispute: known.id, outcome: pick(['won', 'lost'] as const, act.much) } })
  else applyControl(stage.world.stripe, { dispute: { account: 'acme', payment: payment.gatewayPaymentId!, amount: partOf(payment.amount, act.much).minor } })
  await syncDispute(account, known?.id ?? stage.world.stripe.account('acme').all('dispute').at(-1)!.id)
}

async function transfer(act: Act, stage: Stage): Promise<void> {
  const open = await Invoice.query().where({ userId: userOf(act, stage), status: 'open' }).orderBy('id').first()
  const amountMinor = 100 + (act.much % 4000)
  const { transfer: arrived } = await recordTransfer({ key: acts(1), receivedOn: clock.now().toISOString().slice(0, 10), amountMinor, currency: 'USD', payer: 'Casey', reference: 'thanks' })
  const amount = Money.of(amountMinor, 'USD')
  const userId = userOf(act, stage)
  await matchTransfer(arrived, [open && open.balance.minor <= amountMinor ? { userId, invoiceId: open.id, amount: open.balance } : { userId, invoiceId: null, amount }])
}

const hours = [1, 7, 24, 24, 100, 8 * 24, 31 * 24]
export const doings = {
  order: (act, stage) => newSubscription({ plan: pick(stage.plans, act.which), userId: userOf(act, stage), paid: false, ...(act.much % 3 ? {} : { codes: [pick(['SAVE', 'THREE'], act.which)] }) }),
  pay,
  'pay and hear nothing': (act, stage) => {
    stage.world.stripe.faults.request({ kind: 'error-after', method: 'POST', path: '/v1/payment_intents', times: 1 })
    return pay(act, stage)
  },
  'top up': async (act, stage) => topUpCredit(await Customer.findOwned({ id: userOf(act, stage) }), Money.of(500 + (act.much % 5000), 'USD'), newPublicId()),
  change,
  'take the change back': async (act, stage) => undoChange(await subscriptionOf(act, stage)),
  cancel: async (act, stage) => cancelSubscription(await subscriptionOf(act, stage), { timing: act.much % 2 ? 'now' : 'end', by: act.much % 7 ? 'customer' : 'staff', refund: act.much % 3 ? 'none' : 'credit' }),
  keep: async (act, stage) => undoCancel(await subscriptionOf(act, stage, 'active')),
  pause: async (act, stage) => pauseSubscription(await subscriptionOf(act, stage, 'active')),
  resume: async (act, stage) => resumeSubscription(await subscriptionOf(act, stage, 'paused')),
  reactivate: async (act, stage) => reactivateSubscription(await subscriptionOf(act, stage)),
  refund: async (act, stage) => {
    const payment = await paymentOf(act, stage)
    return refundPayment({ payment, amount: partOf(payment.amount, act.much), to: act.much % 3 ? 'source' : 'credit', reason: 'Sorry', key: acts(2) })
  },
  'credit note': creditNote,
  void: async (act, stage) => voidInvoice(await invoiceOf(act, stage, 'open'), { release: act.much % 4 > 0, reason: 'Wrong' }),
  reissue: async (act, stage) => voidAndReissue(await invoiceOf(act, stage, 'open'), {}, { reason: 'Corrected' }),
  'write off': async (act, stage) => writeOff(await invoiceOf(act, stage, 'open'), { reason: 'Gone' }),
  'bill by hand': async (act, stage) => issueInvoice(await addManualInvoice({ userId: userOf(act, stage), currency: 'USD', lines: [{ description: 'Work', quantity: 1 + (act.which % 3), unitMinor: 1 + (act.much % 2500) }, ...(act.much % 2 ? [{ description: 'Given', quantity: 1, unitMinor: -(act.much % 900) - 1 }] : [])], key: newPublicId() })),
  dispute,
  transfer,
  'take a transfer back': async (act, stage) => undoMatch(pick(await Payment.query().where({ userId: userOf(act, stage), status: 'succeeded' }).whereNotNull('bankTransferId').orderBy('id', 'desc').limit(3), act.which), 'Wrong customer'),
  'time passes': async (act) => setClock(new Date(clock.real().getTime() + pick(hours, act.much) * 3_600_000)),
} satisfies Record<string, Doing>
export type ActName = keyof typeof doings

/** What became of the wish: `done`, or why not. Anything but a refusal, a wrong form or a silent gateway is thrown. */
export async function perform(act: Act, stage: Stage): Promise<string> {
  const doing: Doing = doings[act.what]
  try {
    await doing(act, stage)
    return 'done'
  } catch (error) {
    if (error instanceof Refusal) return error.code
    if (error instanceof FormErrors || error instanceof NotFound || error instanceof OutsideError) return error.name
    throw error
  } finally {
    stage.world.stripe.faults.clear()
  }
}
