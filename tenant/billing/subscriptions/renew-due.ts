/**
 * The hourly run. It finds the customers for whom something is due and queues one job each; the job does what is due, oldest first, each act in one transaction
 * under the customer's row. What is due is read from the rows every time, so it may run a thousand times, four at a time, or once after a year: the same invoices.
 */
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { clock } from '../../../shared/time/clock.js'
import { leadOf } from './billing-rules.js'
import { renewOnce } from './renew-once.js'

/** Customers with an act that may be due at `now`; a few too many are found, never too few. */
export async function customersToRenew(now: Date): Promise<number[]> {
  const { days } = await leadOf()
  // Invoices are made at midnight of the shop's zone, periods begin at that of the customer's: up to a day apart.
  const horizon = new Date(now.getTime() + (days + 2) * 86_400_000)
  const rows = await tenantDb()('subscriptions').whereIn('status', ['active', 'trialing']).whereNull('parked_at').where((due) => void due
    .where((q) => void q.where('billed_until', '<=', horizon).where((b) => void b.whereNull('cancel_at').orWhereRaw('billed_until < cancel_at')))
    .orWhere('current_period_end', '<=', now).orWhere('cancel_at', '<=', now).orWhere('pause_at', '<=', now)
    .orWhere((q) => void q.where({ status: 'trialing' }).where('trial_end', '<=', now))
    .orWhereIn('id', tenantDb()('subscription_changes').where({ status: 'scheduled' }).where('effective_at', '<=', now).select('subscription_id')))
    .distinct('user_id').orderBy('user_id') as Array<{ user_id: number }>
  return rows.map((row) => row.user_id)
}

/** Most acts of one customer in one job: a loop that never ends must end. */
const mostActs = 5000

/** Everything due for one customer at `now`. Returns how many acts were done. */
export async function renewCustomer(userId: number, now = clock.now()): Promise<number> {
  for (let acts = 0; acts < mostActs; acts++) if (!(await renewOnce(userId, now))) return acts
  throw new Error(`Renewing customer ${userId} does not come to an end.`)
}
