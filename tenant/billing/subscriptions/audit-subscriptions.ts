/** Identities of subscriptions: one recurring line a period, an active service for a paid period, and nothing due that was not billed. */
import type { Check } from '../audit-check.js'

const live = `l.kind = 'recurring' and l.released_at is null and l.subscription_id is not null and i.status <> 'draft'`

export const subscriptionChecks: readonly Check[] = [
  {
    name: 'subscription.billed-twice', subject: 'subscription', message: (r) => `Its time from ${String(r['period_start'])} stands on two recurring lines.`,
    sql: `select l.subscription_id as id, l.period_start from invoice_lines l join invoices i on i.id = l.invoice_id
      join invoice_lines o on o.subscription_id = l.subscription_id and o.kind = 'recurring' and o.released_at is null and o.id <> l.id
      and (o.period_start < l.period_start or (o.period_start = l.period_start and o.id < l.id)) and o.period_end > l.period_start
      join subscriptions s on s.id = l.subscription_id where ${live} and l.period_start >= s.anchored_at and o.period_start >= s.anchored_at`,
  },
  {
    name: 'subscription.gap', subject: 'subscription', message: (r) => `Billed until ${String(r['billed_until'])}, but no line ends there.`,
    sql: `select s.id, s.billed_until from subscriptions s where s.status = 'active' and s.parked_at is null and s.amount_minor > 0 and s.billed_until > coalesce(s.trial_end, '1970-01-01')
      and s.billed_until > s.anchored_at and s.current_period_end is not null
      and not exists (select 1 from invoice_lines l where l.subscription_id = s.id and l.released_at is null and l.kind in ('recurring', 'change-charge') and l.period_end = s.billed_until)
      and not exists (select 1 from subscription_changes c where c.subscription_id = s.id and c.status = 'applied' and c.timing = 'now')`,
  },
  {
    name: 'subscription.credit', subject: 'invoice line', message: (r) => `A change gave back ${String(r['given'])} of a line that cost ${String(r['cost'])}.`,
    sql: `select c.id, -c.amount_minor as given, l.amount_minor - l.discount_minor as cost from invoice_lines c
      join invoice_lines l on l.id = cast(substring_index(c.business_key, ':', -1) as unsigned) and l.subscription_id = c.subscription_id
      where c.kind = 'change-credit' and c.released_at is null and -c.amount_minor > l.amount_minor - l.discount_minor`,
  },
  {
    name: 'service.unpaid', subject: 'service', message: (r) => `It is active, but its subscription is ${String(r['status'])}.`,
    sql: `select v.id, s.status from services v join subscriptions s on s.id = v.subscription_id where v.status = 'active' and s.status in ('pending', 'ended')`,
  },
  {
    name: 'service.not-served', subject: 'service', message: (r) => `It is ${String(r['status'])}, but its subscription is active.`,
    sql: `select v.id, v.status from services v join subscriptions s on s.id = v.subscription_id where s.status in ('active', 'trialing') and v.status = 'terminated'`,
  },
]
