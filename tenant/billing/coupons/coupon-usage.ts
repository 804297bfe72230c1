/** What a coupon has brought: uses, customers, what it took off and what these invoices came to. Voided invoices do not count. */
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { Money } from '../../../shared/money/money.js'

export interface CouponUsage {
  readonly uses: number
  readonly givenBack: number
  readonly customers: number
  /** By currency. `sales`: net totals of the invoices it was on. */
  readonly sums: ReadonlyArray<{ readonly discount: Money; readonly sales: Money; readonly invoices: number }>
}
const total = (value: unknown, currency: string): Money => Money.of(BigInt(String(value ?? 0)), currency)

export async function couponUsage(couponId: number): Promise<CouponUsage> {
  const uses = await tenantDb()('coupon_redemptions')
    .where({ coupon_id: couponId }).first<{ n: number; back: string | number | null; customers: number }>(
    tenantDb().raw('count(*) as n'), tenantDb().raw('sum(released_at is not null) as back'),
    tenantDb().raw('count(distinct if(released_at is null, user_id, null)) as customers'))
  const given = await tenantDb()('coupon_applications as a').join('invoices as i', 'i.id', 'a.invoice_id').where({ 'a.coupon_id': couponId })
    .whereNull('a.released_at').whereNot('i.status', 'void')
    .groupBy('i.currency').orderBy('i.currency').select<Array<{ currency: string; discount: string }>>('i.currency')
      .sum({ discount: 'a.amount_minor' }) as unknown as Array<{ currency: string; discount: string }>
  const invoices = tenantDb()('coupon_applications').where({ coupon_id: couponId }).whereNull('released_at').select('invoice_id')
  const sold = await tenantDb()('invoices').whereIn('id', invoices).whereNot({ status: 'void' }).groupBy('currency').select('currency')
    .count({ n: '*' })
    .sum({ sales: tenantDb().raw('total_minor - tax_minor') }) as unknown as Array<{ currency: string; n: number; sales: string }>
  return {
    uses: Number(uses.n) - Number(uses.back ?? 0), givenBack: Number(uses.back ?? 0), customers: Number(uses.customers),
    sums: given.map((row) => {
      const sales = sold.find((each) => each.currency === row.currency)
      return { discount: total(row.discount, row.currency), sales: total(sales?.sales, row.currency), invoices: Number(sales?.n ?? 0) }
    }),
  }
}

export interface UseRow {
  readonly customer: string
  readonly email: string
  readonly userPublicId: string
  readonly redeemedAt: Date
  readonly releasedAt: Date | null
  readonly periods: number
  readonly amounts: readonly Money[]
}
interface Joined { id: number; name: string; email: string; public_id: string; redeemed_at: Date; released_at: Date | null }

/** The newest uses, at most `limit`. */
export async function newestUses(couponId: number, limit = 50): Promise<UseRow[]> {
  const rows = await tenantDb()('coupon_redemptions as r').join('users as u', 'u.id', 'r.user_id').where({ 'r.coupon_id': couponId })
    .orderBy('r.id', 'desc').limit(limit)
    .select<Joined[]>('r.id', 'u.name', 'u.email', 'u.public_id', 'r.redeemed_at', 'r.released_at')
  const given = rows.length ? await tenantDb()('coupon_applications as a').join('invoices as i', 'i.id', 'a.invoice_id')
    .whereIn('a.redemption_id', rows.map((row) => row.id)).whereNull('a.released_at').whereNot('i.status', 'void')
    .groupBy('a.redemption_id', 'a.currency').select('a.redemption_id', 'a.currency').sum({ amount: 'a.amount_minor', periods: 'a.counts' }) as unknown as Array<{ redemption_id: number; currency: string; amount: string; periods: string }> : []
  return rows.map((row) => {
    const own = given.filter((each) => each.redemption_id === row.id)
    return {
      customer: row.name, email: row.email, userPublicId: row.public_id, redeemedAt: row.redeemed_at, releasedAt: row.released_at,
      periods: own.reduce((sum, each) => sum + Number(each.periods), 0), amounts: own.map((each) => total(each.amount, each.currency)),
    }
  })
}
