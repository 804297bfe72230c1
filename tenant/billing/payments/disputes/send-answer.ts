/**
 * Sends the answer, or gives in: claim → gateway → settle. The row with its key is committed before the gateway is asked, so two clicks and two workers send
 * one answer. Books nothing: the dispute's own end does, when the gateway tells it.
 */
import { OutsideError, refuse, Refusal } from '../../../../shared/errors.js'
import { tenantTransaction } from '../../../../shared/database/transaction.js'
import { record } from '../../../../shared/events/record.js'
import { currentTenant } from '../../../../shared/tenancy/context.js'
import { clock } from '../../../../shared/time/clock.js'
import { GatewayAccount } from '../gateways/gateway-account.js'
import { nextLook } from '../looks.js'
import { Dispute } from './dispute.js'
import { DisputeAnswer, type AnswerKind } from './dispute-answer.js'
import { syncDispute } from './dispute-sync.js'
import { answerToWrite } from './draft-answer.js'
import { printReceipt, type Receipt } from './receipt.js'
import { answerArrived, answerReturned, holdAnswer } from './settle-answer.js'

/** `version`: of the draft that the person saw. Throws Refusal; never when the gateway is silent or says no: the row tells. Outside transactions. */
export async function sendAnswer(given: Dispute, version: number, now = clock.now()): Promise<DisputeAnswer> {
  const draft = await DisputeAnswer.latest(given.id)
  refuse((await Dispute.findOwned<Dispute>({ id: given.id })).refusalToAnswer(now, draft))
  const receipt = draft?.attachReceipt ? await printReceipt(given) : null
  return deliverAnswer(await claim(given.id, 'evidence', now, { version, receipt }))
}

/** The customer keeps the money. Throws Refusal, as sendAnswer() does. */
export async function acceptDispute(given: Dispute, now = clock.now()): Promise<DisputeAnswer> {
  return deliverAnswer(await claim(given.id, 'acceptance', now))
}

async function claim(disputeId: number, kind: AnswerKind, now: Date, shown?: { version: number; receipt: Receipt | null }): Promise<DisputeAnswer> {
  return tenantTransaction(async () => {
    const { dispute, answer } = await answerToWrite(disputeId, now)
    refuse(kind === 'acceptance' ? dispute.refusalToAccept(now, answer) : refusalToSend(answer, shown?.version))
    const tries = answer.tries + 1
    await answer.become('sending', {
      kind, tries, idempotencyKey: `${currentTenant().uuid}:dispute:${dispute.id}:${answer.round}:${tries}`, receipt: shown?.receipt?.content ?? null, receiptName: shown?.receipt?.filename ?? null,
      submissionsBefore: dispute.submissions, claimedAt: now, nextCheckAt: nextLook(0, now), checks: 0, problem: null,
    })
    await record(kind === 'acceptance' ? 'dispute.acceptance-approved' : 'dispute.answer-approved', dispute, { round: answer.round, receipt: answer.receiptName }, { userId: dispute.userId })
    return DisputeAnswer.findOwned<DisputeAnswer>({ id: answer.id })
  })
}

function refusalToSend({ evidence, version }: DisputeAnswer, shown: number | undefined): Refusal | null {
  if (!Object.values(evidence).some(Boolean)) return new Refusal('dispute.empty', 'There is nothing to send yet. Write the answer first.')
  return version === shown ? null : new Refusal('dispute.changed', 'The answer has changed since you looked at it. Look at it again, then send it.')
}

/** The slow half, for a row that is under way; the row as it stands then. Safe to repeat: one key acts once. */
export async function deliverAnswer(answer: DisputeAnswer): Promise<DisputeAnswer> {
  const dispute = await Dispute.findOwned<Dispute>({ id: answer.disputeId })
  const account = await GatewayAccount.findOwned<GatewayAccount>({ id: dispute.gatewayAccountId })
  try {
    await call(account, dispute, answer)
    await tenantTransaction(async () => {
      const held = await holdAnswer(answer)
      if (held) await answerArrived(held, clock.now())
    })
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    await noteTrouble(answer, account, error)
  }
  await look(account, dispute)
  return DisputeAnswer.findOwned<DisputeAnswer>({ id: answer.id })
}

async function call(account: GatewayAccount, dispute: Dispute, answer: DisputeAnswer): Promise<void> {
  const { gatewayDisputeId: disputeId, reason } = dispute
  const key = answer.idempotencyKey ?? ''
  if (answer.kind === 'acceptance') return account.open().acceptDispute({ key, disputeId })
  const receipt = answer.receipt && answer.receiptName ? { filename: answer.receiptName, contentType: 'application/pdf' as const, content: answer.receipt } : null
  return account.open().submitEvidence({ key, disputeId, reason, evidence: answer.evidence, receipt })
}

/** Lost: the dispute will tell. Not now: it stays under way, and is sent again. A clear no comes back to staff, unless the dispute says that it had arrived before. */
async function noteTrouble(answer: DisputeAnswer, account: GatewayAccount, error: OutsideError): Promise<void> {
  const lost = error.unknown || error.retryable
  const before = lost ? null : await fate(account, answer)
  await tenantTransaction(async () => {
    const held = await holdAnswer(answer)
    if (!held) return
    if (error.unknown && held.answer.status === 'sending') await held.answer.become('unknown', { nextCheckAt: nextLook(0, clock.now()) })
    if (lost || before === 'unclear') return
    if (before === 'arrived') await answerArrived(held, clock.now())
    else await answerReturned(held, `${account.label} did not take it${error.code ? ` (${error.code})` : ''}. Nothing was sent.`)
  })
}

async function fate(account: GatewayAccount, answer: DisputeAnswer): Promise<'arrived' | 'missing' | 'pointless' | 'unclear'> {
  const { gatewayDisputeId } = await Dispute.findOwned<Dispute>({ id: answer.disputeId })
  return account.open().retrieveDispute(gatewayDisputeId).then((truth) => answer.fateIn(truth), (error: unknown) => {
    if (!(error instanceof OutsideError)) throw error
    return 'unclear'
  })
}

/** The dispute has moved by our answer: the row and the books follow at once, or with the gateway's event. */
async function look(account: GatewayAccount, dispute: Dispute): Promise<void> {
  await syncDispute(account, dispute.gatewayDisputeId).catch((error: unknown) => {
    if (!(error instanceof OutsideError)) throw error
  })
}
