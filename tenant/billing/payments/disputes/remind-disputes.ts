/** Two days before a dispute must be answered, staff hears of it again, once. */
import { alert } from '../../../../shared/alerts/alert.js'
import { tenantTransaction } from '../../../../shared/database/transaction.js'
import { record } from '../../../../shared/events/record.js'
import { currentTenant } from '../../../../shared/tenancy/context.js'
import { clock } from '../../../../shared/time/clock.js'
import { formatDate, formatMoney } from '../../../../shared/views/format.js'
import { Dispute } from './dispute.js'
import { DisputeAnswer } from './dispute-answer.js'

const REMIND_MS = 2 * 86_400_000
/** The deadline is so near that the first news of the dispute is the reminder as well. */
export const isNear = (respondBy: Date | null, now: Date): boolean => respondBy !== null && respondBy.getTime() - now.getTime() <= REMIND_MS

/** From the timetable; may run at any time. An answer that is under way needs no reminder. */
export async function remindOfDisputes(now = clock.now()): Promise<void> {
  const due = await Dispute.waiting(now).whereNull('remindedAt').where('respondBy', '<=', new Date(now.getTime() + REMIND_MS)).limit(200)
  for (const dispute of due) if (!(await DisputeAnswer.latest(dispute.id))?.isUnderWay) await remind(dispute, now)
}

/** Of several that saw it at once, one finds it untold. */
async function remind({ id, publicId, userId, amountMinor, currency, respondBy, reasonText }: Dispute, now: Date): Promise<void> {
  const { timeZone, locale } = currentTenant()
  await tenantTransaction(async () => {
    const first = await Dispute.query().where({ id, needsAnswer: true }).whereNull('remindedAt').patch({ remindedAt: now })
    if (!first) return
    await record('dispute.due-soon', { type: 'disputes', id }, { amountMinor, currency, respondBy: respondBy?.toISOString() ?? null }, { userId })
    await alert({
      level: 'warning', title: 'A dispute must be answered soon', message: `${formatMoney(amountMinor, currency, locale)}: ${reasonText}. Answer it before ${formatDate(respondBy!, timeZone, locale, 'full')}.`, fields: { dispute: publicId },
    })
  })
}
