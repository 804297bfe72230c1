import { refuse } from '../../shared/errors.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { clock } from '../../shared/time/clock.js'
import type { Service } from '../services/service.js'
import { refusalToRun } from './limits/ask-limits.js'
import { refusalToSpend } from './refusal-to-spend.js'
import { beginStopping } from './wishes.js'
import type { Workspace } from './workspace.js'

/**
 * Accepts the wish to stop and start again. It ends the run at `now`; the next one begins when Kasm says that it runs again, and counts its quarter
 * hours anew.
 */
export async function restartWorkspace(workspace: Workspace, service: Service, now = clock.now()): Promise<void> {
  refuse(workspace.refusalToRestart(now, service))
  refuse(await refusalToSpend(workspace, service, now))
  await tenantTransaction(async () => {
    refuse(await refusalToRun(workspace, now))
    await beginStopping(workspace, 'restart', now, { nextWish: 'start' })
  })
}
