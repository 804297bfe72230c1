/** Finds out how a refund ended: its answer was lost, a worker died, the bank takes days, or it came back later. */
import { z } from 'zod'
import { NotFound, OutsideError, Refusal } from '../../../../shared/errors.js'
import { defineJob } from '../../../../shared/jobs/job.js'
import { tenantTransaction } from '../../../../shared/database/transaction.js'
import { record } from '../../../../shared/events/record.js'
import { currentTenant } from '../../../../shared/tenancy/context.js'
import { clock } from '../../../../shared/time/clock.js'
import { GatewayAccount } from '../gateways/gateway-account.js'
import { countLook } from '../looks.js'
import { Payment } from '../payment.js'
import { Refund } from './refund.js'
import { followRefund, sendRefund } from './send-refund.js'
import { failRefund, succeedRefund } from './settle-refund.js'

const resolution = defineJob({
  name: 'payments.resolve-refund', scope: 'tenant', payload: z.object({ refundId: z.number().int() }), attempts: 3, backoffSeconds: 60,
  handler: async ({ refundId }) => {
    const refund = await Refund.query().findById(refundId)
    if (refund) await resolveRefund(refund)
  },
})

/** Asks for a look at every open refund whose time has come. The timetable runs it. */
export async function resolveDueRefunds(now: Date): Promise<void> {
  const due = await Refund.query().whereIn('status', ['pending', 'unknown', 'processing']).where('nextCheckAt', '<=', now).orderBy('nextCheckAt').limit(200).select('id')
  for (const { id } of due) await resolution.enqueue({ refundId: id }, { key: `payments.resolve-refund:${id}` })
}

/** One look; the row as it stands then. Safe to repeat. */
export async function resolveRefund(given: Refund, now = clock.now()): Promise<Refund> {
  if (!given.isOpen) return given
  try {
    const refund = await look(given, now)
    if (refund.isOpen && refund.status === given.status) await looked(refund, now)
    return refund
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    await looked(given, now) // the gateway is silent: the refund stays as unknown as it was
    return Refund.findOwned({ id: given.id })
  }
}

async function look(refund: Refund, now: Date): Promise<Refund> {
  const payment = await Payment.findOwned({ id: refund.paymentId })
  const account = await GatewayAccount.findOwned({ id: payment.gatewayAccountId })
  const gateway = account.open()
  if (refund.gatewayRefundId !== null) return followRefund(refund, await gateway.retrieveRefund(refund.gatewayRefundId), now)
  const found = payment.gatewayPaymentId === null ? null : await gateway.findRefund({ paymentId: payment.gatewayPaymentId, refund: refund.publicId })
  if (found) return followRefund(refund, found, now)
  return now.getTime() - refund.createdAt.getTime() < gateway.keyLifeMs ? sendRefund(refund) : refund
}

const looked = (refund: Refund, now: Date): Promise<void> => countLook(refund, now, {
  title: 'A refund needs a person', message: 'We could not find out how this refund ended. Look it up at the gateway and resolve it on its payment’s page.', fields: { refund: refund.publicId },
})

/** The gateway said that something about a refund changed: fetch it, keep what is true now; also a refund that fails after it succeeded. */
export async function syncRefund(account: GatewayAccount, gatewayRefundId: string): Promise<'processed' | 'ignored'> {
  const truth = await account.open().retrieveRefund(gatewayRefundId)
  const mark = truth.metadata.refund
  const refund = (await Refund.query().findOne({ gatewayRefundId })) ?? (mark && truth.metadata.tenant === currentTenant().uuid ? await Refund.query().findOne({ publicId: mark }) : undefined)
  if (!refund) return 'ignored' // made by hand at the gateway: the daily comparison reports it
  const payment = await Payment.findOwned({ id: refund.paymentId })
  if (payment.gatewayAccountId !== account.id) return 'ignored'
  await followRefund(refund, truth)
  return 'processed'
}

/** Staff looked it up at the gateway. Throws Refusal when it is not open. */
export async function resolveRefundByHand(given: Refund, how: 'succeeded' | 'failed', reason: string, now = clock.now()): Promise<void> {
  await tenantTransaction(async (trx) => {
    const payment = await Payment.query().findById(given.paymentId).forUpdate()
    const refund = await Refund.query().findById(given.id).forUpdate()
    if (!payment || !refund) throw new NotFound('refund')
    if (!refund.isOpen) throw new Refusal('refund.settled', 'This refund has an end already.')
    if (how === 'succeeded') await succeedRefund(trx, refund, payment, refund.gatewayRefundId, now)
    else await failRefund(trx, refund, payment, reason, now)
    await record('refund.resolved-by-hand', refund, { how, reason }, { userId: refund.userId })
  })
}
