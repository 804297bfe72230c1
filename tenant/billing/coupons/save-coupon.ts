/** Coupons as staff of the shop make, change, stop and multiply them. Who redeemed one before keeps the terms of that day. */
import { randomInt } from 'node:crypto'
import { errnoOf } from '../../../shared/database/database-busy.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { FormErrors } from '../../../shared/errors.js'
import { record } from '../../../shared/events/record.js'
import { newPublicId } from '../../../shared/security/token.js'
import { clock } from '../../../shared/time/clock.js'
import { Coupon } from './coupon.js'
import { tidyCode } from './coupon-terms.js'

export type CouponFacts = Pick<Coupon, 'name' | 'kind' | 'percentPpm' | 'amounts' | 'minimums' | 'duration' | 'periods' | 'startsAt' | 'endsAt' | 'limitTotal' | 'limitPerCustomer' | 'firstOrderOnly'
  | 'includesSetup' | 'stackable' | 'productIds' | 'planIds'>

const DUPLICATE = 1062
/** Without letters and digits that people mix up when they read them aloud. */
const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'

/** Throws FormErrors by field when the facts do not make a coupon. Pure. */
export function checkFacts(facts: CouponFacts): void {
  const faults: Record<string, string> = {}
  if (facts.kind === 'percent' && !facts.percentPpm) faults['percent'] = 'Enter a percentage above 0.'
  if (facts.kind === 'fixed' && !Object.values(facts.amounts).some((minor) => minor > 0)) faults['kind'] = 'Enter an amount in at least one currency.'
  if (facts.duration === 'periods' && !facts.periods) faults['periods'] = 'Enter how many periods.'
  if (facts.startsAt && facts.endsAt && facts.endsAt <= facts.startsAt) faults['endsAt'] = 'It must end after it begins.'
  if (Object.keys(faults).length) throw new FormErrors(faults)
}

/** `before`: the coupon that is changed; null for a new one. Throws FormErrors, also for a code that is taken. */
export async function saveCoupon(typedCode: string, facts: CouponFacts, before: Coupon | null): Promise<Coupon> {
  checkFacts(facts)
  const code = tidyCode(typedCode)
  if (!code) throw new FormErrors({ code: 'A code has 2 to 40 letters, digits, hyphens or underscores.' })
  try {
    return await tenantTransaction(async () => {
      if (before) await before.$query().patch({ code, ...facts })
      const coupon = before ?? await Coupon.query().insertAndFetch({ publicId: newPublicId(), code, status: 'active', ...facts })
      await record('coupon.saved', coupon, { code, isNew: before === null })
      return coupon
    })
  } catch (error) {
    if (errnoOf(error) === DUPLICATE) throw new FormErrors({ code: 'There is a coupon with this code already.' })
    throw error
  }
}

export const mostCodes = 1000

/** Many codes of the same terms: `SPRING-7KQ2M9XD`. They share a batch, by which they are listed, downloaded and stopped. Answers the batch. */
export async function generateCodes(wish: { readonly prefix: string; readonly count: number; readonly batch: string }, facts: CouponFacts): Promise<string> {
  checkFacts(facts)
  const prefix = wish.prefix.trim().toUpperCase()
  if (prefix && !/^[A-Z0-9]{1,20}$/.test(prefix)) throw new FormErrors({ prefix: 'The beginning has at most 20 letters and digits.' })
  if (!Number.isInteger(wish.count) || wish.count < 1 || wish.count > mostCodes) throw new FormErrors({ count: `Between 1 and ${mostCodes} codes can be made at once.` })
  const codes = new Set<string>()
  while (codes.size < wish.count) codes
    .add(`${prefix ? `${prefix}-` : ''}${Array.from({ length: 10 }, () => alphabet[randomInt(alphabet.length)]!).join('')}`)
  await tenantTransaction(async (trx) => {
    if (await Coupon.query().findOne({ batch: wish.batch })) throw new FormErrors({ batch: 'There is a batch of this name already.' })
    const now = clock.now()
    const { amounts, minimums, productIds, planIds } = facts
    const row = {
      name: facts.name, kind: facts.kind, percent_ppm: facts.percentPpm, amounts: JSON.stringify(amounts), minimums: JSON.stringify(minimums),
      duration: facts.duration, periods: facts.periods, starts_at: facts.startsAt,
      ends_at: facts.endsAt, limit_total: facts.limitTotal, limit_per_customer: facts.limitPerCustomer, first_order_only: facts.firstOrderOnly,
      includes_setup: facts.includesSetup, stackable: facts.stackable,
      product_ids: JSON.stringify(productIds), plan_ids: JSON.stringify(planIds), status: 'active', batch: wish.batch, created_at: now,
      updated_at: now,
    }
    await trx.batchInsert('coupons', [...codes].map((code) => ({ public_id: newPublicId(), code, ...row })), 200)
    await record('coupon.batch-made', null, { batch: wish.batch, count: wish.count })
  })
  return wish.batch
}

/** No new uses, or new ones again. Coupons that are in that state already are passed over; answers how many were changed. */
export async function setCouponStatus(coupons: readonly Coupon[], status: Coupon['status']): Promise<number> {
  return tenantTransaction(async () => {
    const changed = [...coupons].filter((coupon) => coupon.status !== status).sort((a, b) => a.id - b.id)
    for (const coupon of changed) {
      await coupon.become(status)
      await record(status === 'stopped' ? 'coupon.stopped' : 'coupon.resumed', coupon, { code: coupon.code })
    }
    return changed.length
  })
}
