/** How the shop bills metered use between the ends of months: its own choices. */
import { z } from 'zod'
import { defineSetting } from '../../settings/setting.js'

export interface UsageSettings {
  /** By currency, minor units: use that reached this much and stands on no invoice yet is billed at once, by an interim invoice. A currency without an amount waits for the month's end. */
  readonly interim: Readonly<Record<string, number>>
  /** What becomes of running workspaces whose customer pays from credit and has used it all up: a warning only, or a stop. Never less than the warning. */
  readonly lowCredit: 'warn' | 'stop'
}

export const usageSettings = defineSetting<UsageSettings>('billing.usage', z.object({
  interim: z.record(z.string().regex(/^[A-Z]{3}$/), z.number().int().positive().max(1_000_000_000)), lowCredit: z.enum(['warn', 'stop']),
}), { interim: {}, lowCredit: 'warn' })
