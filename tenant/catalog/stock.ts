/** Stock: how many of a product may be sold at the same time. One conditional update each, so the last one is never sold twice. */
import type { Knex } from 'knex'
import { Refusal } from '../../shared/errors.js'
import { clock } from '../../shared/time/clock.js'
import { Product } from './product.js'

/**
 * Takes `n` from the stock, in the transaction of the order; also counts products without a limit. Throws Refusal `product.sold-out` when fewer are left, or
 * when the product has been retired meanwhile. Of several products take the smallest id first: two carts then never wait for each other.
 */
export async function takeStock(trx: Knex.Transaction, product: Product, n = 1): Promise<void> {
  whole(n)
  const taken = await trx('products').where({ id: product.id }).whereNot('status', 'retired').where((room) => room.whereNull('stock_limit').orWhereRaw('stock_taken + ? <= stock_limit', [n]))
    .update({ stock_taken: trx.raw('stock_taken + ?', [n]), updated_at: clock.now() })
  if (taken === 0) throw new Refusal('product.sold-out', n === 1 ? `${product.name} is sold out at the moment.` : `There are not ${n} of ${product.name} left.`)
}

/** Gives `n` back when an order is dropped or a service has ended. Call it once a service: the caller's state change guards it. Never falls below zero. */
export async function giveBackStock(trx: Knex.Transaction, product: Pick<Product, 'id'>, n = 1): Promise<void> {
  whole(n)
  await trx('products').where({ id: product.id }).update({ stock_taken: trx.raw('case when stock_taken > ? then stock_taken - ? else 0 end', [n, n]), updated_at: clock.now() })
}

function whole(n: number): void {
  if (!Number.isSafeInteger(n) || n < 1) throw new RangeError(`${n} is not a quantity.`)
}
