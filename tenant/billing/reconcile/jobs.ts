/** What the timetable runs to keep the books honest. */
import { schedule } from '../../../shared/jobs/timetable.js'
import { auditNightly } from './nightly.js'
import { reconcileGateways } from './reconcile.js'

schedule({ name: 'audit.nightly', every: '1 day', scope: 'tenant', run: auditNightly })
schedule({ name: 'reconcile.daily', every: '1 day', scope: 'tenant', run: reconcileGateways })
