import { refuse } from '../../shared/errors.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { clock } from '../../shared/time/clock.js'
import type { Service } from '../services/service.js'
import { refusalToRun } from './limits/ask-limits.js'
import { refusalToSpend } from './refusal-to-spend.js'
import { beginStarting } from './wishes.js'
import type { Starter, Workspace } from './workspace.js'

/** Accepts the wish to start, or to resume what is paused. Nothing is charged until Kasm says that it runs. */
export async function startWorkspace(workspace: Workspace, service: Service, now = clock.now(), by: Starter = 'customer'): Promise<void> {
  refuse(workspace.refusalToStart(now, service))
  refuse(await refusalToSpend(workspace, service, now))
  const resumed = workspace.status === 'paused' && by === 'customer'
  await tenantTransaction(async () => {
    refuse(await refusalToRun(workspace, now))
    await beginStarting(workspace, resumed ? 'resume' : by, now)
  })
}
