/** Existing customers of a plan move to its new price: at their first renewal after the notice that the reseller gave, and told when it is decided. */
import { newPublicId } from '../../../shared/security/token.js'
import { record } from '../../../shared/events/record.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { FormErrors } from '../../../shared/errors.js'
import { clock } from '../../../shared/time/clock.js'
import { Plan } from '../../catalog/plan.js'
import { PlanMigration } from '../../catalog/plan-migration.js'
import { priceSelection } from '../../catalog/price-selection.js'
import { billedCustomer } from '../invoices/parties.js'
import { periodFrom } from './billing-plan.js'
import { described } from './change-preview.js'
import { mailPriceMove } from './mailer.js'
import { Subscription } from './subscription.js'
import { Change, type Terms } from './subscription-change.js'

/** `none`: it pays this price already, or ends before. `waits`: another change of it comes first, and may be taken back. */
type Move = 'told' | 'none' | 'waits'

/** Every migration that was asked for and is not scheduled for everybody yet, and who has fallen out of one. Safe to repeat: a customer is told once. */
export async function schedulePriceMoves(now = clock.now()): Promise<void> {
  for (const migration of await PlanMigration.query().where({ status: 'requested' }).orderBy('id')) {
    const plan = await Plan.findOwned<Plan>({ id: migration.planId })
    const living = await Subscription.query().where({ planId: plan.id }).whereIn('status', ['active', 'trialing', 'paused']).where('createdAt', '<=', migration.createdAt).orderBy('id')
    const moves: Move[] = []
    for (const subscription of living) moves.push(await movePrice(subscription, plan, migration, now))
    const told = moves.filter((move) => move === 'told').length
    await tenantTransaction(() => (moves.includes('waits') ? PlanMigration.query().patch({ customers: told }).where({ id: migration.id }).then(() => undefined) : migration.become('scheduled', { customers: told })))
  }
  await moveAgain(now)
}

/** A move that was announced and then dropped for something else (another change, a cancellation) that was taken back: the newest price is announced anew. */
async function moveAgain(now: Date): Promise<void> {
  const dropped = await Subscription.query().whereIn('status', ['active', 'trialing', 'paused']).whereIn('id', Change.query().where({ kind: 'price', status: 'undone' }).select('subscriptionId')).orderBy('id')
  for (const subscription of dropped) {
    const migration = await PlanMigration.query().where({ planId: subscription.planId }).whereNot({ status: 'cancelled' }).where('createdAt', '>=', subscription.createdAt).orderBy('id', 'desc').first()
    if (migration?.status === 'scheduled') await movePrice(subscription, await Plan.findOwned<Plan>({ id: subscription.planId }), migration, now)
  }
}

async function movePrice(given: Subscription, plan: Plan, migration: PlanMigration, now: Date): Promise<Move> {
  const key = `price:${migration.id}:${given.id}`
  const earlier = await Change.query().where({ subscriptionId: given.id, kind: 'price' }).where((q) => void q.where('business_key', key).orWhere('business_key', 'like', `${key}:%`)).orderBy('id')
  if (earlier.some((change) => change.status !== 'undone')) return 'told'
  const businessKey = earlier.length ? `${key}:${earlier.length + 1}` : key
  return tenantTransaction(async () => {
    await billedCustomer(given.userId, true)
    const subscription = await Subscription.findOwned<Subscription>({ id: given.id })
    const terms = subscription.planId === plan.id && subscription.renews && !subscription.isOver ? await newTerms(subscription, plan, migration) : null
    const waiting = (await Change.scheduledFor([subscription.id])).get(subscription.id)
    if (!terms) return 'none'
    if (waiting && waiting.kind !== 'price') return 'waits'
    const effectiveAt = firstRenewal(subscription, migration.earliestAt, now)
    if (subscription.cancelAt && subscription.cancelAt <= effectiveAt) return 'none'
    if (waiting) await waiting.become('undone')
    const text = await described(subscription, subscription)
    const change = await Change.query().insertAndFetch({
      publicId: newPublicId(), businessKey, subscriptionId: subscription.id, userId: subscription.userId, kind: 'price', status: 'scheduled', timing: 'period-end', quotedAt: now, effectiveAt, terms: { [subscription.id]: terms },
      preview: { before: text, after: text, lines: [], discountMinor: 0, taxMinor: 0, replaces: [], replacedMinor: 0, nextAt: effectiveAt.toISOString(), nextMinor: terms.amountMinor }, totalMinor: 0, currency: subscription.currency,
    })
    await record('subscription.price-announced', subscription, { at: effectiveAt.toISOString(), before: subscription.amountMinor, after: terms.amountMinor }, { userId: subscription.userId })
    await mailPriceMove(subscription, change)
    return 'told'
  })
}

/** The plan's new price, and the options at the prices they have now. Null when nothing changes, or what was chosen cannot be priced any more. */
async function newTerms(subscription: Subscription, plan: Plan, migration: PlanMigration): Promise<Terms | null> {
  const priced = await priceSelection(plan, subscription.selection, { priceMicros: migration.priceMicros }).catch((error: unknown) => {
    if (error instanceof FormErrors) return null
    throw error
  })
  if (!priced || priced.recurring.minor === subscription.amountMinor) return null
  const { planId, productId, billingCycle, quantity, selection } = subscription
  return { planId, planVersion: migration.version, productId, billingCycle, quantity, selection, items: priced.items, amountMinor: priced.recurring.minor }
}

/** The first period not billed yet that begins when the notice is over. */
export function firstRenewal(subscription: Subscription, earliestAt: Date, now: Date): Date {
  let start = subscription.billedUntil ?? now
  while (start < earliestAt) start = periodFrom(subscription, start).end
  return start
}
