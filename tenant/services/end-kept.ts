import { Subscription } from '../billing/subscriptions/subscription.js'
import { serviceRules } from './service-rules.js'
import { Service } from './service.js'
import { terminateService } from './terminate-service.js'

const DAY = 86_400_000

/** When a service that is in use, and whose subscription ended so, is removed; null: now. Pure. */
export function keptUntil(service: Pick<Service, 'status'>, ended: Pick<Subscription, 'endReason' | 'endedAt'>, keepDays: number): Date | null {
  const inUse = service.status === 'active' || service.status === 'suspended'
  return inUse && ended.endReason === 'cancelled' && ended.endedAt !== null && keepDays > 0 ? new Date(ended.endedAt.getTime() + keepDays * DAY) : null
}

/** Removes services that were kept for their customer until now. Safe to repeat. */
export async function endKept(now: Date): Promise<void> {
  const { keepDays } = await serviceRules.read()
  const ended = await Subscription.query().where({ status: 'ended', endReason: 'cancelled' }).where('endedAt', '<=', new Date(now.getTime() - keepDays * DAY))
    .whereIn('id', Service.query().whereIn('status', ['active', 'suspended']).whereNotNull('subscriptionId').select('subscriptionId')).limit(500)
  for (const service of await Service.query().whereIn('subscriptionId', ended.map((s) => s.id)).orderBy('id')) await terminateService(service, 'cancelled', now)
}
