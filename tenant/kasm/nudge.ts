/** The nudge to look at a workspace that waits; the row is the truth. Its work is in pursue.ts, which every process that works loads. */
import { z } from 'zod'
import { defineJob } from '../../shared/jobs/job.js'

/** Set by pursue.ts when it loads. */
let work: (id: number) => Promise<void> = () => Promise.reject(new Error('pursue.ts is not loaded.'))
export function pursueWith(handler: (id: number) => Promise<void>): void {
  work = handler
}

export const pursuit = defineJob({ name: 'kasm.pursue', scope: 'tenant', payload: z.object({ id: z.number().int() }), alsoSuspended: true, handler: async ({ id }) => work(id) })

/** Needs no key: only the trier who holds the row queues the next try, and a nudge that comes too often finds nothing due. */
export const nudge = (id: number, at?: Date): Promise<void> => pursuit.enqueue({ id }, at ? { at } : {})
