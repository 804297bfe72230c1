import { expect } from 'chai'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import type { GatewayTransaction } from '../../../shared/payments/gateway-transactions.js'
import { setClock } from '../../../shared/testing/world.js'
import { balances, newInvoice, usd } from '../../scenarios/billing-world.js'
import { usePaymentWorld } from '../../testing/payment-world.js'
import { auditTenant } from '../audit.js'
import { chargeInvoice } from '../payments/charge-invoice.js'
import { Payment } from '../payments/payment.js'
import { disconnectAccount } from '../payments/gateways/change-account.js'
import { GatewayAccount } from '../payments/gateways/gateway-account.js'
import { refundPayment } from '../payments/refunds/refund-payment.js'
import { AuditFinding, explainFinding } from './audit-finding.js'
import { compare, type OurMove } from './compare.js'
import { auditNightly } from './nightly.js'
import { reconcileGateways } from './reconcile.js'
import { storeFindings } from './store-findings.js'

const at = (iso: string): Date => new Date(iso)
const window = { since: at('2026-11-01T00:00:00Z'), until: at('2026-11-08T00:00:00Z') }
const ours = (more: Partial<OurMove> = {}): OurMove => ({ kind: 'charge', attempt: 'a1', gatewayPaymentId: 'pi_1', sourceId: null, amountMinor: 1000, currency: 'USD', at: at('2026-11-05T00:00:00Z'), name: 'payment a1', undone: false, ...more })
const theirs = (more: Partial<GatewayTransaction> = {}): GatewayTransaction => ({ id: 'txn_1', kind: 'charge', amountMinor: 1000, feeMinor: 59, currency: 'USD', at: at('2026-11-05T00:00:00Z'), paymentId: 'pi_1', attempt: 'a1', tenant: 't', sourceId: null, ...more })
const found = (their: GatewayTransaction[], our: OurMove[]): string[] => compare({ gateway: 'Stripe', tenant: 't', theirs: their, ours: our, window, known: () => false }).map((f) => `${f.check} ${f.subject}`)

describe('Comparing with a gateway', () => {
  it('finds nothing when both sides say the same, by id or by our mark', () => {
    expect(found([theirs()], [ours()])).to.deep.equal([])
    expect(found([theirs({ paymentId: null })], [ours()])).to.deep.equal([])
    expect(found([theirs({ kind: 'refund', amountMinor: -300, sourceId: 're_1' }), theirs()], [ours(), ours({ kind: 'refund', amountMinor: -300, sourceId: 're_1' })])).to.deep.equal([])
  })
  it('finds what stands on one side only, and other amounts', () => {
    expect(found([], [ours()])).to.deep.equal(['gateway.missing-there payment a1'])
    expect(found([theirs()], [])).to.deep.equal(['gateway.missing-here Stripe charge pi_1'])
    expect(found([theirs({ amountMinor: 999 })], [ours()])).to.deep.equal(['gateway.amount payment a1'])
    expect(found([theirs({ currency: 'EUR' })], [ours()])).to.deep.equal(['gateway.amount payment a1'])
    expect(found([theirs(), theirs({ id: 'txn_2' })], [ours()])).to.deep.equal(['gateway.missing-here Stripe charge pi_1'])
  })
  it('leaves alone what lies outside the window, fees, and what belongs to another shop or to nobody we know', () => {
    expect(found([theirs({ at: at('2026-11-08T00:00:00Z') }), theirs({ kind: 'other' }), theirs({ tenant: 'other' }), theirs({ tenant: null, attempt: null, paymentId: null })], [])).to.deep.equal([])
  })
})

describe('The daily comparison', () => {
  const world = usePaymentWorld()
  const open = async (): Promise<string[]> => (await AuditFinding.query().where({ status: 'open' }).orderBy('id')).map((f) => f.checkName)

  it('agrees after a charge and a refund, and reports a planted difference of one cent until it is gone', () => world.in(async () => {
    setClock(new Date()) // the simulator dates its list by the real clock
    const customer = await world.customer()
    await world.card(customer)
    await chargeInvoice(await newInvoice(customer.id, 2000), { offSession: true }, new Date())
    const payment = (await Payment.query().first())!
    await refundPayment({ payment, amount: usd(500), to: 'source', reason: 'r', key: 'k' }, new Date())
    const tomorrow = new Date(Date.now() + 24 * 3_600_000)
    await reconcileGateways(tomorrow)
    expect(await open()).to.deep.equal([])
    const list = world.stripe.account('acme').all('balance_transaction')
    const charge = list.find((t) => t.type === 'charge')!
    charge.amount = 1999
    await reconcileGateways(tomorrow)
    await reconcileGateways(tomorrow)
    expect(await open()).to.deep.equal(['gateway.amount'])
    expect((await AuditFinding.query().first())!.message).to.equal('We booked 2000 USD, Stripe lists 1999 USD.')
    charge.amount = 2000
    await reconcileGateways(tomorrow)
    expect(await open()).to.deep.equal([])
    // Four runs, one fee: what Stripe kept is an expense, and its cash is what it holds.
    const { cash, ...rest } = await balances()
    const fees = Object.entries(rest).filter(([code]) => code.startsWith('fees:')).map(([, minor]) => minor)
    const kept = list.reduce((sum, t) => sum + Number(t.fee ?? 0), 0)
    expect(kept).to.be.greaterThan(0)
    expect([fees, cash]).to.deep.equal([[kept], 2000 - 500 - kept])
    expect(await auditTenant()).to.deep.equal([])
  }))

  it('goes on for half a year with an account that was disconnected', () => world.in(async () => {
    setClock(new Date())
    const customer = await world.customer()
    await world.card(customer)
    await chargeInvoice(await newInvoice(customer.id, 2000), { offSession: true }, new Date())
    await disconnectAccount((await GatewayAccount.current())!)
    world.stripe.account('acme').all('balance_transaction').find((t) => t.type === 'charge')!.amount = 1999
    await reconcileGateways(new Date(Date.now() + 24 * 3_600_000))
    expect(await open()).to.deep.equal(['gateway.amount'])
    await tenantDb()('payments').update({ settled_at: new Date(Date.now() - 180 * 24 * 3_600_000) })
    await reconcileGateways(new Date(Date.now() + 24 * 3_600_000))
    expect(await open()).to.deep.equal([])
  }))

  it('keeps a finding explained while it says the same, and opens it again when it changes', () => world.in(async () => {
    const now = at('2026-11-10T03:00:00Z')
    const finding = (message: string) => [{ check: 'ledger.balance', subject: 'ledger account 1', message }]
    const store = (message: string): Promise<number> => storeFindings(finding(message), () => true, now)
    expect([await store('1 off'), await store('1 off')]).to.deep.equal([1, 0])
    await explainFinding((await AuditFinding.query().first())!, 'Known', 'Sam')
    expect([await store('1 off'), await open()]).to.deep.equal([0, []])
    expect([await store('2 off'), await open()]).to.deep.equal([1, ['ledger.balance']])
    await storeFindings([], (check) => check.startsWith('gateway.'), now)
    expect(await open()).to.deep.equal(['ledger.balance'])
    await storeFindings([], () => true, now)
    expect(await open()).to.deep.equal([])
    expect(await store('2 off')).to.equal(1)
  }))

  it('stores each night what the audit found', () => world.in(async () => {
    const customer = await world.customer()
    const invoice = await newInvoice(customer.id, 1000)
    await auditNightly(at('2026-11-11T03:00:00Z'))
    expect(await open()).to.deep.equal([])
    await tenantDb()('invoices').where({ id: invoice.id }).update({ paid_minor: 1 })
    await auditNightly(at('2026-11-12T03:00:00Z'))
    expect((await open()).sort()).to.deep.equal(['invoice.ledger', 'invoice.payments'])
  }))
})
