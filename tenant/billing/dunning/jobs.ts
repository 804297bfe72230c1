/** What the timetable runs for dunning. Zones have midnights at quarter hours, too. */
import { schedule } from '../../../shared/jobs/timetable.js'
import { runDunning } from './run-dunning.js'

schedule({ name: 'dunning.run', every: '15 minutes', scope: 'tenant', run: runDunning })
