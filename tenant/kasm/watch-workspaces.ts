import { alert } from '../../shared/alerts/alert.js'
import { OutsideError } from '../../shared/errors.js'
import { log } from '../../shared/log.js'
import { currentTenant } from '../../shared/tenancy/context.js'
import { pollWorkspaces } from './poll-workspaces.js'
import { Workspace } from './workspace.js'

/** Staff hears once of an outage: in the minute in which nobody has seen a running desktop for so long. */
const ALERT_AFTER_MS = 10 * 60_000
const MINUTE_MS = 60_000

/** The poll of the timetable. A provider that does not answer is no failure of the job: the meter keeps what was seen, and the next minute looks again. */
export async function watchWorkspaces(now: Date): Promise<void> {
  try {
    await pollWorkspaces()
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    log().warn({ err: error, code: error.code }, 'Workspaces could not be looked at')
    await alertOnce(error, now)
  }
}

async function alertOnce(error: OutsideError, now: Date): Promise<void> {
  const oldest = await Workspace.query().where('status', 'running').min('last_seen_at as lastSeenAt').first()
  const unseenMs = oldest?.lastSeenAt ? now.getTime() - oldest.lastSeenAt.getTime() : 0
  if (unseenMs < ALERT_AFTER_MS || unseenMs >= ALERT_AFTER_MS + MINUTE_MS) return
  await alert({ level: 'warning', title: 'Running workspaces cannot be seen', message: error.message, fields: { shop: currentTenant().slug, code: error.code ?? 'none', minutes: 10 } })
}
