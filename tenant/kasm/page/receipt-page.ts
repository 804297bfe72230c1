/** The receipt of one run, for its owner: who started it, when it ran, how it was counted, what it cost and on which invoice it stands. */
import { NotFound } from '../../../shared/errors.js'
import { formatCount, formatDuration, formatMoney, formatRate } from '../../../shared/views/format.js'
import { originOf } from '../../../shared/config.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import type { Customer } from '../../customers/customer.js'
import type { Service } from '../../services/service.js'
import { receiptOf, type Receipt } from '../metering/receipt.js'
import { endedBy, startedBy } from './words.js'

type Moment = { title: string; text?: string; at: Date; icon: string; tone: 'good' | 'warn' | 'calm' }
const kinds: Readonly<Record<string, readonly [title: string, icon: string, tone: Moment['tone']]>> = {
  'start-requested': ['Start asked for', 'player-play', 'calm'], started: ['Seen running: the meter starts', 'player-play', 'good'], 'stop-requested': ['Stop asked for', 'player-stop', 'calm'],
  stopped: ['The meter stops', 'player-stop', 'calm'], gap: ['Not seen for a while', 'eye-off', 'warn'], corrected: ['Corrected', 'receipt-refund', 'warn'], paused: ['Paused', 'player-pause', 'calm'], restarted: ['Restarted', 'refresh', 'calm'],
}
/** What the server saw is told as what was seen, never as whose server it is. */
const sources: Readonly<Record<string, string>> = { command: 'By a button on the page', poll: 'Seen by our check of every minute', repair: 'By a correction', schedule: 'By its schedule', budget: 'By your budget', staff: 'By our team' }

export interface ReceiptPage {
  title: string; href: string; self: string; workspace: string
  figures: { cost: string; rate: string; billed: string; increments: string; ran: string; uncharged: string }
  counted: string
  startedAt: Date; stoppedAt: Date | null; startedBy: string | null; endedBy: string | null; rate: Receipt['rate']
  gaps: Receipt['gaps']
  billedOn: Receipt['billedOn']; billed: boolean; unbilled: string | null
  corrections: Moment[]; moments: Moment[]
  /** For the printed form. */
  address: string
}

/** Throws NotFound for a run of somebody else, or of another workspace. */
export async function receiptPage(service: Service, customer: Customer, runId: number, now: Date): Promise<ReceiptPage> {
  const receipt = await receiptOf(runId, customer.id, now)
  if (receipt.serviceId !== service.id) throw new NotFound('run')
  const href = `/services/${service.publicId}`
  const money = (m: Receipt['cost']): string => formatMoney(m.minor, m.currency, customer.locale)
  return {
    title: `Receipt of run ${runId}`, href, self: `${href}/runs/${runId}`, workspace: receipt.workspaceName,
    figures: {
      cost: money(receipt.cost), rate: formatRate(receipt.rate, customer.locale), billed: formatDuration(receipt.billedSeconds), increments: formatCount(receipt.billedSeconds / 900, 'quarter hour'),
      ran: formatDuration(receipt.seconds), uncharged: receipt.unchargedSeconds ? `${formatDuration(receipt.unchargedSeconds)} not charged` : 'all of it seen',
    },
    counted: countedSentence(receipt), startedAt: receipt.startedAt, stoppedAt: receipt.stoppedAt, startedBy: startedBy(receipt.startedBy), endedBy: endedBy(receipt.endReason), rate: receipt.rate,
    gaps: receipt.gaps, billedOn: receipt.billedOn, billed: receipt.billedOn.length > 0, unbilled: unbilledSentence(receipt),
    corrections: receipt.corrections.map((c) => ({ title: c.reason, text: c.notes.map((n) => `Credit note ${n.number}`).join(', '), at: c.at, icon: 'receipt-refund', tone: 'warn' as const })),
    moments: receipt.events.flatMap(momentOf), address: originOf(currentTenant().primaryHost),
  }
}

function countedSentence({ billedSeconds, unchargedSeconds }: Receipt): string {
  const begun = formatCount((billedSeconds + unchargedSeconds) / 900, 'quarter hour')
  return unchargedSeconds ? `${begun} begun from the start, of which ${formatCount(unchargedSeconds / 900, 'quarter hour')} not charged because nobody saw it run` : `${begun} begun from the start; a quarter hour that has begun counts whole`
}

function unbilledSentence({ unbilledSeconds, billedOn }: Receipt): string | null {
  if (!unbilledSeconds) return billedOn.length ? null : 'Nothing of it is charged.'
  return `${formatDuration(unbilledSeconds)} not billed yet: ${billedOn.length ? 'the rest comes' : 'it comes'} on your next usage invoice.`
}

function momentOf(event: Receipt['events'][number]): Moment[] {
  const kind = kinds[event.kind]
  return kind ? [{ title: kind[0], text: sources[event.source] ?? '', at: event.at, icon: kind[1], tone: kind[2] }] : []
}
