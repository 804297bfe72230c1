/** What the desk sees of subscriptions. */
import { applyPaging, type Paging } from '../../../shared/database/paging.js'
import { formatDate } from '../../../shared/views/format.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { clock } from '../../../shared/time/clock.js'
import { Cancellation, cancelReasons, type CancelReason } from '../../../tenant/billing/subscriptions/cancellation.js'
import { endIfCancelled, restWorth } from '../../../tenant/billing/subscriptions/cancel-subscription.js'
import { shownStatus, subscriptionDetail, type ShownStatus } from '../../../tenant/billing/subscriptions/present-subscription.js'
import { refusalToGrant } from '../../../tenant/billing/subscriptions/grant-coupon.js'
import { couponsOf } from '../../../tenant/billing/coupons/coupon-uses.js'
import { Subscription } from '../../../tenant/billing/subscriptions/subscription.js'
import { wantsPeriod } from '../../../tenant/billing/subscriptions/billing-plan.js'
import { cycleUnits } from '../../../tenant/catalog/cycle.js'
import { Plan } from '../../../tenant/catalog/plan.js'
import { Service } from '../../../tenant/services/service.js'
import { Money } from '../../../shared/money/money.js'
import { Customer } from '../../../tenant/customers/customer.js'
import type { shows } from './forms.js'

export const sorts = { sortable: { started: 'subscriptions.created_at', next: 'subscriptions.billed_until', price: 'subscriptions.amount_minor' }, default: '-started' } as const
export interface Wish { show: (typeof shows)[number]; q?: string | undefined }
const words: Record<Wish['show'], string> = { all: 'All', active: 'Active', trialing: 'In trial', ending: 'Ending', paused: 'Paused', pending: 'Unpaid', ended: 'Ended', parked: 'Parked' }

export function wanted({ show, q }: Wish) {
  const found = Subscription.query()
  if (show === 'parked') void found.whereNotNull('parkedAt')
  else if (show === 'ending') void found.whereIn('subscriptions.status', ['active', 'trialing']).whereNotNull('cancelAt')
  else if (show !== 'all') void found.where({ 'subscriptions.status': show })
  if (q) void found.whereIn('userId', Customer.query().where('email', 'like', `%${q.replace(/[%_\\]/g, '\\$&')}%`).select('id'))
  return found
}

export interface DeskRow {
  publicId: string
  name: string
  service: string | null
  customer: string
  customerId: string
  status: ShownStatus
  price: Money
  unit: string
  /** First day that is not billed yet; null when nothing renews. */
  renewsAt: Date | null
  parkedReason: string | null
}

/** Many at once: four queries, however many rows. */
export async function deskRows(subscriptions: readonly Subscription[]): Promise<DeskRow[]> {
  const { locale } = currentTenant()
  const people = new Map((await Customer.query().whereIn('id', subscriptions.map((s) => s.userId))).map((c) => [c.id, c]))
  const plans = new Map((await Plan.query().whereIn('id', subscriptions.map((s) => s.planId))).map((p) => [p.id, p.name]))
  const services = new Map((await Service.query().whereIn('id', subscriptions.flatMap((s) => s.serviceId ?? []))).map((v) => [v.id, v.name]))
  return subscriptions.map((s) => ({
    publicId: s.publicId, name: plans.get(s.planId) ?? '', service: services.get(s.serviceId ?? 0) ?? null, customer: people.get(s.userId)?.email ?? '', customerId: people.get(s.userId)?.publicId ?? '', status: shownStatus(s, locale),
    price: s.amount, unit: cycleUnits[s.billingCycle], renewsAt: s.isLive && s.billedUntil && wantsPeriod(s, s.billedUntil) ? s.billedUntil : null, parkedReason: s.parkedReason,
  }))
}

export async function listPage(wish: Wish, paging: Paging, base: string): Promise<object> {
  const paged = await applyPaging(wanted(wish), paging)
  const home = `${base}/subscriptions`
  const parts = { show: wish.show, ...(wish.q ? { q: wish.q } : {}) }
  const here = (part: Record<string, string>): string => `${home}?${new URLSearchParams({ ...parts, ...part })}`
  const sort = `${paged.descending ? '-' : ''}${paged.sort}`
  const head = (name: string): string => here({ sort: paged.sort === name && !paged.descending ? `-${name}` : name })
  const parked = await Subscription.query().whereNotNull('parkedAt').resultSize()
  return {
    home, rows: await deskRows(paged.rows), show: wish.show, q: wish.q ?? '', isParked: wish.show === 'parked', heads: { started: head('started'), next: head('next'), price: head('price') }, csvHref: `${home}.csv?${new URLSearchParams(parts)}`,
    chips: (Object.keys(words) as Wish['show'][]).map((show) => ({ label: words[show], href: here({ show }), current: show === wish.show, ...(show === 'parked' ? { count: parked } : {}) })),
    summary: paged.total ? `${paged.from}–${paged.to} of ${paged.total}` : '', previousHref: paged.page > 1 ? here({ sort, page: String(paged.page - 1) }) : null, nextHref: paged.page < paged.pages ? here({ sort, page: String(paged.page + 1) }) : null,
  }
}

export async function detailPage(s: Subscription, base: string): Promise<object> {
  const customer = await Customer.findOwned<Customer>({ id: s.userId })
  const cancellations = await Cancellation.query().where({ subscriptionId: s.id }).orderBy('id', 'desc')
  return {
    ...await subscriptionDetail(s, currentTenant().locale, clock.now()), home: `${base}/subscriptions`, href: `${base}/subscriptions/${s.publicId}`, parkedReason: s.parkedReason, endReason: s.endReason, canGrant: refusalToGrant(s) === null, coupons: await couponsOf(s.id),
    customer: { name: customer.name, email: customer.email, href: `${base}/customers/${customer.publicId}` },
    cancellations: cancellations.map((c) => ({ at: c.createdAt, by: c.askedBy, reason: c.reason ? cancelReasons[c.reason] : null, comment: c.comment, effectiveAt: c.effectiveAt, undone: c.undoneAt !== null, refund: c.refund === 'credit' })),
  }
}

export const endOf = (s: Subscription): Promise<Date> => endIfCancelled(s, clock.now())
/** What would come back as credit if it ended now, with tax. */
export async function worthOf(s: Subscription): Promise<Money> {
  const rest = s.isOver ? [] : await restWorth(await s.family(), clock.now())
  return Money.of(rest.reduce((sum, w) => sum + w.amountMinor, 0), s.currency)
}

export interface Ending { publicId: string; name: string; customer: string; end: string; worth: Money }
/** What would happen to it, before anything does. */
export async function endingOf(s: Subscription): Promise<Ending> {
  const [{ publicId, name, customer }] = await deskRows([s]) as [DeskRow]
  return { publicId, name, customer, end: s.isOver ? '' : formatDate(await endOf(s), s.timeZone, currentTenant().locale), worth: await worthOf(s) }
}

/** Why customers leave: counted over those that were not taken back. */
export async function reasonsPage(days: string, base: string): Promise<object> {
  const since = days === 'all' ? new Date(0) : new Date(clock.now().getTime() - Number(days) * 86_400_000)
  const all = await Cancellation.query().where('createdAt', '>=', since).where({ askedBy: 'customer' }).orderBy('id', 'desc').limit(5000)
  const lasting = all.filter((c) => c.undoneAt === null)
  const named = (reason: CancelReason | null): number => lasting.filter((c) => c.reason === reason).length
  const share = (n: number): string => (lasting.length ? `${Math.round((100 * n) / lasting.length)} %` : '')
  const subscriptions = new Map((await Subscription.query().whereIn('id', all.map((c) => c.subscriptionId))).map((s) => [s.id, s.publicId]))
  return {
    home: `${base}/subscriptions`, days, total: lasting.length, undone: all.length - lasting.length,
    chips: [['30', '30 days'], ['90', '90 days'], ['365', 'A year'], ['all', 'All']].map(([value, label]) => ({ label, href: `${base}/subscriptions/reasons?days=${value}`, current: value === days })),
    reasons: [...(Object.keys(cancelReasons) as CancelReason[]).map((reason) => ({ label: cancelReasons[reason], n: named(reason) })), { label: 'Not said', n: named(null) }].sort((a, b) => b.n - a.n).map((r) => ({ ...r, share: share(r.n) })),
    comments: lasting.filter((c) => c.comment).slice(0, 100).map((c) => ({ at: c.createdAt, reason: c.reason ? cancelReasons[c.reason] : 'Not said', comment: c.comment, href: `${base}/subscriptions/${subscriptions.get(c.subscriptionId) ?? ''}` })),
  }
}
