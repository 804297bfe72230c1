/**
 * Collects an open invoice without the customer: default method, after a decline the next saved one, once. Then the customer gets a letter with a link to pay.
 * What was tried is read from the rows, so a worker may die anywhere in between.
 */
import { z } from 'zod'
import { isHardDecline } from '../../../shared/payments/declines.js'
import { defineJob } from '../../../shared/jobs/job.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { clock } from '../../../shared/time/clock.js'
import { Invoice } from '../invoices/invoice.js'
import { chargeInvoice, type ChargeOutcome } from './charge-invoice.js'
import { lastAttemptNo } from './claim-attempt.js'
import { GatewayAccount } from './gateways/gateway-account.js'
import { sendPaymentFailed } from './mailer.js'
import { Payment } from './payment.js'
import { paymentsOfInvoice } from './payment-allocation.js'
import { PaymentMethod } from './methods/payment-method.js'

/** Attempts within this time belong to one round of collecting. */
const ROUND = 12 * 3600_000
/** The default method and one more. */
const MOST_METHODS = 2

const collection = defineJob({
  name: 'payments.collect', scope: 'tenant', payload: z.object({ invoiceId: z.number().int() }), attempts: 5, backoffSeconds: 60,
  handler: async ({ invoiceId }) => {
    const invoice = await Invoice.query().findById(invoiceId)
    if (invoice) await collectInvoice(invoice)
  },
})

/** The nudge, as soon as the open transaction is committed. Reaction to `invoice.issued`. */
export const enqueueCollection = (invoiceId: number, at?: Date): Promise<void> => collection.enqueue({ invoiceId }, { key: `payments.collect:${invoiceId}`, ...(at ? { at } : {}) })

/** Looks again at the facts, should another worker be at it. */
const MOST_LOOKS = 5

/** Null: nothing could be tried. Safe to repeat. */
export async function collectInvoice(invoice: Invoice, now = clock.now()): Promise<ChargeOutcome | null> {
  let outcome: ChargeOutcome | null = null
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    const fresh = await Invoice.findOwned({ id: invoice.id })
    if (fresh.refusalToPay()) return outcome ?? { kind: 'nothing-due' }
    const choice = await chooseMethod(fresh, now)
    if (!choice) break
    outcome = await chargeInvoice(fresh, { ...choice, offSession: true }, now)
    if (outcome.kind !== 'moved' && (outcome.kind !== 'declined' || outcome.payment.failedByUs)) break
  }
  await tellIfDeclined(invoice, now)
  return outcome
}

/** The method of an open attempt; otherwise the first one that was neither tried in this round nor refused for good; null: none. `after`: what the choice rests on. */
export async function chooseMethod(invoice: Invoice, now: Date): Promise<{ method: PaymentMethod; after: number } | null> {
  const after = await lastAttemptNo(invoice.id)
  const tried = await recentAttempts(invoice.id, now)
  const open = tried.find((p) => p.isOpen)
  if (open?.paymentMethodId) return { method: await PaymentMethod.findOwned({ id: open.paymentMethodId }), after }
  const declined = tried.filter((p) => p.offSession && p.status === 'failed' && !p.failedByUs)
  if (declined.length >= MOST_METHODS) return null
  const method = (await usableMethods(invoice.userId, invoice.currency)).find((m) => !declined.some((p) => p.paymentMethodId === m.id))
  return method ? { method, after } : null
}

async function recentAttempts(invoiceId: number, now: Date): Promise<Payment[]> {
  const payments = (await paymentsOfInvoice(invoiceId)).map(({ payment }) => payment)
  return payments.filter((p) => p.isOpen || p.createdAt.getTime() > now.getTime() - ROUND)
}

/** Saved methods that a charge without the customer may be tried on: the default first, none that was refused for good or whose gateway does not take the currency. */
export async function usableMethods(userId: number, currency: string): Promise<PaymentMethod[]> {
  const accounts = new Map((await GatewayAccount.query()).map((account) => [account.id, account]))
  const methods = (await PaymentMethod.activeOf(userId)).filter((m) => accounts.get(m.gatewayAccountId)?.takes(currency))
  const refused = await refusedForGood(methods)
  return methods.filter((m) => !refused.has(m.id))
}

/** Methods whose last charge without the customer got a hard decline: lost, stolen, wants the customer. */
async function refusedForGood(methods: readonly PaymentMethod[]): Promise<Set<number>> {
  const refused = new Set<number>()
  for (const method of methods) {
    const last = await Payment.query().where({ paymentMethodId: method.id }).whereIn('status', ['failed', 'succeeded']).orderBy('id', 'desc').first()
    if (last?.status === 'failed' && isHardDecline(last.failureCode ?? '')) refused.add(method.id)
  }
  return refused
}

/** One letter a round: when nothing is under way and the last attempt was the customer's to repair, or when no saved method is worth a try. */
async function tellIfDeclined(invoice: Invoice, now: Date): Promise<void> {
  const attempts = await recentAttempts(invoice.id, now)
  const last = attempts.at(-1) ?? null
  if ((await Invoice.findOwned({ id: invoice.id })).status !== 'open' || attempts.some((p) => p.isOpen)) return
  const declined = last?.status === 'failed' && last.offSession && !last.failedByUs
  const hopeless = !last && (await PaymentMethod.activeOf(invoice.userId)).length > 0 && (await usableMethods(invoice.userId, invoice.currency)).length === 0
  if (declined || hopeless) await tenantTransaction(() => sendPaymentFailed(invoice, last))
}
