/** What was bought, in words for the person who sets it up: plan, quantity, options, add-ons. From the frozen subscription, not from today's catalogue. */
import { Subscription } from '../billing/subscriptions/subscription.js'
import { Plan } from '../catalog/plan.js'
import type { Service } from './service.js'

async function partText(subscription: Subscription): Promise<string> {
  const plan = await Plan.query().findById(subscription.planId)
  const options = subscription.items.filter((item) => item.kind === 'option').map((item) => (item.quantity > 1 ? `${item.label}: ${item.quantity}` : item.label))
  const many = subscription.quantity > 1 ? ` × ${subscription.quantity}` : ''
  return [`${plan?.name ?? 'Plan'}${many}`, ...options].join(', ')
}

export async function boughtText(service: Service): Promise<string> {
  const own = await Subscription.query().where({ serviceId: service.id }).whereNot('status', 'ended').orderBy('id')
  return (await Promise.all(own.map(partText))).join('\n')
}

/** One subscription of it, e.g. an add-on that was bought later. */
export const boughtPart = partText
