/** What a job carries in the store: whose it is, which version of the payload, and the payload itself. */
import { z } from 'zod'

export const storedJob = z.object({
  /** Uuid of the tenant it runs as; null: central. */
  tenant: z.guid().nullable(),
  /** Version of the payload's shape. */
  v: z.number().int(),
  payload: z.unknown(),
  /** Equal jobs that wait are one. */
  key: z.string().optional(),
  /** How far the tenant's sandbox clock ran ahead, in milliseconds, when the time of this job was translated to real time. */
  offset: z.number().optional(),
  /** The request or job that asked for it, for the log. */
  from: z.string().optional(),
})
export type StoredJob = z.infer<typeof storedJob>
