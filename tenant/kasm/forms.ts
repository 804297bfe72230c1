import { z } from 'zod'

/** No field at all: a button. */
export const button = z.object({})
/** The name is typed to remove a workspace with its files. */
export const removal = z.object({ confirm: z.string().max(60).optional() })
