import { Cart } from './cart.js'

const idleDays = 60

/** A guest's cart that nobody has touched for as long as its cookie lives is forgotten. */
export async function forgetCarts(now: Date): Promise<void> {
  await Cart.query().delete().whereNull('userId').where('updatedAt', '<', new Date(now.getTime() - idleDays * 86_400_000))
}
