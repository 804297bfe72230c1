/** The platform's own schedules: waiting events, waiting mail, parked jobs whose reason is gone, and the watchdog over all schedules. */
import { alert } from '../alerts/alert.js'
import { dispatchPending } from '../events/dispatch.js'
import { deliverPending } from '../mail/deliver.js'
import { directory } from '../tenancy/directory.js'
import { parkedJobs, resumeAllParked } from './park.js'
import { lateSchedules, schedule } from './timetable.js'

let scheduled = false
/** Once per process; startWorker and the clock command call it. */
export function scheduleUpkeep(): void {
  if (scheduled) return
  scheduled = true
  schedule({ name: 'events.sweep', every: '1 minute', scope: 'tenant', run: async () => void (await dispatchPending()) })
  schedule({ name: 'events.sweep-central', every: '1 minute', scope: 'central', run: async () => void (await dispatchPending()) })
  schedule({ name: 'mail.sweep', every: '1 minute', scope: 'tenant', run: async () => void (await deliverPending()) })
  schedule({ name: 'mail.sweep-central', every: '1 minute', scope: 'central', run: async () => void (await deliverPending()) })
  schedule({ name: 'jobs.resume-parked', every: '1 minute', scope: 'central', run: resumeWhatMayRun })
  schedule({ name: 'jobs.watchdog', every: '5 minutes', scope: 'central', run: watch })
}

async function resumeWhatMayRun(): Promise<void> {
  await resumeAllParked({ reason: 'store-down' })
  const waiting = new Set((await parkedJobs({ reason: 'tenant-suspended', limit: 1000 })).map((job) => job.tenant))
  for (const uuid of waiting) {
    const tenant = uuid ? await directory().findByUuid(uuid) : null
    if (tenant?.status === 'active' || tenant?.status === 'trial') await resumeAllParked({ tenant: tenant.uuid, reason: 'tenant-suspended' })
  }
}

let reported = ''
/** Says it once, until the list of late schedules changes. */
async function watch(now: Date): Promise<void> {
  const late = (await lateSchedules(now)).filter((name) => name !== 'jobs.watchdog')
  if (late.join() === reported) return
  reported = late.join()
  if (late.length) await alert({ level: 'error', title: 'The timetable is late', message: `No success for too long: ${late.join(', ')}. Is a worker running?`, fields: { schedules: late.length } })
}
