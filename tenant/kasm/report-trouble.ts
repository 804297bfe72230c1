/** Tells the platform's staff which services wait for a person. Reports what is true now, so order and repetition of events do not matter. */
import { currentTenant } from '../../shared/tenancy/context.js'
import { directory } from '../../shared/tenancy/directory.js'
import { Service } from '../services/service.js'
import { Workspace } from './workspace.js'

export async function reportTrouble(workspaceId: number): Promise<void> {
  const workspace = await Workspace.findOwned({ id: workspaceId })
  const service = await Service.findOwned({ id: workspace.serviceId })
  await directory().reportTrouble(currentTenant(), {
    key: `service:${service.id}`, title: `${service.name} could not be set up`, code: service.failureCode, open: service.status === 'failed',
    detail: `${service.failureReason ?? 'No reason was given.'} Tried ${service.provisionAttempts === 1 ? 'once' : `${service.provisionAttempts} times`}.`,
  })
}
