/** Openings whose worker died are taken up again; a step that failed waits for a person. */
import { centralDb } from '../../shared/database/central-database.js'
import { schedule } from '../../shared/jobs/timetable.js'
import { continueOpeningJob } from './open-reseller.js'

async function resumeOpenings(): Promise<void> {
  const ids = (await centralDb()('tenants as t').where('t.status', 'opening')
    .whereNotExists(centralDb()('opening_steps as s').whereRaw('s.tenant_id = t.id').where('s.status', 'failed').select(centralDb().raw('1'))).pluck('t.id')) as number[]
  for (const tenantId of ids) await continueOpeningJob.enqueue({ tenantId }, { key: `opening:${tenantId}` })
}

export function registerOpeningSchedules(): void {
  schedule({ name: 'resellers.resume-openings', every: '1 minute', scope: 'central', run: resumeOpenings })
}
