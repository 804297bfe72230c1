/** Finds out what became of an answer: the gateway's word was lost, a worker died, or an accepted dispute has not ended yet. */
import { z } from 'zod'
import { OutsideError } from '../../../../shared/errors.js'
import { defineJob } from '../../../../shared/jobs/job.js'
import { tenantTransaction } from '../../../../shared/database/transaction.js'
import { clock } from '../../../../shared/time/clock.js'
import { GatewayAccount } from '../gateways/gateway-account.js'
import { countLook } from '../looks.js'
import { Dispute } from './dispute.js'
import { DisputeAnswer } from './dispute-answer.js'
import { followDispute } from './dispute-sync.js'
import { deliverAnswer } from './send-answer.js'
import { answerReturned, holdAnswer } from './settle-answer.js'

const resolution = defineJob({
  name: 'disputes.resolve-answer', scope: 'tenant', payload: z.object({ answerId: z.number().int() }), attempts: 3, backoffSeconds: 60,
  handler: async ({ answerId }) => {
    const answer = await DisputeAnswer.query().findById(answerId)
    if (answer) await resolveAnswer(answer)
  },
})

/** Asks for a look at every answer whose time has come. The timetable runs it. */
export async function resolveDueAnswers(now: Date): Promise<void> {
  const due = await DisputeAnswer.query().where('nextCheckAt', '<=', now).orderBy('nextCheckAt').limit(200).select('id')
  for (const { id } of due) await resolution.enqueue({ answerId: id }, { key: `disputes.resolve-answer:${id}` })
}

/** One look; the row as it stands then. Safe to repeat. */
export async function resolveAnswer(given: DisputeAnswer, now = clock.now()): Promise<DisputeAnswer> {
  const dispute = await Dispute.findOwned<Dispute>({ id: given.disputeId })
  const account = await GatewayAccount.findOwned<GatewayAccount>({ id: dispute.gatewayAccountId })
  try {
    const followed = await followDispute(dispute, await account.open().retrieveDispute(dispute.gatewayDisputeId), now)
    const answer = await DisputeAnswer.findOwned<DisputeAnswer>({ id: given.id })
    if (answer.isUnderWay) await (followed.isLate(now) ? giveBack(answer) : deliverAnswer(answer))
    else if (!followed.isOpen && answer.nextCheckAt) await DisputeAnswer.query().patch({ nextCheckAt: null }).where({ id: answer.id })
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error // the gateway is silent: the answer stays as unknown as it was
  }
  const after = await DisputeAnswer.findOwned<DisputeAnswer>({ id: given.id })
  if (after.nextCheckAt && after.checks === given.checks) await looked(after, now)
  return DisputeAnswer.findOwned<DisputeAnswer>({ id: given.id })
}

async function giveBack(given: DisputeAnswer): Promise<void> {
  await tenantTransaction(async () => {
    const held = await holdAnswer(given)
    if (held) await answerReturned(held, 'It did not arrive before the deadline.')
  })
}

const looked = (answer: DisputeAnswer, now: Date): Promise<void> => countLook(answer, now, {
  title: 'An answer to a dispute needs a person', message: 'We could not find out whether it arrived. Look it up at the gateway.', fields: { answer: answer.publicId },
})
