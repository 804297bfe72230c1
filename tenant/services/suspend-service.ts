/** Suspending and lifting it. Several may want a service suspended: the strongest reason is written down, and lifting one uncovers the next. */
import { record } from '../../shared/events/record.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { clock } from '../../shared/time/clock.js'
import { dunningWants } from '../billing/dunning/end-case.js'
import { Subscription } from '../billing/subscriptions/subscription.js'
import { driverOf } from './driver.js'
import { Service, type SuspendedBy } from './service.js'

const weight: Readonly<Record<SuspendedBy, number>> = { pause: 1, dunning: 2, dispute: 3, staff: 4 }

/** Safe to repeat. A service that is not in use (being set up, over) is left alone. `reason`: for staff, kept in the event. */
export async function suspendService(service: Service, by: SuspendedBy, now = clock.now(), reason = ''): Promise<void> {
  await tenantTransaction(async () => {
    const current = await Service.query().findById(service.id).forUpdate().throwIfNotFound()
    if (current.status === 'active') {
      await current.become('suspended', { suspendedBy: by, suspendedAt: now })
      await driverOf(current).suspend?.(current, now)
      await record('service.suspended', current, { by, reason }, { userId: current.userId })
    } else if (current.status === 'suspended' && weight[by] > weight[current.suspendedBy ?? 'pause']) {
      await handOver(current, by)
    }
  })
}

/** Safe to repeat. Does nothing when somebody else suspended it; stays suspended when another reason holds. */
export async function unsuspendService(service: Service, by: SuspendedBy, now = clock.now()): Promise<void> {
  const other = await otherReason(service, by)
  await tenantTransaction(async () => {
    const current = await Service.query().findById(service.id).forUpdate().throwIfNotFound()
    if (current.status !== 'suspended' || current.suspendedBy !== by) return
    if (other) return handOver(current, other)
    await current.become('active', { suspendedBy: null, suspendedAt: null })
    await driverOf(current).unsuspend?.(current, now)
    await record('service.unsuspended', current, { by }, { userId: current.userId })
  })
}

async function handOver(service: Service, by: SuspendedBy): Promise<void> {
  await Service.query().patch({ suspendedBy: by }).where({ id: service.id })
  await record('service.suspension-changed', service, { from: service.suspendedBy, to: by }, { userId: service.userId })
}

async function otherReason(service: Service, by: SuspendedBy): Promise<SuspendedBy | null> {
  if (by !== 'dunning' && (await dunningWants(service.id)) !== 'nothing') return 'dunning'
  const subscription = service.subscriptionId === null ? null : await Subscription.query().findById(service.subscriptionId)
  return by !== 'pause' && subscription?.status === 'paused' ? 'pause' : null
}
