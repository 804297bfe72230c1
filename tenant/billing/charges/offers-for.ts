/** Reads which coupons meet which lines: those that running subscriptions bring along, and the codes that somebody typed. */
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { Coupon, CouponRedemption } from '../coupons/coupon.js'
import { covers, periodsOf, tidyCode, type CouponTerms } from '../coupons/coupon-terms.js'
import { appliedBy, earlierOrders, usesBy, type Applied } from '../coupons/coupon-uses.js'
import type { ChargeFacts, ChargeLine, RejectedCode } from './charge.js'
import type { TypedOffer } from './choose-offers.js'
import type { Offer, Use } from './discount-lines.js'

export interface Offers {
  readonly standing: readonly Offer[]
  readonly typed: readonly TypedOffer[]
  readonly rejected: readonly RejectedCode[]
}

export async function offersFor(facts: ChargeFacts): Promise<Offers> {
  const standing = await standingOffers(facts)
  const typed: TypedOffer[] = []
  const rejected: RejectedCode[] = []
  for (const code of new Set((facts.codes ?? []).map((each) => each.trim().toUpperCase()).filter(Boolean))) {
    if (standing.some((offer) => offer.code === code)) continue
    const found = await typedOffer(code, facts)
    if ('reason' in found) rejected.push(found)
    else typed.push(found)
  }
  return { standing, typed, rejected }
}

/** Redemptions of the subscriptions on these lines. A line without a subscription joins in when its order's code is named. */
async function standingOffers(facts: ChargeFacts): Promise<Offer[]> {
  const ids = [...new Set(facts.lines.map((line) => line.subscriptionId).filter((id): id is number => typeof id === 'number'))]
  const links = ids.length && facts.userId !== null ? await linksOf(ids) : []
  const redemptions = links.length ? await CouponRedemption.query().whereIn('id', links.map((link) => link.redemption_id)).whereNull('releasedAt')
    .orderBy('id') : []
  const applied = await appliedBy(redemptions.map((redemption) => redemption.id))
  const named = new Set((facts.codes ?? []).map((code) => code.trim().toUpperCase()))
  return redemptions.map((redemption) => {
    const mine = new Set(links.filter((link) => link.redemption_id === redemption.id).map((link) => link.subscription_id))
    const lines = facts.lines.filter((line) => (line.subscriptionId ? mine.has(line.subscriptionId) : named.has(redemption.terms.code)))
    const own = applied.filter((row) => row.redemption_id === redemption.id)
    return {
      couponId: redemption.couponId, redemptionId: redemption.id, code: redemption.terms.code, label: redemption.terms.name, terms: redemption.terms,
      uses: usesOf(redemption.terms, lines, own), drawn: drawnBy(own),
    }
  }).filter((offer) => offer.uses.size > 0)
}

const linksOf = (ids: readonly number[]): Promise<Array<{ redemption_id: number; subscription_id: number }>> =>
  tenantDb()('coupon_subscriptions')
    .whereIn('subscription_id', [...ids]).select<Array<{ redemption_id: number; subscription_id: number }>>('redemption_id', 'subscription_id')

function drawnBy(applied: readonly Applied[]): Map<number, number> {
  const drawn = new Map<number, number>()
  for (const row of applied.filter((each) => each.counts)) drawn.set(row.period_number, (drawn.get(row.period_number) ?? 0) + row.amount_minor)
  return drawn
}

/** Pure. Periods are numbered by subscription, in the order of their starts, after those that were billed before. */
export function usesOf(terms: CouponTerms, lines: readonly ChargeLine[], applied: readonly Applied[]): Map<string, Use> {
  const uses = new Map<string, Use>()
  for (const line of lines.filter((each) => covers(terms, each))) {
    const before = applied.filter((row) => row.subscription_id === (line.subscriptionId ?? 0) && row.counts)
    const use = line.kind === 'change-charge' ? restUse(line, before) ?? withItsPeriod(line, lines, before) : periodUse(line, lines, before)
    if (use && (use.at === 'rest' || use.number <= periodsOf(terms))) uses.set(line.key, use)
  }
  return uses
}

function periodUse(line: ChargeLine, lines: readonly ChargeLine[], before: readonly Applied[]): Use {
  const earlier = new Set(lines.filter((other) => (other.subscriptionId ?? 0) === (line.subscriptionId ?? 0) && other.kind === line.kind && startOf(other) < startOf(line)).map(startOf))
  return { at: 'period', number: before.length + earlier.size + (line.periodsAhead ?? 0) + 1 }
}
const startOf = (line: ChargeLine): number => line.period?.start.getTime() ?? 0

/** A coupon that discounted a period also discounts what is changed in it; one that did not, does not. */
function restUse(line: ChargeLine, before: readonly Applied[]): Use | null {
  const at = line.period?.start
  const whole = at && before.find((row) => row.period_start <= at && row.period_end !== null && at < row.period_end)
  if (!at || !whole?.period_end) return null
  const given = line.detail?.proration
  const ofSeconds = given?.ofSeconds ?? seconds(whole.period_start, whole.period_end)
  return { at: 'rest', number: whole.period_number, periodMinor: whole.period_minor, seconds: given?.seconds ?? seconds(at, whole.period_end), ofSeconds }
}
/** An unpaid period that is billed anew in two parts, up to a change and from it on: one period, one use. */
function withItsPeriod(line: ChargeLine, lines: readonly ChargeLine[], before: readonly Applied[]): Use | null {
  const first = lines.find((other) => other.kind === 'recurring' && other.subscriptionId === line.subscriptionId && other.period?.end.getTime() === line.period?.start.getTime())
  return first ? periodUse(first, lines, before) : null
}
const seconds = (from: Date, to: Date): number => (to.getTime() - from.getTime()) / 1000

async function typedOffer(code: string, facts: ChargeFacts): Promise<TypedOffer | RejectedCode> {
  const tidy = tidyCode(code)
  const coupon = tidy ? await Coupon.query().findOne({ code: tidy }) : undefined
  if (!coupon) return { code, reason: `The code ${code.slice(0, 40)} is not known. Check how it is written.` }
  const covered = facts.lines.filter((line) => covers(coupon.terms, line))
  const [uses, orders] = facts.userId === null ? [0, 0] : [await usesBy(coupon.id, facts.userId), coupon.firstOrderOnly ? await earlierOrders(facts.userId, null) : 0]
  const refusal = coupon.refusalToRedeem({
    now: facts.now, locale: currentTenant().locale, currency: facts.currency, coveredMinor: covered.reduce((sum, line) => sum + line.amountMinor, 0),
    coversSomething: covered.length > 0,
    usesByCustomer: uses, earlierOrders: orders,
  })
  if (refusal) return { code, reason: refusal.message }
  return { couponId: coupon.id, redemptionId: null, code: coupon.code, label: coupon.name, terms: coupon.terms, stackable: coupon.stackable, uses: usesOf(coupon.terms, facts.lines, []), drawn: new Map() }
}
