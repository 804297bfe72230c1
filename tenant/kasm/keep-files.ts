/** How long the files of a removed workspace are kept. Form: the desk's settings. */
import { z } from 'zod'
import { defineSetting } from '../settings/setting.js'

/** `days`: 24 hours each; 0: a removed workspace goes at once. */
export interface KeepFiles { readonly days: number }
export const keepFiles = defineSetting<KeepFiles>('workspaces.keep-files', z.object({ days: z.number().int().min(0).max(90) }), { days: 7 })
