/** The inbox of gateway events, as the desk shows it. */
import type { Request } from 'express'
import { applyPaging, parsePaging } from '../../../shared/database/paging.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { query } from '../../../shared/http/form.js'
import { GatewayAccount } from '../../../tenant/billing/payments/gateways/gateway-account.js'
import { WebhookEvent, type EventStatus } from '../../../tenant/billing/payments/webhooks/webhook-event.js'
import { eventsQuery, eventStates } from './forms.js'

const rules = { sortable: { received: 'received_at', type: 'type', attempts: 'attempts' }, default: '-received' } as const
const words: Readonly<Record<EventStatus, { label: string; tone: string }>> = {
  received: { label: 'Being worked on', tone: 'wait' }, processed: { label: 'Done', tone: 'good' }, ignored: { label: 'Not ours', tone: 'calm' }, parked: { label: 'Does not match', tone: 'bad' }, dead: { label: 'Given up', tone: 'bad' },
}
const seen = (event: WebhookEvent, labels: Map<number, string>) => ({
  id: event.id, eventId: event.eventId, type: event.type, gateway: labels.get(event.gatewayAccountId) ?? '—', state: words[event.status], attempts: event.attempts, error: event.error, receivedAt: event.receivedAt, nextTryAt: event.nextTryAt,
  processedAt: event.processedAt,
})
const labelsOf = async (): Promise<Map<number, string>> => new Map((await GatewayAccount.query()).map((a) => [a.id, a.label]))

export async function eventRows(events: readonly WebhookEvent[]) {
  const labels = await labelsOf()
  return events.map((event) => seen(event, labels))
}

export async function eventsView(req: Request, here: string): Promise<object> {
  const wish = query(eventsQuery, req)
  const paging = parsePaging(req.query, rules)
  const list = WebhookEvent.query().where((q) => {
    if (wish.state) void q.where('status', wish.state)
    if (wish.about) void q.where((w) => void w.where('type', 'like', `%${likeText(wish.about!)}%`).orWhere('event_id', wish.about!))
  })
  const paged = await applyPaging(list, paging)
  const counts = new Map(((await tenantDb()('webhook_events').groupBy('status').count({ n: '*' }).select('status')) as Array<{ status: string; n: number }>).map((r) => [r.status, Number(r.n)]))
  const link = (more: Record<string, string>): string => {
    const all: Record<string, string> = { state: wish.state ?? '', about: wish.about ?? '', sort: `${paging.descending ? '-' : ''}${paging.sort}`, ...more }
    return `${here}?${new URLSearchParams(Object.entries(all).filter(([, v]) => v))}`
  }
  return {
    events: await eventRows(paged.rows), about: wish.about ?? '', state: wish.state ?? '', filtered: Boolean(wish.state ?? wish.about),
    chips: [{ href: link({ state: '' }), label: 'All', current: !wish.state }, ...eventStates.map((s) => ({ href: link({ state: s }), label: words[s].label, count: counts.get(s) ?? 0, current: wish.state === s }))],
    sorts: { received: link({ sort: paging.sort === 'received' && paging.descending ? 'received' : '-received' }), type: link({ sort: paging.sort === 'type' && !paging.descending ? '-type' : 'type' }) },
    summary: paged.total ? `${paged.from}–${paged.to} of ${paged.total}` : '', previousHref: paged.page > 1 ? link({ page: String(paged.page - 1) }) : null, nextHref: paged.page < paged.pages ? link({ page: String(paged.page + 1) }) : null,
  }
}
const likeText = (text: string): string => text.replace(/[\\%_]/g, (c) => `\\${c}`)

/** `canReplay`: it is not being worked on. */
export async function eventView(event: WebhookEvent): Promise<object> {
  return { event: seen(event, await labelsOf()), payload: pretty(event.payload), canReplay: event.refusalToReplay() === null }
}

/** Names whose values open something, or are nobody's business. */
const secret = /secret|password|access_token|^key$|signature|cvc|^number$|fingerprint/i

/** JSON with two blanks and secrets masked; text that is no JSON stays away. */
export function pretty(payload: string): string {
  try {
    return JSON.stringify(JSON.parse(payload), (name, value: unknown) => (secret.test(name) && typeof value === 'string' ? '••••••' : value), 2)
  } catch {
    return '(not readable)'
  }
}
