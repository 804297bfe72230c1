import { refuse } from '../../shared/errors.js'
import { record } from '../../shared/events/record.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { clock } from '../../shared/time/clock.js'
import { renameService } from '../services/rename-service.js'
import type { Service } from '../services/service.js'
import type { Workspace } from './workspace.js'

/** The customer's own name for it; lines already billed keep the old one. The same name again changes nothing. */
export async function renameWorkspace(workspace: Workspace, service: Service, name: string, now = clock.now()): Promise<void> {
  refuse(workspace.refusalToRename(now))
  if (name === service.name) return
  const before = service.name
  await tenantTransaction(async () => {
    await renameService(service, name)
    await record('workspace.renamed', workspace, { before, after: name }, { userId: workspace.userId })
  })
}
