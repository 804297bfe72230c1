/** The nudge after a commit. Lost ones are caught by the sweep in the timetable. */
import { z } from 'zod'
import { defineJob } from '../jobs/job.js'
import { deliverPending } from './deliver.js'

const nothing = z.object({})
const handler = async () => void (await deliverPending())

export const deliverMail = defineJob({ name: 'mail.deliver', scope: 'tenant', payload: nothing, handler })
export const deliverCentralMail = defineJob({ name: 'mail.deliver-central', scope: 'central', payload: nothing, handler })
