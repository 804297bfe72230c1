/** The subscription at the address of this route, inside the desk's tenant. */
import type { Request } from 'express'
import { Subscription } from '../../../tenant/billing/subscriptions/subscription.js'

export const subscriptionOf = (req: Request): Promise<Subscription> => Subscription.findOwned<Subscription>({ publicId: String(req.params['publicId']) })
