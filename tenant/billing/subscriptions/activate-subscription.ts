/** Paid for: it begins. And each later period that is paid carries it on. */
import type { Knex } from 'knex'
import { record } from '../../../shared/events/record.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { Invoice } from '../invoices/invoice.js'
import { InvoiceLine } from '../invoices/invoice-line.js'
import { endSubscription } from './end-subscription.js'
import { Subscription } from './subscription.js'
import { creditUnwanted } from './unwanted-periods.js'

/** pending → trialing or active. Inside the caller's transaction; repeating it does nothing. */
export async function activateSubscription(_trx: Knex.Transaction, given: Subscription, now: Date): Promise<void> {
  const subscription = await Subscription.query().findById(given.id).forUpdate().throwIfNotFound()
  if (subscription.status !== 'pending') return
  const inTrial = subscription.trialEnd !== null && now < subscription.trialEnd
  await subscription.become(inTrial ? 'trialing' : 'active', { startedAt: now, paidUntil: inTrial ? subscription.trialEnd : subscription.paidUntil })
  await record('subscription.activated', subscription, { trial: inTrial, serviceId: subscription.serviceId, parentId: subscription.parentId, planId: subscription.planId }, { userId: subscription.userId })
}

/** Reaction to `invoice.paid`. Safe to repeat. */
export async function markPaid(invoiceId: number, now: Date): Promise<void> {
  const invoice = await Invoice.findOwned<Invoice>({ id: invoiceId })
  if (invoice.status !== 'paid') return
  const lines = (await InvoiceLine.query().where({ invoiceId }).whereNotNull('subscriptionId').orderBy('subscriptionId').orderBy('id')).filter((line) => line.releasedAt === null)
  await tenantTransaction(async (trx) => {
    for (const id of new Set(lines.map((line) => line.subscriptionId!))) await carryOn(trx, id, invoice, lines.filter((line) => line.subscriptionId === id), now)
  })
}

async function carryOn(trx: Knex.Transaction, id: number, invoice: Invoice, paid: readonly InvoiceLine[], now: Date): Promise<void> {
  const subscription = await Subscription.query().findById(id).forUpdate().throwIfNotFound()
  const lines = await creditUnwanted(subscription, invoice, paid, now)
  const ends = lines.flatMap((line) => (line.periodEnd && line.kind !== 'change-credit' ? [line.periodEnd.getTime()] : []))
  const until = ends.length ? new Date(Math.max(...ends)) : null
  const further = until !== null && (subscription.paidUntil === null || until > subscription.paidUntil)
  if (further) await subscription.$query().patch({ paidUntil: until })
  if (subscription.status === 'pending') await activateSubscription(trx, subscription, now)
  else if (further && !subscription.isOver) await record('subscription.renewed', subscription, { periodEnd: until.toISOString(), serviceId: subscription.serviceId }, { userId: subscription.userId })
}

/** Reaction to `invoice.voided`: what was never paid for and stands on no other invoice is over; a period that was set free is billed again. Safe to repeat. */
export async function afterVoid(invoiceId: number, now: Date): Promise<void> {
  const ids = new Set((await InvoiceLine.query().where({ invoiceId }).whereNotNull('subscriptionId').select('subscriptionId')).map((line) => line.subscriptionId!))
  for (const id of ids) await tenantTransaction(async (trx) => {
    const subscription = await Subscription.query().findById(id).forUpdate().throwIfNotFound()
    const other = await InvoiceLine.query().join('invoices', 'invoices.id', 'invoice_lines.invoice_id').where({ subscriptionId: id }).whereNull('releasedAt').whereNot('invoices.status', 'void').select('invoice_lines.id').first()
    if (subscription.status === 'pending' && !other) await endSubscription(trx, subscription, now, 'unpaid')
    else if (subscription.isLive) await billAgain(subscription, invoiceId)
  })
}

/** Only the last billed periods can be taken back so; the anchor says which they are. */
async function billAgain(subscription: Subscription, invoiceId: number): Promise<void> {
  const freed = await InvoiceLine.query().where({ invoiceId, subscriptionId: subscription.id, kind: 'recurring' }).whereNotNull('releasedAt').whereNotNull('periodStart').orderBy('periodStart', 'desc')
  for (const { periodStart, periodEnd } of freed) {
    const again = await InvoiceLine.query().where({ subscriptionId: subscription.id, kind: 'recurring', periodStart }).whereNull('releasedAt').select('id').first()
    if (!again && subscription.billedUntil?.getTime() === periodEnd!.getTime()) await subscription.$query().patch({ billedUntil: periodStart })
  }
}
