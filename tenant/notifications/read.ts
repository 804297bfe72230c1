/** What a customer has seen. */
import { clock } from '../../shared/time/clock.js'
import { Notification } from './notification.js'

/** The address to go on to. Throws NotFound for somebody else's. */
export async function readOne(userId: number, publicId: string): Promise<string | null> {
  const notice = await Notification.findOwned<Notification>({ publicId, userId })
  await Notification.query().patch({ readAt: clock.now() }).where({ id: notice.id }).whereNull('readAt')
  return notice.href
}

/** Answers how many were new. */
export async function readAll(userId: number): Promise<number> {
  return Notification.query().patch({ readAt: clock.now() }).where({ userId }).whereNull('readAt')
}
