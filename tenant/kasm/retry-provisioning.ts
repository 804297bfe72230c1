import { NotFound, refuse } from '../../shared/errors.js'
import { record } from '../../shared/events/record.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { clock } from '../../shared/time/clock.js'
import type { Service } from '../services/service.js'
import { nudge } from './pursue.js'
import { Workspace } from './workspace.js'

/** Staff's button on a failed service: everything from the start, with the same workspace. What Kasm made before is found again. */
export async function retryProvisioning(service: Service, now = clock.now()): Promise<void> {
  refuse(service.refusalToRetry())
  const workspace = await Workspace.query().findOne({ service_id: service.id })
  if (!workspace) throw new NotFound('workspace')
  await tenantTransaction(async () => {
    await service.become('provisioning', { provisionAttempts: 0, nextAttemptAt: now, failureCode: null, failureReason: null })
    await workspace.become('starting', { startAttempts: 0, startRequestedAt: now, nextAttemptAt: now, statusMessage: null, failureCode: null })
    await record('service.provisioning-retried', workspace, { service: service.publicId }, { userId: service.userId })
    await nudge(workspace.id)
  })
}
