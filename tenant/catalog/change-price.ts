/** A reseller changes a price: a new version of the plan, for new orders. Existing customers keep theirs, or are moved with notice when the reseller says so. */
import { FormErrors, Refusal } from '../../shared/errors.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { record } from '../../shared/events/record.js'
import { newPublicId } from '../../shared/security/token.js'
import { clock } from '../../shared/time/clock.js'
import { faultOfPrice } from './price-rules.js'
import { PlanMigration, PlanVersion } from './plan-migration.js'
import { Plan } from './plan.js'

export interface NewPrice { readonly priceMicros: number; readonly setupFeeMinor?: number }
export interface Moving { readonly noticeDays: number }
const DAY = 86_400_000
/** Longest notice: a triennial customer hears of it a year ahead at most. */
const longestNotice = 366

/**
 * Throws FormErrors (`price`, `setup`, `notice`, `who`) for an impossible price, Refusal `plan.moved` when somebody else changed the plan meanwhile.
 * A price below cost is allowed and said: `belowCost`. With `move`, customers of the plan move to the new price at their first renewal after the notice.
 */
export async function changePrice(plan: Plan, to: NewPrice, { move, now = clock.now() }: { move?: Moving; now?: Date } = {}): Promise<{ belowCost: boolean }> {
  assertPossible(plan, to, move)
  const { priceMicros, setupFeeMinor = plan.setupFeeMinor } = to
  await tenantTransaction(async () => {
    if (plan.priceMicros === priceMicros && plan.setupFeeMinor === setupFeeMinor && !move) return
    const before = plan.priceMicros
    await nextVersion(plan, { priceMicros, setupFeeMinor }, now)
    await record('plan.price-changed', plan, { before, after: priceMicros, setupFeeMinor, currency: plan.currency, belowCost: plan.isBelowCost })
    await PlanMigration.query().patch({ status: 'cancelled' }).where({ planId: plan.id, status: 'requested' })
    if (move) await requestMigration(plan, move, now)
  })
  return { belowCost: plan.isBelowCost }
}

/** Writes the version that begins now, and the first one too when it was never written down. Call it in the transaction of the change. */
export async function nextVersion(plan: Plan, price: { priceMicros: number; setupFeeMinor: number }, now: Date): Promise<void> {
  const { id: planId, version } = plan
  await writeVersion({ planId, version, priceMicros: plan.priceMicros, setupFeeMinor: plan.setupFeeMinor, since: plan.createdAt })
  const changed = await Plan.query().patch({ ...price, version: version + 1 }).where({ id: planId, version })
  if (changed === 0) throw new Refusal('plan.moved', 'Somebody has changed this plan in the meantime. Please look at it again.')
  plan.$set({ ...price, version: version + 1 })
  await writeVersion({ planId, version: version + 1, ...price, since: now })
}

export async function writeVersion(row: Pick<PlanVersion, 'planId' | 'version' | 'priceMicros' | 'setupFeeMinor' | 'since'>): Promise<void> {
  await PlanVersion.query().insert(row).onConflict(['plan_id', 'version']).ignore()
}

async function requestMigration(plan: Plan, { noticeDays }: Moving, now: Date): Promise<void> {
  const migration = await PlanMigration.query().insertAndFetch({
    publicId: newPublicId(), planId: plan.id, version: plan.version, priceMicros: plan.priceMicros, earliestAt: new Date(now.getTime() + noticeDays * DAY), status: 'requested', customers: 0,
  })
  await record('plan.migration-requested', migration, { planId: plan.id, priceMicros: plan.priceMicros, noticeDays })
}

function assertPossible(plan: Plan, { priceMicros, setupFeeMinor }: NewPrice, move?: Moving): void {
  const faults: Record<string, string> = {}
  const price = faultOfPrice(priceMicros, plan.billingCycle, plan.currency)
  if (price) faults['price'] = price
  if (setupFeeMinor !== undefined && !(Number.isSafeInteger(setupFeeMinor) && setupFeeMinor >= 0 && setupFeeMinor <= 1e11)) faults['setup'] = 'Enter a set-up fee of 0 or more.'
  if (move && plan.isMetered) faults['who'] = 'Metered services keep the price they were ordered at. The new price is for new ones.'
  if (move && !(Number.isInteger(move.noticeDays) && move.noticeDays >= 1 && move.noticeDays <= longestNotice)) faults['notice'] = `Enter a notice between 1 and ${longestNotice} days.`
  if (Object.keys(faults).length > 0) throw new FormErrors(faults, { price: priceMicros / 1_000_000 })
}
