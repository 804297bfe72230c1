/** The nudge after a commit. Lost ones are caught by the sweep in the timetable. */
import { z } from 'zod'
import { defineJob } from '../jobs/job.js'
import { dispatchPending } from './dispatch.js'

const nothing = z.object({})
const handler = async () => void (await dispatchPending())

export const dispatchJob = defineJob({ name: 'events.dispatch', scope: 'tenant', payload: nothing, handler })
export const dispatchCentralJob = defineJob({ name: 'events.dispatch-central', scope: 'central', payload: nothing, handler })
