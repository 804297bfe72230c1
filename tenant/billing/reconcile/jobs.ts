/** What the timetable runs to keep the books honest. */
import { schedule } from '../../../shared/jobs/timetable.js'
import { auditTenant } from '../audit.js'
import { reconcileGateways } from './reconcile.js'
import { storeFindings } from './store-findings.js'

schedule({ name: 'audit.nightly', every: '1 day', scope: 'tenant', run: auditNightly })
schedule({ name: 'reconcile.daily', every: '1 day', scope: 'tenant', run: reconcileGateways })

export async function auditNightly(now: Date): Promise<void> {
  await storeFindings(await auditTenant(), (check) => !check.startsWith('gateway.'), now)
}
