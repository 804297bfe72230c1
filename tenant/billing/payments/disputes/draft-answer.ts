/** Keeps what staff writes, before anything is sent. */
import { refuse } from '../../../../shared/errors.js'
import { tenantTransaction } from '../../../../shared/database/transaction.js'
import { record } from '../../../../shared/events/record.js'
import type { Evidence } from '../../../../shared/payments/gateway-disputes.js'
import { newPublicId } from '../../../../shared/security/token.js'
import { clock } from '../../../../shared/time/clock.js'
import { Dispute } from './dispute.js'
import { DisputeAnswer } from './dispute-answer.js'

export interface AnswerWish { readonly evidence: Evidence; readonly attachReceipt: boolean }
export const nothingSaid: Evidence = {
  customerName: '', customerEmail: '', customerAddress: '', purchaseIp: '', productDescription: '', servicePeriod: '', agreement: '', accessLog: '', refundPolicy: '', cancellationPolicy: '', statement: '',
}

/** Throws Refusal when the dispute takes no answer. */
export async function draftAnswer(given: Dispute, wish: AnswerWish, now = clock.now()): Promise<DisputeAnswer> {
  return tenantTransaction(async () => {
    const { dispute, answer } = await answerToWrite(given.id, now)
    await answer.$query().patch({ ...wish, kind: 'evidence', version: answer.version + 1 })
    await record('dispute.answer-drafted', dispute, { round: answer.round }, { userId: dispute.userId })
    return DisputeAnswer.findOwned<DisputeAnswer>({ id: answer.id })
  })
}

/** The dispute's open draft, both locked; a new one where there is none. In a transaction. Throws Refusal. */
export async function answerToWrite(disputeId: number, now: Date): Promise<{ dispute: Dispute; answer: DisputeAnswer }> {
  const dispute = await Dispute.query().findById(disputeId).forUpdate().throwIfNotFound()
  const latest = await DisputeAnswer.query().where({ disputeId }).orderBy('round', 'desc').forUpdate().first()
  refuse(dispute.refusalToAnswer(now, latest ?? null))
  if (latest?.status === 'draft') return { dispute, answer: latest }
  const answer = await DisputeAnswer.query().insertAndFetch({ publicId: newPublicId(), disputeId, round: (latest?.round ?? 0) + 1, kind: 'evidence', status: 'draft', evidence: nothingSaid, attachReceipt: false })
  return { dispute, answer }
}
