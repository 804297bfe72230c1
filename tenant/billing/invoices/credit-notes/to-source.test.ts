import { expect } from 'chai'
import { newPublicId } from '../../../../shared/security/token.js'
import { clock } from '../../../../shared/time/clock.js'
import { newInvoice, usd } from '../../../scenarios/billing-world.js'
import { usePaymentWorld } from '../../../testing/payment-world.js'
import '../../../reactions.js'
import '../../../timetable.js'
import { auditTenant } from '../../audit.js'
import { creditBalance } from '../../credit/credit.js'
import { chargeInvoice } from '../../payments/charge-invoice.js'
import { Payment } from '../../payments/payment.js'
import { refundable } from '../../payments/refunds/refund-payment.js'
import { Refund } from '../../payments/refunds/refund.js'
import { matchTransfer } from '../../transfers/match-transfer.js'
import { recordTransfer } from '../../transfers/record-transfer.js'
import { Invoice } from '../invoice.js'
import { InvoiceLine } from '../invoice-line.js'
import { createCreditNote } from './create-credit-note.js'
import { CreditNote } from './credit-note.js'
import { keepAsCredit } from './keep-as-credit.js'

describe('Credit notes that send money back', function () {
  this.timeout(120_000)
  const world = usePaymentWorld()
  /** $10.00, $6.00 of it by transfer and then $4.00 by card. */
  const paidTwice = async () => {
    const customer = await world.customer()
    await world.card(customer)
    const invoice = await newInvoice(customer.id, 1000)
    const { transfer } = await recordTransfer({ key: 'k', receivedOn: '2026-11-01', amountMinor: 600, currency: 'USD', payer: 'a', reference: 'b' })
    const [byBank] = await matchTransfer(transfer, [{ invoiceId: invoice.id, amount: usd(600) }])
    await chargeInvoice(invoice, { offSession: false })
    const byCard = (await Payment.query().findOne({ status: 'succeeded' }).whereNotNull('gatewayAccountId'))!
    const line = (await InvoiceLine.query().findOne({ invoiceId: invoice.id }))!
    const note = async (amountMinor: number, key: string): Promise<CreditNote> => createCreditNote({ invoice: await Invoice.findOwned<Invoice>({ id: invoice.id }), lines: [{ lineId: line.id, amountMinor }], reason: 'x', to: 'source', key })
    return { customer, byBank: byBank!, byCard, note }
  }

  it('never name money that an earlier one has promised, also before its refund is under way', () => world.in(async () => {
    const { customer, byBank, byCard, note } = await paidTwice()
    const [a, b] = [await note(400, 'a'), await note(400, 'b')]
    expect([a.paymentId, b.paymentId]).to.deep.equal([byCard.id, byBank.id])
    expect([(await refundable(byCard)).minor, (await refundable(byBank)).minor]).to.deep.equal([0, 200])
    await world.jobs()
    expect((await Refund.query().orderBy('paymentId')).map((r) => [r.paymentId, r.amountMinor, r.status])).to.have.deep.members([[byBank.id, 400, 'succeeded'], [byCard.id, 400, 'succeeded']])
    expect([(await refundable(byCard)).minor, (await refundable(byBank)).minor, (await creditBalance(customer.id, 'USD')).minor]).to.deep.equal([0, 200, 0])
    expect(await auditTenant()).to.deep.equal([])
  }))

  it('leave the money as credit when the payment no longer holds it', () => world.in(async () => {
    const { customer, byCard, note } = await paidTwice()
    const made = await note(300, 'a')
    await Refund.query().insert({ publicId: newPublicId(), paymentId: byCard.id, userId: customer.id, destination: 'source', amountMinor: 200, fromCreditMinor: 0, currency: 'USD', status: 'processing', reason: 'Meanwhile', idempotencyKey: 'other', checks: 0, createdAt: clock.now() })
    await world.jobs()
    const kept = await CreditNote.findOwned<CreditNote>({ id: made.id })
    expect([kept.destination, kept.paymentId, (await creditBalance(customer.id, 'USD')).minor]).to.deep.equal(['balance', null, 300])
    await keepAsCredit(kept)
    expect((await creditBalance(customer.id, 'USD')).minor).to.equal(300)
  }))
})
