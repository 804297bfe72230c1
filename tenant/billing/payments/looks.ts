/** Looking again at what a gateway left open: a payment, a refund or an answer to a dispute. When, how often, and when a person must. */
import { alert } from '../../../shared/alerts/alert.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import type { DisputeAnswer } from './disputes/dispute-answer.js'
import type { Refund } from './refunds/refund.js'
import type { Payment } from './payment.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** Waits between looks after an answer was lost. After the last one staff is asked. */
const waits = [5 * MINUTE, HOUR, DAY, DAY, DAY, DAY, DAY] as const

/** When to look next, after `checks` looks; null: a person must. */
export function nextLook(checks: number, now: Date): Date | null {
  const wait = waits[checks]
  return wait === undefined ? null : new Date(now.getTime() + wait)
}

/** Nothing new: look again later, or ask a person. Of several that looked at once, one counts. */
export async function countLook(row: Payment | Refund | DisputeAnswer, now: Date, person: { title: string; message: string; fields: Record<string, string> }): Promise<void> {
  const [checks, nextCheckAt] = [row.checks + 1, nextLook(row.checks + 1, now)]
  const { tableName } = row.constructor as typeof Payment | typeof Refund | typeof DisputeAnswer
  const changed = await tenantDb()(tableName).where({ id: row.id, status: row.status, checks: row.checks }).update({ checks, next_check_at: nextCheckAt, updated_at: now })
  if (changed && !nextCheckAt) await alert({ level: 'error', ...person })
}
