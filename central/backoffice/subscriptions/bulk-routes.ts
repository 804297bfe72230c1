/** Many subscriptions cancelled in one go: each on its day, or all now, with or without the rest as credit. */
import { currentTenant } from '../../../shared/tenancy/context.js'
import { clock } from '../../../shared/time/clock.js'
import { formatDate, formatMoney } from '../../../shared/views/format.js'
import { cancelSubscription, type CancelWish } from '../../../tenant/billing/subscriptions/cancel-subscription.js'
import { Subscription } from '../../../tenant/billing/subscriptions/subscription.js'
import type { BulkAct, BulkList } from '../bulk/bulk-list.js'
import { bulkRoutes as routesOf } from '../bulk/bulk-routes.js'
import { noteForm } from './forms.js'
import { deskRows, endOf, worthOf } from './pages.js'

const dayOf = (at: Date, s: Subscription): string => formatDate(at, s.timeZone, currentTenant().locale)

const ends = async (s: Subscription): Promise<string> => (s.endsAtOnce('end') ? 'Ends at once' : `Ends on ${dayOf(await endOf(s), s)}`) + '; nothing comes back'

async function endsWithCredit(s: Subscription): Promise<string> {
  const worth = await worthOf(s)
  return worth.isPositive() ? `Ends now; ${formatMoney(worth.minor, worth.currency, currentTenant().locale)} comes back as credit` : 'Ends now; nothing is left to come back'
}

/** What the three acts have in common. */
function cancelling(timing: CancelWish['timing'], refund: 'none' | 'credit'): Pick<BulkAct<Subscription>, 'tone' | 'fields' | 'shape' | 'refusal' | 'run'> {
  return {
    tone: 'danger', fields: [{ name: 'comment', label: 'Note', optional: true }], shape: noteForm.shape,
    refusal: (s) => s.refusalToEnd(timing)?.message ?? null,
    run: async (s, input) => {
      const now = clock.now()
      const at = await cancelSubscription(s, { timing, refund, comment: input['comment'] ?? null, by: 'staff' }, now)
      return at > now ? `Ends on ${dayOf(at, s)}` : 'Has ended'
    },
  }
}

const subscriptions: BulkList<Subscription> = {
  path: '/subscriptions', title: 'Subscriptions', noun: 'subscription', nouns: 'subscriptions', nameHead: 'Subscription', heads: [{ label: 'Customer' }, { label: 'Price', kind: 'money' }, { label: 'State', kind: 'status' }],
  chosen: (ids) => Subscription.query().whereIn('publicId', [...ids]).orderBy('id').then((found) => found), idOf: (s) => s.publicId,
  rows: async (items, base) => (await deskRows(items)).map((row) => ({ href: `${base}/subscriptions/${row.publicId}`, name: row.name, cells: [row.customer, row.price, row.status.value] })),
  acts: {
    end: { title: 'Cancel these subscriptions, each on its day?', text: 'They go on until what is paid for, and any minimum term, is over. Until then you can keep them.', label: 'Cancel', does: ends, done: 'Cancelled', ...cancelling('end', 'none') },
    now: { title: 'Cancel these subscriptions now?', text: 'They stop at once, with their services and add-ons.', label: 'Cancel', does: 'Ends now; nothing comes back', done: 'Cancelled', ...cancelling('now', 'none') },
    'now-credit': {
      title: 'Cancel these subscriptions now, with the rest as credit?', text: 'They stop at once, with their services and add-ons. What is paid and not used comes back by the second, after discount, with tax; of what is not paid, only what was used stays owed.', label: 'Cancel',
      does: endsWithCredit, done: 'Cancelled', ...cancelling('now', 'credit'),
    },
  },
}

export const bulkRoutes = routesOf(subscriptions)
