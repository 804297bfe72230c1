/** What staff hears about workspaces, and in which words. */
import { alert } from '../../shared/alerts/alert.js'
import type { RecordedEvent } from '../../shared/events/event.js'
import { currentTenant } from '../../shared/tenancy/context.js'

const titles: Record<string, string> = {
  'service.provisioning-failed': 'A workspace could not be set up', 'workspace.start-failed': 'A workspace could not be started', 'workspace.stuck': 'A workspace waits for its provider',
}

/** Posts one of the events above with its facts. */
export async function alertStaff(event: RecordedEvent): Promise<void> {
  const { reason, code, attempts, service, status } = event.data as Record<string, string | number | null | undefined>
  const fields = Object.fromEntries(Object.entries({ shop: currentTenant().slug, service, status, code, attempts }).filter((pair): pair is [string, string | number] => pair[1] !== null && pair[1] !== undefined))
  await alert({ level: event.type === 'workspace.stuck' ? 'warning' : 'error', title: titles[event.type] ?? event.type, message: String(reason ?? ''), fields })
}
