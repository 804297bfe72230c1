/** Puts the number of unread notifications on every whole page of somebody signed in; the layout shows the bell. */
import type { RequestHandler } from 'express'
import { wantsFragment } from '../../shared/http/request.js'
import { userOrNull } from '../customers/guard.js'
import { Notification } from './notification.js'

/** As the bell shows it; null when there is nothing new. */
export const bellLabel = (unread: number): string | null => (unread === 0 ? null : unread > 99 ? '99+' : String(unread))

export const unreadCount: RequestHandler = async (req, res, next) => {
  const customer = userOrNull(req)
  if (customer && req.method === 'GET' && !wantsFragment(req)) res.locals['bell'] = bellLabel(await Notification.unreadOf(customer.id))
  next()
}
