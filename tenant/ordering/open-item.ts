/** One bought thing becomes a service that waits for its payment, and a subscription that pays for it. An add-on has no service of its own: it belongs to its parent's. */
import type { Knex } from 'knex'
import { newPublicId } from '../../shared/security/token.js'
import type { NewLine } from '../billing/invoices/draft-invoice.js'
import { firstLines } from '../billing/subscriptions/first-lines.js'
import { openSubscription } from '../billing/subscriptions/open-subscription.js'
import type { Subscription } from '../billing/subscriptions/subscription.js'
import type { Customer } from '../customers/customer.js'
import { Service } from '../services/service.js'
import type { BookedItem } from './book-order.js'
import { OrderItem } from './order-item.js'
import type { Order } from './order.js'

export interface OpenedItem {
  readonly subscriptionId: number
  readonly lines: readonly NewLine[]
}
export interface Parent { /** Null: it was ordered before. */ readonly item: OrderItem | null; readonly service: Service; readonly subscription: Subscription }

/** In the transaction of the order. Answers the item's own first, then its add-ons'. `position`: of the item in the order. */
export async function openItem(trx: Knex.Transaction, order: Order, customer: Customer, item: BookedItem, position: number, now: Date): Promise<OpenedItem[]> {
  const { plan, product } = item.priced
  const service = await Service.query().insertAndFetch({
    publicId: newPublicId(), userId: customer.id, planId: plan.id, serviceType: product.serviceType, name: item.name.slice(0, 60), status: 'pending', currency: plan.currency, priceMicros: plan.priceMicros,
  })
  const subscription = await subscribe(trx, customer, item, service, null, now)
  await service.$query().patch({ subscriptionId: subscription.id })
  const row = await keep(order, item, position, { serviceId: service.id, subscriptionId: subscription.id, parentId: null })
  const opened: OpenedItem[] = [{ subscriptionId: subscription.id, lines: await firstLines(subscription, now) }]
  for (const addon of item.addons) opened.push(await openAddon(trx, order, customer, addon, position + opened.length, { item: row, service, subscription }, now))
  return opened
}

export async function openAddon(trx: Knex.Transaction, order: Order, customer: Customer, addon: BookedItem, position: number, parent: Parent, now: Date): Promise<OpenedItem> {
  const follows = addon.priced.product.followsParent
  const subscription = await subscribe(trx, customer, addon, parent.service, follows ? parent.subscription.id : null, now)
  await keep(order, addon, position, { serviceId: parent.service.id, subscriptionId: subscription.id, parentId: parent.item?.id ?? null })
  return { subscriptionId: subscription.id, lines: await firstLines(subscription, now) }
}

const subscribe = (trx: Knex.Transaction, customer: Customer, { priced, trial }: BookedItem, service: Service, parentId: number | null, now: Date): Promise<Subscription> =>
  openSubscription(trx, { userId: customer.id, plan: priced.plan, priced, parentId, serviceId: service.id, trial, now, timeZone: customer.timeZone })

const keep = (order: Order, { priced, name }: BookedItem, position: number, made: Pick<OrderItem, 'serviceId' | 'subscriptionId' | 'parentId'>): Promise<OrderItem> => OrderItem.query().insertAndFetch({
  orderId: order.id, position, planId: priced.plan.id, productId: priced.product.id, quantity: priced.selection.quantity, options: [...priced.selection.options], name: name.slice(0, 200),
  recurringMinor: priced.recurring.minor, setupMinor: priced.setup.minor, stockTaken: priced.selection.quantity, ...made,
}).execute()
