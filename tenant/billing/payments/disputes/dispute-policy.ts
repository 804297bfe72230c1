/** What a dispute does to the customer's services. The shop decides by type of service; the default is to do nothing. */
import { z } from 'zod'
import { tenantDb } from '../../../../shared/database/tenant-database.js'
import { defineSetting } from '../../../settings/setting.js'
import type { Payment } from '../payment.js'

const answer = z.enum(['nothing', 'suspend'])
export type DisputeAnswer = z.infer<typeof answer>
export interface DisputePolicy {
  default: DisputeAnswer
  /** By `services.service_type`; what is not named follows the default. */
  byServiceType: Record<string, DisputeAnswer>
}

/** Form of the desk: /gateways/disputes/policy. */
export const disputePolicy = defineSetting<DisputePolicy>('disputes.policy', z.object({ default: answer, byServiceType: z.record(z.string().max(32), answer) }), { default: 'nothing', byServiceType: {} })

export const answerFor = (policy: DisputePolicy, serviceType: string): DisputeAnswer => policy.byServiceType[serviceType] ?? policy.default

/** Running services that the payment paid for and that the policy suspends. Read from their tables, as services stand above billing. */
export async function servicesToSuspend(payment: Payment): Promise<number[]> {
  const policy = await disputePolicy.read()
  const invoiceIds = (await tenantDb()('payment_allocations').where({ payment_id: payment.id }).pluck('invoice_id')) as number[]
  if (payment.invoiceId !== null) invoiceIds.push(payment.invoiceId)
  const rows = (await tenantDb()('services as s').join('invoice_lines as l', (on) => void on.on('l.service_id', 's.id').orOn('l.subscription_id', 's.subscription_id')).whereIn('l.invoice_id', invoiceIds)
    .where('s.user_id', payment.userId).whereNotIn('s.status', ['terminated', 'failed']).distinct('s.id', 's.service_type').orderBy('s.id')) as Array<{ id: number; service_type: string }>
  return rows.filter((row) => answerFor(policy, row.service_type) === 'suspend').map((row) => row.id)
}
