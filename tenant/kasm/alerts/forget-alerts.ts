import { ShopAlert } from './alert.js'

/** As long as a cart that nobody touches (tenant/ordering/forget-carts.ts). */
const KEPT_DAYS = 60

/** What was said long ago and is no longer being posted. One that still waits for Discord stays, however old; who was quiet so long is told anew anyway. */
export async function forgetAlerts(now: Date): Promise<void> {
  await ShopAlert.query().delete().whereNot({ postStatus: 'waiting' }).where('raisedAt', '<', new Date(now.getTime() - KEPT_DAYS * 86_400_000))
}
