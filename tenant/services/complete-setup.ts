/** Staff has set up a service, or wrote down how it is reached. */
import { refuse, Refusal } from '../../shared/errors.js'
import { record } from '../../shared/events/record.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { clock } from '../../shared/time/clock.js'
import { Service } from './service.js'
import { writeDetails, type NewDetail } from './service-detail.js'
import type { ServiceTask } from './service-task.js'

/** Details, task and state in one step; the customer gets a letter. Throws Refusal when somebody was first, or the service has ended meanwhile. */
export async function completeSetup(task: ServiceTask, details: readonly NewDetail[], now = clock.now()): Promise<Service> {
  return tenantTransaction(async () => {
    const service = await Service.query().findById(task.serviceId).forUpdate().throwIfNotFound()
    refuse(task.refusalToFinish())
    if (service.status !== 'provisioning') throw new Refusal('service.not-waiting', 'This service does not wait for a set-up any more.')
    await writeDetails(service, details)
    await service.become('active', { provisionedAt: now, failureCode: null, failureReason: null })
    await task.become('done', { doneAt: now })
    await record('service.ready', service, { task: task.publicId }, { userId: service.userId })
    return service
  })
}

/** Later corrections, without a letter. */
export async function changeDetails(service: Service, details: readonly NewDetail[]): Promise<void> {
  if (service.isOver) throw new Refusal('service.terminated', 'This service has ended.')
  await tenantTransaction(() => writeDetails(service, details))
}
