import { record } from '../../shared/events/record.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { clock } from '../../shared/time/clock.js'
import { driverOf } from './driver.js'
import type { Service } from './service.js'

/** It is paid for: its driver sets it up. Only a pending service is; a second call does nothing. */
export async function provisionService(service: Service, now = clock.now()): Promise<void> {
  if (service.status !== 'pending') return
  await tenantTransaction(async () => {
    await service.become('provisioning')
    await driverOf(service).provision?.(service, now)
    await record('service.provisioning-requested', service, {}, { userId: service.userId })
  })
}
