/** Identities of subscriptions: billed time has its line, a change gives back no more than was paid, an active service has a subscription that runs. One line a period is an identity of the books. */
import type { Check } from '../audit-check.js'

export const subscriptionChecks: readonly Check[] = [
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
