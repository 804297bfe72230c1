/** What runs by itself for workspaces. Each may be run at any time, any number of times. */
import { schedule } from '../../shared/jobs/timetable.js'
import { registerKasm } from './driver.js'
import { stopAllSuspended } from './suspend-workspace.js'
import { sweepWorkspaces } from './sweep-workspaces.js'
import { watchWorkspaces } from './watch-workspaces.js'
import { recordFinishedMonths } from './metering/wholesale-slices.js'

registerKasm()
schedule({ name: 'kasm.poll', every: '1 minute', scope: 'tenant', run: watchWorkspaces })
schedule({ name: 'kasm.sweep', every: '1 minute', scope: 'tenant', run: sweepWorkspaces })
schedule({ name: 'kasm.stop-suspended', every: '1 minute', scope: 'tenant', run: stopAllSuspended })
schedule({ name: 'kasm.record-months', every: '1 hour', scope: 'tenant', run: recordFinishedMonths })
