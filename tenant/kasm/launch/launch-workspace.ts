import { OutsideError, refuse, Refusal } from '../../../shared/errors.js'
import { record } from '../../../shared/events/record.js'
import { clock } from '../../../shared/time/clock.js'
import type { Service } from '../../services/service.js'
import { connectionOf, kasmOf } from '../provider/connection.js'
import { kasmCodes } from '../provider/kasm-api.js'
import type { Workspace } from '../workspace.js'
import { throughOwnHost } from './desktop-hosts.js'

const gone: ReadonlySet<string> = new Set([kasmCodes.notFound, kasmCodes.wrongState])

/**
 * A fresh link into the running desktop. It signs its bearer in, and the link before it stops working: made at the click, shown once, never stored.
 * Throws Refusal when the desktop has ended meanwhile (the poll will say so on the page), OutsideError when Kasm does not answer.
 */
export async function launchWorkspace(workspace: Workspace, service: Service, now = clock.now()): Promise<string> {
  refuse(workspace.refusalToLaunch(now, service))
  try {
    const url = await (await kasmOf(workspace)).launchUrl({ kasmId: workspace.kasmWorkspaceId!, userId: workspace.kasmUserId! })
    await record('workspace.opened', workspace, {}, { userId: workspace.userId })
    return await throughOwnHost(url, (await connectionOf(workspace)).id)
  } catch (error) {
    if (error instanceof OutsideError && gone.has(error.code ?? '')) throw new Refusal('workspace.not-running', 'The desktop is not running any more. Start it again.')
    throw error
  }
}
