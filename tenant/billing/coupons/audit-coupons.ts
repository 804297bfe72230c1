/** Identities between invoices and the coupons that were used on them. */
import type { Check } from '../audit-check.js'

export const couponChecks: readonly Check[] = [
  {
    name: 'coupon.uses', subject: 'coupon', message: (r) => `It counts ${String(r['redeemed_count'])} uses, ${String(r['n'])} orders have one.`,
    sql: `select c.id, c.redeemed_count, count(r.id) as n from coupons c left join coupon_redemptions r on r.coupon_id = c.id and r.released_at is null
      group by c.id, c.redeemed_count having count(r.id) <> c.redeemed_count`,
  },
  {
    name: 'coupon.periods', subject: 'redemption',
    message: (r) => `It discounted ${String(r['n'])} periods of subscription ${String(r['subscription_id'])}, and is good for ${String(r['most'])}.`,
    sql: `select r.id, a.subscription_id, count(*) as n, if(json_unquote(json_extract(r.terms, '$.duration')) = 'once', 1, json_extract(r.terms, '$.periods') + 0) as most
      from coupon_applications a join coupon_redemptions r on r.id = a.redemption_id join invoices i on i.id = a.invoice_id
      where a.counts = 1 and a.released_at is null and i.status <> 'void' and json_unquote(json_extract(r.terms, '$.duration')) <> 'forever'
      group by r.id, r.terms,
      a.subscription_id having count(*) > if(json_unquote(json_extract(r.terms, '$.duration')) = 'once', 1, json_extract(r.terms, '$.periods') + 0)`,
  },
  {
    name: 'coupon.discounts', subject: 'invoice',
    message: (r) => `Its coupons took off ${String(r['sum'])}, its lines only ${String(r['discount_minor'])}.`,
    sql: `select i.id, i.discount_minor, sum(a.amount_minor) as sum from invoices i join coupon_applications a on a.invoice_id = i.id
      where i.status <> 'void' and a.released_at is null group by i.id, i.discount_minor having sum(a.amount_minor) > i.discount_minor`,
  },
]
