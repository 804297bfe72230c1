/** What happened to a workspace, in words and symbols; who told the meter. */
import type { KeptUsageEvent, UsageEventSource } from '../../../tenant/kasm/metering/usage-event.js'

const kinds: Readonly<Record<string, { title: string; icon: string; tone?: string }>> = {
  'start-requested': { title: 'Start asked for', icon: 'player-play' }, 'stop-requested': { title: 'Stop asked for', icon: 'player-stop' }, started: { title: 'Runs: the meter counts', icon: 'clock-play', tone: 'good' },
  stopped: { title: 'Stopped: the meter has ended', icon: 'clock-off' }, gap: { title: 'Not seen for a while: not charged', icon: 'eye-off', tone: 'warn' }, corrected: { title: 'Run corrected', icon: 'edit', tone: 'warn' },
  'start-failed': { title: 'Could not be started', icon: 'alert-triangle', tone: 'bad' }, stuck: { title: 'Waits unusually long', icon: 'hourglass', tone: 'warn' }, paused: { title: 'Paused', icon: 'player-pause' }, resumed: { title: 'Resumed', icon: 'player-play' },
  restarted: { title: 'Restarted', icon: 'refresh' }, renamed: { title: 'Renamed', icon: 'pencil' }, changed: { title: 'Changed', icon: 'adjustments' }, extended: { title: 'Automatic stop put off', icon: 'clock' },
  archived: { title: 'Removed, files kept', icon: 'archive' }, restored: { title: 'Brought back', icon: 'arrow-back-up' }, terminated: { title: 'Ended for good', icon: 'trash' }, 'force-stopped': { title: 'Stopped by staff', icon: 'player-stop', tone: 'warn' }, ready: { title: 'Ready for the first time', icon: 'rocket', tone: 'good' },
}
const sources: Readonly<Record<UsageEventSource, string>> = { command: 'asked for', poll: 'seen on the server', repair: 'repaired', schedule: 'by schedule', budget: 'by a budget', staff: 'by staff' }
const actors: Readonly<Record<string, string>> = { user: 'customer', staff: 'platform staff', member: 'shop’s people', system: 'by itself', webhook: 'by itself' }
const plain = (kind: string): string => kind.replaceAll('-', ' ').replace(/^./, (c) => c.toUpperCase())

/** Only plain words and numbers of the detail: nobody reads JSON. */
function textOf(detail: Readonly<Record<string, unknown>>): string {
  return Object.entries(detail).filter(([, v]) => typeof v === 'string' || typeof v === 'number').slice(0, 4).map(([k, v]) => `${plain(k).toLowerCase()}: ${String(v).slice(0, 120)}`).join(' · ')
}

export const momentOf = (event: KeptUsageEvent): object => ({
  title: kinds[event.kind]?.title ?? plain(event.kind), icon: kinds[event.kind]?.icon ?? 'point', tone: kinds[event.kind]?.tone ?? 'calm', text: textOf(event.detail), at: event.at,
  by: [sources[event.source], actors[event.actorKind]].filter(Boolean).join(', '),
})
/** To choose by what runs ended. */
export const endChoices: ReadonlyArray<{ value: string; label: string }> = [
  { value: 'customer', label: 'The customer' }, { value: 'schedule', label: 'Their schedule' }, { value: 'idle', label: 'Nobody used it' }, { value: 'budget', label: 'A budget' }, { value: 'provider', label: 'The server' },
  { value: 'staff', label: 'Staff' }, { value: 'suspended', label: 'Suspension' }, { value: 'terminated', label: 'Removal' }, { value: 'restart', label: 'A restart' }, { value: 'change', label: 'A change of template or size' },
  { value: 'paused', label: 'A pause' }, { value: 'running', label: 'Still running' },
]
export const reasonWords: Readonly<Record<string, string>> = {
  customer: 'customer', provider: 'ended on the server', terminated: 'removed', suspended: 'suspended', staff: 'staff', schedule: 'schedule', idle: 'nobody used it', budget: 'budget', restart: 'restart', change: 'change', paused: 'paused', order: 'order', resume: 'resumed',
}
