import { expect } from 'chai'
import { dispatchPending } from '../../../../shared/events/dispatch.js'
import { codeOf } from '../../../../shared/testing/code-of.js'
import { balances, newInvoice, usd } from '../../../scenarios/billing-world.js'
import { usePaymentWorld } from '../../../testing/payment-world.js'
import '../../../reactions.js'
import { auditTenant } from '../../audit.js'
import { chargeInvoice } from '../../payments/charge-invoice.js'
import { refundPayment } from '../../payments/refunds/refund-payment.js'
import { Refund } from '../../payments/refunds/refund.js'
import { createCreditNote, type NewCreditNote } from './create-credit-note.js'
import type { CreditNote } from './credit-note.js'
import { InvoiceLine } from '../invoice-line.js'
import type { Invoice } from '../invoice.js'

describe('A credit note to where the money came from', () => {
  const world = usePaymentWorld()
  const sent = (): unknown[] => world.stripe.account('acme').all('refund').map((r) => r.amount)
  const paid = async (): Promise<{ invoice: Invoice; lineId: number }> => {
    const customer = await world.customer()
    await world.card(customer)
    const invoice = await newInvoice(customer.id, 2000)
    await chargeInvoice(invoice, { offSession: true })
    return { invoice, lineId: (await InvoiceLine.query().findOne({ invoiceId: invoice.id }))!.id }
  }
  const note = (invoice: Invoice, lines: NewCreditNote['lines'], key: string, to: NewCreditNote['to'] = 'source'): Promise<CreditNote> => createCreditNote({ invoice, lines, to, key, reason: 'Outage' })

  it('refunds the payment once, by the reaction, and the books are even', () => world.in(async () => {
    const { invoice, lineId } = await paid()
    await note(invoice, [{ lineId, amountMinor: 750 }], 'a')
    expect((await balances())['refunds']).to.equal(-750)
    expect(sent()).to.deep.equal([])
    await dispatchPending()
    await dispatchPending()
    expect(sent()).to.deep.equal([750])
    const after = await balances()
    expect([after['refunds'], after['revenue:other']]).to.deep.equal([undefined, -1250])
    await note(invoice, 'rest', 'b')
    await dispatchPending()
    expect(sent()).to.deep.equal([750, 1250])
    expect(await codeOf(note(invoice, 'rest', 'c'))).to.equal('credit-note.nothing')
    expect((await Refund.query()).map((r) => r.status)).to.deep.equal(['succeeded', 'succeeded'])
    expect(await auditTenant()).to.deep.equal([])
  }))

  it('is refused for money that no payment holds, or that was refunded already', () => world.in(async () => {
    const { invoice, lineId } = await paid()
    await refundPayment({ payment: (await world.payments())[0]!, amount: usd(1500), to: 'source', reason: 'Sorry', key: 'plain' })
    expect(await codeOf(note(invoice, [{ lineId, amountMinor: 501 }], 'd', 'balance'))).to.equal('credit-note.unpaid')
    expect(await codeOf(note(invoice, [{ lineId, amountMinor: 501 }], 'e'))).to.equal('credit-note.unpaid')
    expect(await codeOf(note(invoice, [{ lineId, amountMinor: 500 }], 'f'))).to.equal('done')
  }))
})
