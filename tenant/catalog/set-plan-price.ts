/** A reseller sets the hourly price of a metered plan. New services are sold at it; running services keep theirs. */
import { changePrice } from './change-price.js'
import type { Plan } from './plan.js'

/** Throws FormErrors for an impossible price. A price below cost is allowed and said: `belowCost`. */
export const setPlanPrice = (plan: Plan, priceMicros: number): Promise<{ belowCost: boolean }> => changePrice(plan, { priceMicros })
