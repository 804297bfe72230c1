/** What follows for services from what happens to subscriptions and to debts. Read by tenant/reactions.ts. Each may run again and then does nothing. */
import { on } from '../../shared/events/reactions.js'
import type { RecordedEvent } from '../../shared/events/event.js'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { clock } from '../../shared/time/clock.js'
import { dunningWants } from '../billing/dunning/end-case.js'
import { Subscription } from '../billing/subscriptions/subscription.js'
import { boughtPart } from './bought-text.js'
import { keptUntil } from './end-kept.js'
import { isManual } from './manual-driver.js'
import { mailReady } from './mailer.js'
import { provisionService } from './provision-service.js'
import { openTask } from './service-task.js'
import { serviceRules } from './service-rules.js'
import { Service } from './service.js'
import { suspendService, unsuspendService } from './suspend-service.js'
import { terminateService } from './terminate-service.js'

export function registerServiceReactions(): void {
  on('subscription.activated', 'set up its service', (event) => afterActivation(event))
  on('subscription.reactivated', 'let its service run', (event) => eachOf(event, (service) => unsuspendService(service, 'pause')))
  on('subscription.changed', 'tell who runs its service', (event) => afterChange(event))
  on('subscription.paused', 'stop its service', (event) => eachOf(event, (service) => suspendService(service, 'pause')))
  on('subscription.resumed', 'let its service run', (event) => eachOf(event, (service) => unsuspendService(service, 'pause')))
  on('subscription.ended', 'end its service', (event) => afterEnd(event.subjectId!))
  on('dunning.suspend', 'suspend services', (event) => obeyDunning(event))
  on('dunning.terminate', 'end services', (event) => obeyDunning(event))
  on('dunning.repaired', 'lift the suspension', (event) => obeyDunning(event))
  on('dispute.opened', 'suspend what it paid for', (event) => listed(event.data['suspendServiceIds'], (service) => suspendService(service, 'dispute')))
  on('dispute.lost', 'suspend what it paid for', (event) => listed(event.data['suspendServiceIds'], (service) => suspendService(service, 'dispute')))
  on('dispute.won', 'lift the suspension', (event) => afterDispute(event.userId))
  on('service.ready', 'tell the customer', (event) => mailReady(event.subjectId!, event.id))
}

/** The service that a subscription pays for by itself; an add-on has none. */
const ownService = (subscriptionId: number): Promise<Service | undefined> => Service.query().findOne({ subscriptionId }).execute()

async function eachOf(event: RecordedEvent, act: (service: Service) => Promise<void>): Promise<void> {
  const service = await ownService(event.subjectId!)
  if (service) await act(service)
}

/** A pending service is set up. An add-on to a service that runs already is work for staff; ordered together, it is part of the set-up. */
async function afterActivation(event: RecordedEvent): Promise<void> {
  const own = await ownService(event.subjectId!)
  if (own) return provisionService(own)
  const subscription = await Subscription.findOwned<Subscription>({ id: event.subjectId! })
  const service = subscription.serviceId === null ? undefined : await Service.query().findById(subscription.serviceId)
  if (!service?.provisionedAt || service.isOver || !isManual(service)) return
  const part = await boughtPart(subscription)
  await tenantTransaction(() => openTask(service, 'addon', part, event.id))
}

async function afterChange(event: RecordedEvent): Promise<void> {
  const subscription = await Subscription.findOwned<Subscription>({ id: event.subjectId! })
  const service = subscription.serviceId === null ? undefined : await Service.query().findById(subscription.serviceId)
  const kind = String(event.data['kind'] ?? 'change')
  if (!service?.provisionedAt || service.isOver || !isManual(service) || kind === 'price' || kind === 'cycle') return
  const note = `From now on: ${await boughtPart(subscription)}`
  await tenantTransaction(() => openTask(service, 'change', note, event.id))
}

async function afterEnd(subscriptionId: number): Promise<void> {
  const subscription = await Subscription.findOwned<Subscription>({ id: subscriptionId })
  const service = await ownService(subscriptionId)
  if (!service || !subscription.isOver) return
  const kept = keptUntil(service, subscription, (await serviceRules.read()).keepDays)
  if (kept && kept > clock.now()) await suspendService(service, 'pause')
  else await terminateService(service, subscription.endReason ?? 'terminated')
}

/** Events may come late or out of order: what dunning wants now is asked anew. */
const obeyDunning = (event: RecordedEvent): Promise<void> => listed(event.data['serviceIds'], async (service) => {
  const wanted = await dunningWants(service.id)
  if (wanted === 'terminate') await terminateService(service, 'unpaid')
  else if (wanted === 'suspend') await suspendService(service, 'dunning')
  else await unsuspendService(service, 'dunning')
})

/** What disputes have suspended comes back when the customer's last open one is won. */
async function afterDispute(userId: number | null): Promise<void> {
  if (userId === null || (await tenantDb()('disputes').where({ user_id: userId }).whereIn('status', ['open', 'lost']).first('id'))) return
  for (const service of await Service.query().where({ userId, status: 'suspended', suspendedBy: 'dispute' })) await unsuspendService(service, 'dispute')
}

async function listed(ids: unknown, act: (service: Service) => Promise<void>): Promise<void> {
  const numbers = Array.isArray(ids) ? ids.filter((id): id is number => typeof id === 'number') : []
  for (const service of await Service.query().whereIn('id', numbers).orderBy('id')) await act(service)
}
