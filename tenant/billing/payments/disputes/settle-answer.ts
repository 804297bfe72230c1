/** How an answer ends: it has arrived, or it certainly has not. Each locks the dispute before the answer, and does nothing when somebody was first. */
import { tenantTransaction } from '../../../../shared/database/transaction.js'
import { record } from '../../../../shared/events/record.js'
import type { GatewayDispute } from '../../../../shared/payments/gateway-disputes.js'
import { nextLook } from '../looks.js'
import { Dispute } from './dispute.js'
import { DisputeAnswer } from './dispute-answer.js'

export interface Held { readonly dispute: Dispute; readonly answer: DisputeAnswer }

/** Both rows, locked; null when the answer is not under way any more. In a transaction. */
export async function holdAnswer(given: DisputeAnswer): Promise<Held | null> {
  const dispute = await Dispute.query().findById(given.disputeId).forUpdate().throwIfNotFound()
  const answer = await DisputeAnswer.query().findById(given.id).forUpdate().throwIfNotFound()
  return answer.isUnderWay ? { dispute, answer } : null
}

/** The gateway has it. An acceptance is looked at until the dispute has ended: only then are the books right. */
export async function answerArrived({ dispute, answer }: Held, now: Date): Promise<void> {
  const accepted = answer.kind === 'acceptance'
  await answer.become('sent', { settledAt: now, problem: null, checks: 0, nextCheckAt: accepted && dispute.isOpen ? nextLook(0, now) : null })
  await Dispute.query().patch({ needsAnswer: false, answeredAt: now }).where({ id: dispute.id })
  await record(accepted ? 'dispute.accepted' : 'dispute.answered', dispute, { round: answer.round, amountMinor: dispute.amountMinor, currency: dispute.currency, receipt: answer.receiptName }, { userId: dispute.userId })
}

/** Nothing has arrived: staff may change it and send it again, as something new. */
export async function answerReturned({ dispute, answer }: Held, why: string): Promise<void> {
  await answer.become('draft', { problem: why.slice(0, 255), idempotencyKey: null, nextCheckAt: null, receipt: null, receiptName: null, version: answer.version + 1 })
  await record('dispute.answer-returned', dispute, { round: answer.round, why }, { userId: dispute.userId })
}

/** The answer's end as the dispute tells it. 'missing': it is still wanted, and not there. */
export async function settleByTruth(given: DisputeAnswer, truth: GatewayDispute, now: Date): Promise<'settled' | 'missing'> {
  return tenantTransaction(async () => {
    const held = await holdAnswer(given)
    if (!held) return 'settled'
    const fate = held.answer.fateIn(truth)
    if (fate === 'arrived') await answerArrived(held, now)
    else if (fate === 'pointless') await answerReturned(held, 'The dispute went on without this answer: it was not sent.')
    return fate === 'missing' ? 'missing' : 'settled'
  })
}
