/** What pages and notifications say of how runs begin and end. Pure; no provider is named. */
import type { EndReason, Starter } from '../workspace.js'

const ends: Readonly<Record<EndReason, string>> = {
  customer: 'You', provider: 'It ended by itself', terminated: 'Removal', suspended: 'Suspension', staff: 'Our team', schedule: 'Its schedule', idle: 'Nobody used it', budget: 'Your budget', restart: 'A restart',
  change: 'A change of template or size', paused: 'A pause',
}
const starts: Readonly<Record<Starter, string>> = { order: 'Your order', customer: 'You', schedule: 'Its schedule', restart: 'A restart', staff: 'Our team', resume: 'You, after a pause' }

/** To choose by what runs ended; `running`: they still go on. */
export const endChoices: ReadonlyArray<{ value: EndReason | 'running'; label: string }> = [
  ...(Object.entries(ends) as Array<[EndReason, string]>).map(([value, label]) => ({ value, label })), { value: 'running', label: 'Still running' },
]
/** Null for an address that names none of them. */
export const endChosen = (by: string | undefined): EndReason | 'running' | null => endChoices.find((c) => c.value === by)?.value ?? null

/** Who or what ended a run: for a table. */
export const endedBy = (reason: string | null): string | null => (reason ? (ends[reason as EndReason] ?? null) : null)
export const startedBy = (by: string | null): string | null => (by ? (starts[by as Starter] ?? null) : null)

const stops: Readonly<Record<EndReason, string>> = {
  customer: 'Stopped', provider: 'Ended by itself', terminated: 'Stopped to be removed', suspended: 'Stopped: suspended', staff: 'Stopped by our team', schedule: 'Stopped by its schedule', idle: 'Stopped: nobody used it',
  budget: 'Stopped: the budget is spent', restart: 'Stopped for a restart', change: 'Stopped for a change', paused: 'Paused',
}
export const stopSentence = (reason: unknown): string => stops[reason as EndReason] ?? 'Stopped'

/** Ends that the customer did not ask for at that moment: they are told. */
export const surprising: ReadonlySet<string> = new Set<EndReason>(['provider', 'suspended', 'staff', 'schedule', 'idle'])
