/** The hourly wholesale run: finds resellers that are due, one job each. A sandbox reseller is due by its own clock. */
import { z } from 'zod'
import { centralDb } from '../../shared/database/central-database.js'
import { defineJob } from '../../shared/jobs/job.js'
import { schedule } from '../../shared/jobs/timetable.js'
import { clock } from '../../shared/time/clock.js'
import { billReseller } from './bill-reseller.js'

async function nowOf(tenantId: number): Promise<Date> {
  const row = (await centralDb()('tenants').where({ id: tenantId }).first('sandbox', 'clock_offset_ms')) as { sandbox: number; clock_offset_ms: number }
  return new Date(clock.real().getTime() + (row.sandbox ? Number(row.clock_offset_ms) : 0))
}

export const billResellerJob = defineJob({
  name: 'wholesale.bill-reseller', scope: 'central', version: 1, attempts: 5, backoffSeconds: 60,
  payload: z.object({ tenantId: z.number().int() }),
  handler: async ({ tenantId }) => void (await billReseller(tenantId, await nowOf(tenantId))),
})

/** Every reseller whose period has ended by its own clock; a dropped one gets its last bill. The house tenant is EZSCALE itself and is not billed. */
export async function billDueResellers(now: Date): Promise<void> {
  const due = (await centralDb()('tenant_billing as b').join('tenants as t', 't.id', 'b.tenant_id').where('b.status', 'active').where('t.house', 0)
    .whereNot('t.status', 'opening')
    .whereRaw('b.next_billing_at <= timestampadd(microsecond, if(t.sandbox = 1, t.clock_offset_ms, 0) * 1000, ?)', [now]).select('t.id')) as Array<{ id: number }>
  for (const { id } of due) await billResellerJob.enqueue({ tenantId: id }, { key: `wholesale:${id}` })
}

export function registerWholesaleSchedules(): void {
  schedule({ name: 'wholesale.bill-resellers', every: '1 hour', scope: 'central', run: billDueResellers })
}
