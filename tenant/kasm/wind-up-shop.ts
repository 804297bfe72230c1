/**
 * The end of a shop: every workspace is removed at its server, with user, desktops and files, and central hears of the last use. For a shop that is to
 * be dropped: once its database is gone, nobody knows any more whose desktops they were.
 */
import { clock } from '../../shared/time/clock.js'
import { refusalIn } from '../../shared/errors.js'
import { fanOut } from '../../shared/tenancy/fleet-visit.js'
import { UsageSession } from './metering/usage-session.js'
import { recordSession } from './metering/wholesale-slices.js'
import { pursue } from './pursue.js'
import { terminateWorkspace } from './terminate-workspace.js'
import { Workspace } from './workspace.js'

const AT_ONCE = 4
/** What is older has been told long since. */
const TELL_AGAIN_DAYS = 62

const left = () => Workspace.query().whereNot('status', 'terminated').orderBy('id')

/** Answers how many workspaces could not be removed, because their servers did not answer. May be repeated. */
export async function windUpShop(): Promise<number> {
  await fanOut(await left(), async (workspace) => {
    if (!workspace.isOver) await refusalIn(() => terminateWorkspace(workspace))
    await pursue(workspace.id)
  }, { concurrency: AT_ONCE })
  const since = new Date(clock.now().getTime() - TELL_AGAIN_DAYS * 86_400_000)
  for (const { id } of await UsageSession.query().select('id').where('stoppedAt', '>', since).orderBy('id')) await recordSession(id)
  return left().resultSize()
}
