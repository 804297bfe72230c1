/** What a shop decides about its subscriptions. */
import { z } from 'zod'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { defineSetting } from '../../settings/setting.js'
import type { Lead } from './billing-plan.js'

export const rulesSchema = z.object({
  /** Days before a period in which its invoice is made; it is due and collected when the period starts. */
  leadDays: z.number().int().min(0).max(60),
  /** Days before the end of a trial on which its letter leaves. */
  trialNoticeDays: z.number().int().min(1).max(30),
  /** What a customer who leaves at once gets back for the rest of a paid period. */
  cancelRefund: z.enum(['none', 'credit']),
  /** Days in which an ended subscription may be taken up again. */
  reactivateDays: z.number().int().min(0).max(365),
  /** May customers pause by themselves? Staff always may. */
  customersMayPause: z.boolean(),
})
export type SubscriptionRules = z.infer<typeof rulesSchema>

export const subscriptionRules = defineSetting<SubscriptionRules>('subscriptions.rules', rulesSchema, { leadDays: 7, trialNoticeDays: 3, cancelRefund: 'none', reactivateDays: 30, customersMayPause: true })

export const leadOf = async (): Promise<Lead> => ({ days: (await subscriptionRules.read()).leadDays, shopZone: currentTenant().timeZone })
