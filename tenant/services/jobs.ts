/** Loaded by every process that serves or works: kinds of service without a feature of their own are run by hand. */
import { schedule } from '../../shared/jobs/timetable.js'
import { endKept } from './end-kept.js'
import { registerManual } from './manual-driver.js'

registerManual()
schedule({ name: 'services.end-kept', every: '1 hour', scope: 'tenant', run: endKept })
