/** One thing of an order as it was bought: what became of it (service, subscription) and the stock it holds. */
import type { Knex } from 'knex'
import { TenantModel } from '../../shared/database/tenant-model.js'
import { Subscription } from '../billing/subscriptions/subscription.js'
import type { ChosenOption } from '../catalog/price-selection.js'
import { giveBackStock } from '../catalog/stock.js'

export class OrderItem extends TenantModel {
  static override tableName = 'order_items'
  static override timestamps = ['createdAt'] as const
  static override jsonAttributes = ['options']
  declare id: number
  declare orderId: number
  declare position: number
  declare parentId: number | null
  /** Null for a line of free text in a quote. */
  declare planId: number | null
  declare productId: number | null
  declare quantity: number
  declare options: ChosenOption[]
  declare name: string
  declare recurringMinor: number
  declare setupMinor: number
  /** Given back once: whoever sets it to 0 does it. */
  declare stockTaken: number
  declare serviceId: number | null
  declare subscriptionId: number | null
  declare createdAt: Date
}

/**
 * Puts the item's stock back on the shelf, in the caller's transaction; a second call finds nothing to give. Changes of the subscription have moved stock
 * themselves: what it holds now is what goes back.
 */
export async function releaseStock(trx: Knex.Transaction, item: OrderItem): Promise<void> {
  if (item.stockTaken === 0) return
  const held = item.subscriptionId === null ? undefined : await Subscription.query().findById(item.subscriptionId)
  const productId = held?.productId ?? item.productId
  const changed = await OrderItem.query().patch({ stockTaken: 0 }).where({ id: item.id }).where('stockTaken', '>', 0)
  if (changed > 0 && productId !== null) await giveBackStock(trx, { id: productId }, held?.quantity ?? item.stockTaken)
}
