/** Many gateway events worked on again. */
import { refuse, Refusal } from '../../../shared/errors.js'
import { replayWebhook } from '../../../tenant/billing/payments/webhooks/process-webhook.js'
import { WebhookEvent } from '../../../tenant/billing/payments/webhooks/webhook-event.js'
import type { BulkList } from '../bulk/bulk-list.js'
import { bulkRoutes as routesOf } from '../bulk/bulk-routes.js'
import { eventRows } from './event-pages.js'
import { idOf } from './forms.js'

/** How it stood: a form that is confirmed twice does not replay what was worked on since. */
const stamp = (event: WebhookEvent): string => `${event.status}${event.attempts}x${event.processedAt?.getTime() ?? 0}`

const events: BulkList<WebhookEvent> = {
  path: '/gateways/events', title: 'Gateway events', noun: 'event', nouns: 'events', nameHead: 'Type',
  heads: [{ label: 'Received', kind: 'date' }, { label: 'Gateway' }, { label: 'Event id' }, { label: 'State' }],
  chosen: (ids) => WebhookEvent.query().whereIn('id', ids.map(idOf)).orderBy('id').then((found) => found), idOf: (event) => String(event.id),
  rows: async (items, base) => (await eventRows(items)).map((row) => ({ href: `${base}/gateways/events/${row.id}`, name: row.type, cells: [row.receivedAt, row.gateway, row.eventId, row.state.label] })),
  acts: {
    replay: {
      title: 'Work on these events again?', text: 'An event is only a hint: we ask the gateway what is true before anything is booked, and nothing is booked twice.', label: 'Replay', does: 'Is worked on again', done: 'Replayed',
      refusal: (event) => event.refusalToReplay()?.message ?? null, seen: stamp,
      run: async (event, _input, _key, seen) => {
        refuse(event.refusalToReplay())
        if (stamp(event) !== seen) throw new Refusal('webhook.moved', 'It was worked on since it was shown.')
        await replayWebhook(event)
      },
    },
  },
}
export const eventBulkRoutes = routesOf(events)
