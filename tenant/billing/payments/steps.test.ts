import { expect } from 'chai'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { Refusal } from '../../../shared/errors.js'
import { dispatchPending } from '../../../shared/events/dispatch.js'
import { Money } from '../../../shared/money/money.js'
import { patience } from '../../../shared/payments/stripe-gateway.js'
import { newPublicId } from '../../../shared/security/token.js'
import { codeOf } from '../../../shared/testing/code-of.js'
import { clock } from '../../../shared/time/clock.js'
import { balances } from '../../scenarios/billing-world.js'
import { usePaymentWorld } from '../../testing/payment-world.js'
import { usePaypal } from '../../testing/paypal-world.js'
import type { Customer } from '../../customers/customer.js'
import '../../reactions.js'
import { auditTenant } from '../audit.js'
import { creditBalance } from '../credit/credit.js'
import { createCreditNote, type NewCreditNote } from '../invoices/credit-notes/create-credit-note.js'
import { draftInvoice } from '../invoices/draft-invoice.js'
import { Invoice } from '../invoices/invoice.js'
import { InvoiceLine } from '../invoices/invoice-line.js'
import { issueInvoice } from '../invoices/issue-invoice.js'
import { invoicePage } from '../invoices/present-invoice.js'
import { chargeInvoice } from './charge-invoice.js'
import { collectInvoice } from './collect-invoice.js'
import { payAll } from './pay-all.js'
import { payInvoice } from './pay-invoice.js'
import { refundPayment } from './refunds/refund-payment.js'
import { shareOf, type RefundFacts } from './refunds/refund-share.js'
import { resolvePayment } from './resolve-payment.js'
import { topUpCredit } from './top-ups/top-up.js'
import { methodOptions, refusingNote, steppedNote } from './methods/ways-to-pay.js'

const kwd = (minor: number): Money => Money.of(minor, 'KWD')

describe('Dinars, which cards take in tens of fils', () => {
  const world = usePaymentWorld()
  const paypal = usePaypal(world)
  const customer = (): Promise<Customer> => world.customer({ currency: 'KWD' })
  const invoice = (userId: number, amountMinor: number): Promise<Invoice> => tenantTransaction(async (trx) => {
    const key = `test:${newPublicId()}`
    const drafted = await draftInvoice(trx, { businessKey: key, userId, kind: 'manual', currency: 'KWD', lines: [{ businessKey: `${key}:1`, kind: 'manual', description: 'Work', amountMinor }] })
    return issueInvoice(drafted.invoice)
  })
  const charged = (): unknown[] => world.stripe.account('acme').all('payment_intent').filter((p) => p.status === 'succeeded').map((p) => p.amount)
  const sent = (): unknown[] => world.stripe.account('acme').all('refund').map((r) => r.amount)
  const held = async (who: Customer): Promise<number> => (await creditBalance(who.id, 'KWD')).minor
  const again = (i: Invoice): Promise<Invoice> => Invoice.findOwned({ id: i.id })
  const receipt = async (): Promise<string> => ((await tenantDb()('mail_messages').where({ letter: 'payment-receipt' }).orderBy('id', 'desc').first('text')) as { text: string }).text.replace(/\s+/g, ' ')
  const note = (of: Invoice, lines: NewCreditNote['lines'], key: string) => createCreditNote({ invoice: of, lines, to: 'source', key, reason: 'Outage' })
  const lineOf = async (of: Invoice): Promise<number> => (await InvoiceLine.query().findOne({ invoiceId: of.id }))!.id
  const paid = async (minor = 1167): Promise<{ who: Customer; bill: Invoice }> => {
    const who = await customer()
    await world.card(who)
    const bill = await invoice(who.id, minor)
    await chargeInvoice(bill, { offSession: true })
    return { who, bill }
  }

  it('charges the next ten fils, by itself and on the page, and the difference is the customer’s credit', () => world.in(async () => {
    const who = await customer()
    const card = await world.card(who)
    const first = await invoice(who.id, 1167)
    expect(await steppedNote(first.balance)).to.match(/0\.010: yours is charged KWD\s1\.170, and KWD\s0\.003 is added/)
    expect((await collectInvoice(first))?.kind).to.equal('paid')
    expect([charged(), await held(who), (await again(first)).status]).to.deep.equal([[1170], 3, 'paid'])
    expect(await receipt()).to.match(/1\.170/).and.to.match(/0\.003 of it is more than the invoice asked for/)
    expect((await invoicePage(await again(first), clock.now())).payments[0]!.note).to.match(/1\.170 were paid, KWD\s0\.003 of it became credit/)
    // The next invoice takes the 3 fils first, and the rest is charged to the step again.
    const second = await invoice(who.id, 1011)
    expect((await payInvoice(who, second, card.publicId, 0)).flash.kind).to.equal('good')
    expect([charged(), await held(who)]).to.deep.equal([[1170, 1010], 2])
    const even = await invoice(who.id, 1002)
    await chargeInvoice(even, { offSession: true })
    expect([charged(), await held(who), await steppedNote(kwd(1000))]).to.deep.equal([[1170, 1010, 1000], 0, null])
    expect(await auditTenant()).to.deep.equal([])
  }))

  it('charges several invoices to the step of their sum, each paid to the fils', () => world.in(async () => {
    const who = await customer()
    const card = await world.card(who)
    const [a, b] = [await invoice(who.id, 1167), await invoice(who.id, 1166)]
    expect((await payAll(who, [a.id, b.id], card, 'key1')).kind).to.equal('paid')
    expect([charged(), await held(who), (await again(a)).paidMinor, (await again(b)).paidMinor]).to.deep.equal([[2340], 7, 1167, 1166])
    expect(await auditTenant()).to.deep.equal([])
  }))

  it('finds a charge whose answer was lost, with the same amount and the same credit', () => world.in(async () => {
    patience.timeoutMs = 400
    const who = await customer()
    await world.card(who)
    const bill = await invoice(who.id, 1167)
    world.stripe.faults.request({ kind: 'timeout-after', method: 'POST', path: '/v1/payment_intents', times: 2 })
    expect((await chargeInvoice(bill, { offSession: true })).kind).to.equal('checking')
    world.stripe.faults.clear()
    await resolvePayment((await world.payments())[0]!, new Date(clock.now().getTime() + 6 * 60_000))
    patience.timeoutMs = 20_000
    expect([charged(), await held(who), (await again(bill)).status]).to.deep.equal([[1170], 3, 'paid'])
    expect(await auditTenant()).to.deep.equal([])
  }))

  it('sends the whole back, the rest of rounding with it', () => world.in(async () => {
    const { who, bill } = await paid()
    await note(bill, 'rest', 'whole')
    await dispatchPending()
    expect([sent(), await held(who), (await balances())['refunds']]).to.deep.equal([[1170], 0, undefined])
    expect(await auditTenant()).to.deep.equal([])
  }))

  it('sends parts in whole steps and keeps the fils between as credit, until all is back', () => world.in(async () => {
    const { who, bill } = await paid()
    await note(bill, [{ lineId: await lineOf(bill), amountMinor: 505 }], 'a')
    await dispatchPending()
    // 505 lies 5 above a step, and only 3 fils of this payment lie on the credit: 500 are sent, 5 more become credit.
    expect([sent(), await held(who), (await balances())['refunds']]).to.deep.equal([[500], 8, undefined])
    await note(bill, 'rest', 'b')
    await dispatchPending()
    // 662 and the 8 fils: all that was charged is back.
    expect([sent(), await held(who), (await balances())['refunds']]).to.deep.equal([[500, 670], 0, undefined])
    expect(await auditTenant()).to.deep.equal([])
  }))

  it('sends the step below when the rest of rounding is spent', () => world.in(async () => {
    const { who, bill } = await paid()
    await invoice(who.id, 3)
    expect(await held(who)).to.equal(0)
    await note(bill, 'rest', 'whole')
    await dispatchPending()
    expect([sent(), await held(who), (await balances())['refunds']]).to.deep.equal([[1160], 7, undefined])
    expect(await auditTenant()).to.deep.equal([])
  }))

  it('gives less than a step as credit', () => world.in(async () => {
    const { who, bill } = await paid(1160)
    await note(bill, [{ lineId: await lineOf(bill), amountMinor: 6 }], 'tiny')
    await dispatchPending()
    expect([sent(), await held(who), (await balances())['refunds']]).to.deep.equal([[], 6, undefined])
    expect(await auditTenant()).to.deep.equal([])
  }))

  it('says which refunds the bank can send', () => world.in(async () => {
    const { bill } = await paid()
    const payment = (await world.payments())[0]!
    const wish = (minor: number) => refundPayment({ payment, amount: kwd(minor), to: 'source', reason: 'Sorry', key: `k${minor}` })
    expect(await wish(1165).catch((e: unknown) => (e as Error).message)).to.contain('refund 1.160 or 1.170')
    expect(await codeOf(wish(1160))).to.equal('done')
    expect([sent(), (await again(bill)).status]).to.deep.equal([[1160], 'paid'])
    expect(await auditTenant()).to.deep.equal([])
  }))

  it('tops up in steps only, and offers no PayPal', () => world.in(async () => {
    const who = await customer()
    const card = await world.card(who)
    expect(await topUpCredit(who, kwd(5005), 'k1', card).catch((e: { fields: Record<string, string> }) => e.fields['amount'])).to.contain('steps of 0.010')
    expect((await topUpCredit(who, kwd(5010), 'k2', card)).kind).to.equal('paid')
    const account = await paypal.save(await world.customer())
    await account.$query().patch({ userId: who.id, isDefault: false })
    expect((await methodOptions(who, 'KWD')).map((o) => [o.label, o.disabled, o.text])).to.deep.equal([[card.label, false, 'Your default'], [account.label, true, 'Does not take KWD']])
    expect(await refusingNote('KWD')).to.equal('PayPal does not take KWD, so it is not offered here.')
    expect(await refusingNote('USD')).to.equal(null)
    // Without the customer a method that cannot take dinars is passed over, though it is the default.
    await card.$query().patch({ isDefault: false })
    await account.$query().patch({ isDefault: true })
    expect((await collectInvoice(await invoice(who.id, 9000)))?.kind).to.equal('paid')
  }))
})

describe('The share of credit in a refund', () => {
  const share = (facts: Partial<RefundFacts> & { minor: number }) => {
    const { amount, fromCreditMinor } = shareOf({ step: 10, appliedLeft: 1167, creditLeft: 3, held: 3, ofCreditNote: true, wanted: kwd(facts.minor), ...facts })
    return [amount.minor, fromCreditMinor]
  }
  it('takes the rest of rounding along when it covers the step exactly, and not a fils beyond', () => {
    expect([share({ minor: 1167 }), share({ minor: 1166 }), share({ minor: 1167, held: 2 }), share({ minor: 1160 }), share({ minor: 7 }), share({ minor: 6 })]).to.deep.equal([[1170, 3], [1160, -6], [1160, -7], [1160, 0], [10, 3], [0, -6]])
  })
  it('gives back what was paid too much before what an invoice took, where amounts have no steps', () => {
    expect([share({ step: 1, minor: 1168, ofCreditNote: false }), share({ step: 1, minor: 2, ofCreditNote: false }), share({ step: 10, minor: 10, ofCreditNote: false })]).to.deep.equal([[1168, 3], [2, 2], [10, 0]])
    expect(() => share({ step: 1, minor: 1168, ofCreditNote: false, held: 2 })).to.throw(Refusal)
  })
})
