/** For tests of subscriptions: one call makes a customer with a paid subscription of any cycle, anchor and zone, and time passes by the hourly run. Runs inside the tenant. */
import { tenantTransaction } from '../../shared/database/transaction.js'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { newPublicId } from '../../shared/security/token.js'
import { currentTenant } from '../../shared/tenancy/context.js'
import { setClock } from '../../shared/testing/world.js'
import { clock } from '../../shared/time/clock.js'
import type { Cycle } from '../../shared/time/period.js'
import type { Plan } from '../catalog/plan.js'
import { priceSelection, type Selection } from '../catalog/price-selection.js'
import type { Product } from '../catalog/product.js'
import { redeemCoupons } from '../billing/coupons/redeem-coupons.js'
import { addCredit } from '../billing/credit/add-credit.js'
import { draftInvoice } from '../billing/invoices/draft-invoice.js'
import { Invoice } from '../billing/invoices/invoice.js'
import { InvoiceLine } from '../billing/invoices/invoice-line.js'
import { issueInvoice } from '../billing/invoices/issue-invoice.js'
import { afterVoid, markPaid } from '../billing/subscriptions/activate-subscription.js'
import { applyChange } from '../billing/subscriptions/apply-change.js'
import { firstLines } from '../billing/subscriptions/first-lines.js'
import { openSubscription } from '../billing/subscriptions/open-subscription.js'
import { quoteChange } from '../billing/subscriptions/quote-change.js'
import { customersToRenew, renewCustomer } from '../billing/subscriptions/renew-due.js'
import { Subscription } from '../billing/subscriptions/subscription.js'
import type { Change, Timing } from '../billing/subscriptions/subscription-change.js'
import { newCustomer } from '../scenarios/billing-world.js'
import { newProduct } from './catalog-world.js'
import { newOrder } from './pricing-world.js'

export interface Wanted {
  cycle?: Cycle
  /** As people write it: `10.00`. */
  price?: string
  setup?: string
  currency?: string
  timeZone?: string
  /** Default: what the clock says. */
  at?: string
  trialDays?: number
  product?: Partial<Product>
  /** Instead of a new product. */
  plan?: Plan
  selection?: Selection
  userId?: number
  parentId?: number
  /** Coupons of its first invoice. */
  codes?: string[]
  /** Default true: its first invoice is paid. */
  paid?: boolean
}
export interface TestSubscription { subscription: Subscription; userId: number; plan: Plan; invoice: Invoice }

/** Customer, product, subscription and first invoice, as an order makes them. */
export async function newSubscription(wanted: Wanted = {}): Promise<TestSubscription> {
  const now = wanted.at ? new Date(wanted.at) : clock.now()
  const { cycle = 'monthly', currency = 'USD', timeZone = 'UTC', price = '10.00', setup = '0' } = wanted
  const plan = wanted.plan ?? (await newProduct({ trialDays: wanted.trialDays ?? 0, ...wanted.product }, [{ cycle, currency, price, setup }])).plan
  const userId = wanted.userId ?? (await newCustomer({ currency, time_zone: timeZone }))
  const priced = await priceSelection(plan, wanted.selection ?? { quantity: 1, options: [] })
  const { id, invoiceId } = await tenantTransaction(async (trx) => {
    const subscription = await openSubscription(trx, { userId, plan, priced, parentId: wanted.parentId ?? null, trial: (wanted.trialDays ?? 0) > 0, now, timeZone })
    const { invoice } = await draftInvoice(trx, { businessKey: `order:${newPublicId()}`, userId, kind: 'order', currency, lines: await firstLines(subscription, now), codes: wanted.codes ?? [] })
    if (wanted.codes) await redeemCoupons(trx, { userId, codes: wanted.codes, orderId: await newOrder(userId), subscriptionIds: [subscription.id], now })
    const issued = await issueInvoice(invoice, now)
    return { id: subscription.id, invoiceId: issued.id }
  })
  await react(now)
  if (wanted.paid !== false) await payOpen(userId, now)
  return { subscription: await reload(id), userId, plan, invoice: await Invoice.findOwned<Invoice>({ id: invoiceId }) }
}

export const reload = (id: number): Promise<Subscription> => Subscription.findOwned<Subscription>({ id })

/** Pays every open invoice of the customer in full, and lets subscriptions hear of it. */
export async function payOpen(userId: number, now = clock.now()): Promise<void> {
  for (const invoice of await Invoice.query().where({ userId, status: 'open' }).orderBy('id')) {
    if (invoice.balance.isPositive()) await addCredit({ userId, amount: invoice.balance, key: `test:${invoice.id}:${invoice.creditedMinor}`, description: 'Paid' }, now)
  }
  await react(now)
}

const heard = new Map<string, number>()

/** What the reactions do, at once: subscriptions hear of every invoice that was paid or voided since they last did. */
export async function react(now = clock.now()): Promise<void> {
  const shop = currentTenant().db.database
  const news = (await tenantDb()('events').whereIn('type', ['invoice.paid', 'invoice.voided']).where('id', '>', heard.get(shop) ?? 0).orderBy('id').select('id', 'type', 'subject_id')) as Array<{ id: number; type: string; subject_id: number }>
  for (const { id, type, subject_id } of news) {
    await (type === 'invoice.paid' ? markPaid : afterVoid)(subject_id, now)
    heard.set(shop, id)
  }
}

/** What the hourly run does, without the job store. */
export async function renewAll(now = clock.now()): Promise<void> {
  for (const userId of await customersToRenew(now)) await renewCustomer(userId, now)
  await react(now)
}

/** Moves the clock to the instant in steps; at each step everything due is billed and (unless told otherwise) paid. */
export async function pass(until: string, { stepHours = 24, pay = true } = {}): Promise<void> {
  const end = Date.parse(until)
  while (clock.real().getTime() < end) {
    setClock(new Date(Math.min(end, clock.real().getTime() + stepHours * 3_600_000)))
    await renewAll()
    if (!pay) continue
    for (const userId of new Set((await Invoice.query().where({ status: 'open' }).select('userId')).map((i) => i.userId))) await payOpen(userId)
  }
}

/** Preview and confirmation in one. */
export async function change(subscription: Subscription, plan: Plan, selection: Selection = { quantity: 1, options: [] }, timing?: Timing, by: 'customer' | 'staff' = 'customer'): Promise<Change> {
  const quote = await quoteChange(subscription, { plan, selection, by, ...(timing ? { timing } : {}) })
  await applyChange(subscription, quote.publicId, clock.now(), by)
  await react()
  return quote
}

/** `recurring 2026-01-31 – 2026-02-28: 1000 paid`, by time; lines of void invoices only when they were not set free. */
export async function billed(subscriptionId: number): Promise<string[]> {
  const lines = await InvoiceLine.query().where({ subscriptionId }).whereNull('releasedAt').orderBy('periodStart').orderBy('id')
  const status = new Map((await Invoice.query().whereIn('id', lines.map((l) => l.invoiceId))).map((i) => [i.id, i.status]))
  const day = (at: Date | null): string => (at ? at.toISOString().replace(/T00:00:00.000Z$/, '').replace(/:00.000Z$/, 'Z').replace(/\.000Z$/, 'Z') : '')
  return lines.map((l) => `${l.kind} ${l.periodStart ? `${day(l.periodStart)} – ${day(l.periodEnd)}: ` : ''}${l.amountMinor} ${status.get(l.invoiceId)!}`)
}
