/**
 * What runs by itself for workspaces. Each may be run at any time, any number of times. The order matters for a moved clock: first what is seen,
 * then what follows from it.
 * Those that look after desktops go on for a suspended shop: it is closed to people, not to what still runs.
 */
import { schedule } from '../../shared/jobs/timetable.js'
import { registerKasm } from './driver.js'
import { endKeptFiles } from './end-kept-files.js'
import { recordFinishedMonths } from './metering/wholesale-slices.js'
import { reconcileWorkspaces } from './reconcile.js'
import { reportCounts } from './report-counts.js'
import { runSchedules } from './schedules/run-schedules.js'
import { watchStops } from './schedules/watch-stops.js'
import { stopAllSuspended } from './suspend-workspace.js'
import { sweepWorkspaces } from './sweep-workspaces.js'
import { sweepAccess } from './user-access.js'
import { watchWorkspaces } from './watch-workspaces.js'

registerKasm()
schedule({ name: 'kasm.poll', every: '1 minute', scope: 'tenant', alsoSuspended: true, run: watchWorkspaces })
schedule({ name: 'kasm.sweep', every: '1 minute', scope: 'tenant', alsoSuspended: true, run: sweepWorkspaces })
schedule({ name: 'kasm.stop-suspended', every: '1 minute', scope: 'tenant', alsoSuspended: true, run: stopAllSuspended })
schedule({ name: 'kasm.announce-stops', every: '1 minute', scope: 'tenant', run: watchStops })
schedule({ name: 'kasm.schedules', every: '1 minute', scope: 'tenant', run: runSchedules })
schedule({ name: 'kasm.reconcile', every: '1 minute', scope: 'tenant', alsoSuspended: true, run: reconcileWorkspaces })
schedule({ name: 'kasm.access', every: '1 minute', scope: 'tenant', alsoSuspended: true, run: sweepAccess })
schedule({ name: 'kasm.kept-files', every: '10 minutes', scope: 'tenant', run: endKeptFiles })
schedule({ name: 'kasm.record-months', every: '1 hour', scope: 'tenant', alsoSuspended: true, run: recordFinishedMonths })
schedule({ name: 'kasm.report-counts', every: '5 minutes', scope: 'tenant', run: reportCounts })
