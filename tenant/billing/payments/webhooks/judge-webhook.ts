/** Which of our rows an event is about, and what the gateway says about it now. Changes nothing unless both agree. */
import { currentTenant } from '../../../../shared/tenancy/context.js'
import type { GatewayEvent } from '../../../../shared/payments/gateway-events.js'
import { Customer } from '../../../customers/customer.js'
import { findSetup, settleSetup } from '../methods/add-payment-method.js'
import { syncMethod } from '../methods/change-methods.js'
import { enqueueCollection } from '../collect-invoice.js'
import { DisputeMismatch, syncDispute } from '../disputes/dispute-sync.js'
import type { GatewayAccount } from '../gateways/gateway-account.js'
import { alone } from '../one-at-a-time.js'
import { Payment } from '../payment.js'
import { syncRefund } from '../refunds/resolve-refund.js'
import { assertSamePayment, PaymentMismatch, settlePayment } from '../settle-payment.js'
import type { WebhookEvent } from './webhook-event.js'

export type Verdict = { readonly status: 'processed' | 'ignored' } | { readonly status: 'parked'; readonly why: string }

const parked = (why: string): Verdict => ({ status: 'parked', why })

/** Throws OutsideError when the gateway does not answer: it is tried again. */
export async function judge(row: WebhookEvent, account: GatewayAccount): Promise<Verdict> {
  try {
    return await judgeBy(account.open().readEvent(row.payload), account)
  } catch (error) {
    if (error instanceof PaymentMismatch || error instanceof DisputeMismatch) return parked(error.message)
    if ((error as { code?: unknown }).code === 'resource_missing') return parked('The gateway does not know the object that this event is about.')
    throw error
  }
}

async function judgeBy(event: GatewayEvent, account: GatewayAccount): Promise<Verdict> {
  switch (event.about) {
    case 'payment':
      return judgePayment(event.objectId, account)
    case 'setup':
      return judgeSetup(event.objectId, event.user)
    case 'method':
      return { status: (await syncMethod(account, event.objectId, event.type === 'VAULT.PAYMENT-TOKEN.CREATED')) ? 'processed' : 'ignored' }
    case 'refund':
      return { status: await syncRefund(account, event.objectId) }
    case 'dispute':
      return { status: await syncDispute(account, event.objectId) }
    case 'other':
      return { status: 'ignored' }
  }
}

/** An order that the customer approved without coming back is captured here, while our row still waits for it. */
async function judgePayment(id: string, account: GatewayAccount): Promise<Verdict> {
  const gateway = account.open()
  const truth = await gateway.retrievePayment(id)
  const { tenant, attempt } = truth.metadata
  if (tenant === undefined && attempt === undefined) return { status: 'ignored' } // the reseller uses this account for something else, too
  if (tenant !== currentTenant().uuid) return parked('This payment was made for another shop.')
  const payment = await Payment.query().findOne({ publicId: attempt ?? '', gatewayAccountId: account.id })
  if (!payment) return parked(`The gateway has a payment ${id} that we know nothing about.`)
  await assertSamePayment(payment, truth)
  const approved = payment.isOpen && truth.status === 'requires_action' && truth.actionUrl === null
  const settled = await (approved ? alone(payment, async (fresh) => settlePayment(fresh, await (fresh.isOpen ? gateway.completePayment(id) : gateway.retrievePayment(id)))) : settlePayment(payment, truth))
  if (payment.isOpen && settled.status === 'failed' && settled.offSession && settled.invoiceId !== null) await enqueueCollection(settled.invoiceId)
  return { status: 'processed' }
}

async function judgeSetup(id: string, userPublicId: string | null): Promise<Verdict> {
  const customer = userPublicId === null ? undefined : await Customer.query().findOne({ publicId: userPublicId })
  if (!customer) return { status: 'ignored' }
  await settleSetup(await findSetup(customer, id), customer)
  return { status: 'processed' }
}
