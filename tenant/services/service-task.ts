/** Work on a service that a person must do: set it up, take it off the network, remove it. Listed at the desk under "To set up" until it is marked done. */
import { tenantTransaction } from '../../shared/database/transaction.js'
import { isDuplicate } from '../../shared/database/database-busy.js'
import { TenantModel } from '../../shared/database/tenant-model.js'
import { Refusal } from '../../shared/errors.js'
import { record } from '../../shared/events/record.js'
import { newPublicId } from '../../shared/security/token.js'
import { clock } from '../../shared/time/clock.js'
import type { Service } from './service.js'

export type TaskKind = 'setup' | 'change' | 'addon' | 'suspend' | 'unsuspend' | 'removal'

export class ServiceTask extends TenantModel {
  static override tableName = 'service_tasks'
  static override moves = { open: ['done', 'dropped'], done: [], dropped: [] } as const

  declare id: number
  declare publicId: string
  declare serviceId: number
  declare kind: TaskKind
  declare status: 'open' | 'done' | 'dropped'
  /** For staff: what was bought, what changed. */
  declare note: string
  /** The event that caused it, where several of a kind may be open. */
  declare eventId: number | null
  declare doneAt: Date | null
  declare createdAt: Date
  declare updatedAt: Date

  refusalToFinish(): Refusal | null {
    return this.status === 'open' ? null : new Refusal('service-task.closed', 'Somebody has already finished this.')
  }
}

/** Inside the caller's transaction. One open task of a kind for each service; with `cause`, one for each event that caused it. */
export async function openTask(service: Service, kind: TaskKind, note = '', cause: number | null = null): Promise<void> {
  const same = cause === null ? { serviceId: service.id, kind, status: 'open' } : { serviceId: service.id, kind, eventId: cause }
  if (await ServiceTask.query().findOne(same)) return
  try {
    const task = await ServiceTask.query().insertAndFetch({ publicId: newPublicId(), serviceId: service.id, kind, status: 'open', note: note.slice(0, 2000), eventId: cause })
    await record('service-task.opened', task, { kind, service: service.publicId }, { userId: service.userId })
  } catch (error) {
    if (!isDuplicate(error)) throw error
  }
}

/** Inside the caller's transaction: nobody needs to do these any more. True when one of them was still open. */
export async function dropTasks(service: Service, kinds: readonly TaskKind[]): Promise<boolean> {
  const dropped = await ServiceTask.query().patch({ status: 'dropped', doneAt: clock.now() }).where({ serviceId: service.id, status: 'open' }).whereIn('kind', [...kinds])
  return dropped > 0
}

/** Staff has done it. A set-up is finished by completeSetup(). Throws Refusal when somebody was first. */
export async function finishTask(task: ServiceTask, now = clock.now()): Promise<void> {
  await tenantTransaction(async () => {
    await task.become('done', { doneAt: now })
    await record('service-task.done', task, { kind: task.kind })
  })
}
