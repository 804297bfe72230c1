import { expect } from 'chai'
import { NotFound, Refusal } from '../../../shared/errors.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { runDueJobs } from '../../../shared/jobs/run-due-jobs.js'
import { setClock } from '../../../shared/testing/world.js'
import { clock } from '../../../shared/time/clock.js'
import '../../reactions.js'
import { newCustomer, newPayment, newRun, newService, useBillingWorld, type TestService } from '../../scenarios/billing-world.js'
import { rate, register } from '../../testing/pricing-world.js'
import { auditTenant } from '../../billing/audit.js'
import { creditBalance } from '../../billing/credit/credit.js'
import { CreditNote } from '../../billing/invoices/credit-notes/credit-note.js'
import { Invoice } from '../../billing/invoices/invoice.js'
import { settleInvoicePayment } from '../../billing/invoices/settle-invoice-payment.js'
import { voidInvoice } from '../../billing/invoices/void-invoice.js'
import { closeEndedMonths } from '../../billing/usage/close-month.js'
import { monthSoFar } from '../../billing/usage/month-so-far.js'
import { correctRun, previewCorrection } from './correct-run.js'
import { receiptForStaff, receiptOf } from './receipt.js'
import { UsageSession } from './usage-session.js'
import { recordSession } from './wholesale-slices.js'

const to = (stoppedAt: string, by = 'Sam of staff') => ({ stoppedAt: new Date(stoppedAt), reason: 'The desktop had crashed', by })

describe('A run that ended earlier than it stood', function () {
  this.timeout(60_000)
  const world = useBillingWorld()
  beforeEach(() => {
    setClock('2026-12-01T01:00:00.000Z')
    world.directory.usage.length = 0
  })
  /** A run with a wholesale article, told to the platform. */
  async function told(service: TestService, start: string, stop: string): Promise<number> {
    const id = await newRun(service, start, stop)
    await tenantDb()('kasm_usage_sessions').where({ id }).update({ wholesale_sku: 'kasm.developer_basic' })
    await recordSession(id)
    return id
  }
  async function pay(invoice: Invoice, minor = invoice.balance.minor): Promise<void> {
    const { paymentId, gatewayAccountId } = await newPayment(invoice.userId, invoice.id, minor)
    await tenantTransaction((trx) => settleInvoicePayment(trx, { paymentId, gatewayAccountId, invoiceId: invoice.id, amountMinor: minor, currency: 'USD', occurredAt: clock.now() }))
  }
  const seconds = (): number => world.directory.usage.reduce((sum, u) => sum + u.quantitySeconds, 0)
  /** The outbox has told the platform. */
  const settled = async (...ids: number[]): Promise<void> => {
    for (const id of ids) await recordSession(id)
    expect(await auditTenant()).to.deep.equal([])
  }

  it('is simply counted anew while no invoice has billed it', () => world.in(async () => {
    setClock('2026-11-20T12:00:00Z')
    const service = await newService(await newCustomer(), 'box', 200_000)
    const id = await told(service, '2026-11-20T08:00:00Z', '2026-11-20T10:05:00Z')
    expect(await correctRun(id, to('2026-11-20T08:22:00Z', 'repair'))).to.deep.include({ creditedSeconds: 0, creditNotes: [] })
    expect(await UsageSession.query().findById(id)).to.include({ durationSeconds: 1320, durationBillableSeconds: 1800, totalCostMicros: 100_000, billedSeconds: 0 })
    expect((await monthSoFar(service.userId)).amount.minor).to.equal(10)
    await runDueJobs({ tenant: world.acme })
    await settled()
    expect(world.directory.usage.map((u) => [u.key.replace(/\d+/, '#'), u.quantitySeconds])).to.deep.equal([['kasm-session:#:2026-11', 8100], [`kasm-session:#:2026-11:correction:1`, -6300]])
    expect((await receiptForStaff(id)).events.map((e) => [e.kind, e.source])).to.deep.equal([['corrected', 'repair']])
  }))

  it('gives a paid bill back as credit: exactly the seconds too much, with their tax, and the bill itself stays', () => world.in(async () => {
    await register('DE', 'home', 'DE136695976')
    await rate('DE', 190_000)
    const userId = await newCustomer({ country: 'DE' })
    const service = await newService(userId, 'box', 150_000)
    const id = await told(service, '2026-11-05T10:00:00Z', '2026-11-05T20:00:00Z')
    await told(service, '2026-11-06T10:00:00Z', '2026-11-06T10:10:00Z')
    const [invoice] = await closeEndedMonths(userId)
    expect(invoice).to.include({ subtotalMinor: 154, taxMinor: 29, totalMinor: 183 })
    await pay(invoice!)
    expect(await previewCorrection(id, new Date('2026-11-05T17:20:00Z'))).to.deep.include({ creditedSeconds: 9000 })
    const { creditNotes } = await correctRun(id, to('2026-11-05T17:20:00Z'))
    // 41 quarter hours cost 153.75, 31 of them 116.25: 154 → 116; with tax 183 → 138
    expect(creditNotes.map((n) => [n.destination, n.netMinor, n.taxMinor, n.totalMinor, n.reason])).to.deep.equal([['balance', 38, 7, 45, 'The desktop had crashed']])
    expect((await creditBalance(userId, 'USD')).minor).to.equal(45)
    expect(await Invoice.query().findById(invoice!.id)).to.include({ totalMinor: 183, status: 'paid' })
    await settled(id)
    expect(seconds()).to.equal((30 + 1) * 900)
    const receipt = await receiptOf(id, userId)
    expect(receipt).to.include({ billedSeconds: 27_000, unbilledSeconds: 0, increments: 30 })
    expect(receipt.corrections[0]).to.deep.include({ creditedSeconds: 9000, reason: 'The desktop had crashed' })
    expect(receipt.corrections[0]!.notes.map((n) => n.number)).to.deep.equal([creditNotes[0]!.number])
  }))

  it('taken back bit by bit leaves at each step what its seconds cost, and in the end nothing', () => world.in(async () => {
    const userId = await newCustomer()
    const id = await told(await newService(userId, 'box', 150_000), '2026-11-05T10:00:00Z', '2026-11-05T12:00:00Z')
    const [invoice] = await closeEndedMonths(userId)
    await pay(invoice!)
    const left = []
    for (const stop of ['11:45', '11:30', '11:00', '10:15', '10:00']) {
      await correctRun(id, to(`2026-11-05T${stop}:00Z`))
      left.push(30 - (await creditBalance(userId, 'USD')).minor)
    }
    expect(left).to.deep.equal([26, 23, 15, 4, 0])
    await settled(id)
    expect(seconds()).to.equal(0)
  }))

  it('lowers an unpaid bill, and gives the paid part of one as credit', () => world.in(async () => {
    const [a, b] = [await newCustomer(), await newCustomer()]
    const runs = []
    for (const userId of [a, b]) runs.push(await told(await newService(userId, 'box', 800_000), '2026-11-05T10:00:00Z', '2026-11-05T20:00:00Z'))
    const [[unpaid], [partly]] = [await closeEndedMonths(a), await closeEndedMonths(b)]
    await pay(partly!, 500)
    for (const id of runs) await correctRun(id, to('2026-11-05T14:00:00Z'))
    expect((await Invoice.query().findById(unpaid!.id))!.balance.minor).to.equal(320)
    expect(await Invoice.query().findById(partly!.id)).to.include({ status: 'paid', creditedMinor: 300 })
    expect((await creditBalance(b, 'USD')).minor).to.equal(180)
    expect((await CreditNote.query().where({ userId: b }).orderBy('id')).map((n) => [n.destination, n.totalMinor])).to.deep.equal([['invoice', 300], ['balance', 180]])
    await settled(...runs)
  }))

  it('over two months gives back on the bill that billed each quarter hour; a void bill gives nothing back', () => world.in(async () => {
    const userId = await newCustomer()
    const id = await told(await newService(userId, 'box', 800_000), '2026-11-30T20:00:00Z', '2026-12-01T04:00:00Z')
    setClock('2027-01-01T01:00:00Z')
    const [november, december] = await closeEndedMonths(userId)
    expect([november!.totalMinor, december!.totalMinor]).to.deep.equal([320, 320])
    await pay(november!)
    await voidInvoice(december!)
    const { creditNotes, creditedSeconds } = await correctRun(id, to('2026-11-30T23:00:00Z'))
    expect([creditedSeconds / 3600, creditNotes.map((n) => [n.invoiceId, n.totalMinor])]).to.deep.equal([5, [[november!.id, 80]]])
    await settled(id)
    expect(world.directory.usage.map((u) => [u.key.slice(-20), u.quantitySeconds / 3600, u.occurredAt.toISOString().slice(0, 7)])).to.have.length(4)
    expect(seconds() / 3600).to.equal(3)
    expect(await closeEndedMonths(userId, new Date('2027-02-01T01:00:00Z')), 'is not billed again').to.deep.equal([])
  }))

  it('is refused while it runs, to a later end, before its start, and to strangers', () => world.in(async () => {
    const service = await newService(await newCustomer())
    const [open, closed] = [await newRun(service, '2026-11-05T10:00:00Z', null), await newRun(service, '2026-11-04T10:00:00Z', '2026-11-04T12:00:00Z')]
    const refused = async (id: number, stop: string) => {
      const error = await correctRun(id, to(stop)).catch((e: unknown) => e)
      return error instanceof Refusal ? error.code : error
    }
    expect([await refused(open, '2026-11-05T10:10:00Z'), await refused(closed, '2026-11-04T12:00:00Z'), await refused(closed, '2026-11-04T09:59:59.999Z')]).to.deep.equal(['usage.still-running', 'usage.not-shorter', 'usage.before-start'])
    expect(await receiptOf(closed, await newCustomer()).catch((e: unknown) => e)).to.be.instanceOf(NotFound)
  }))

  it('is corrected once by two at the same time, and never while its bill is made', async () => {
    const { userId, id } = await world.in(async () => {
      const userId = await newCustomer()
      return { userId, id: await told(await newService(userId, 'box', 800_000), '2026-11-05T10:00:00Z', '2026-11-05T20:00:00Z') }
    })
    const acts = [() => correctRun(id, to('2026-11-05T14:00:00Z')), () => correctRun(id, to('2026-11-05T14:00:00Z')), () => closeEndedMonths(userId)]
    const done = await Promise.allSettled(acts.map((act) => world.in<unknown>(act)))
    expect(done.filter((d) => d.status === 'rejected').map((d) => ((d as PromiseRejectedResult).reason as Refusal).code)).to.deep.equal(['usage.not-shorter'])
    await world.in(async () => {
      const [invoice] = await Invoice.query()
      expect(invoice!.balance.minor, 'billed right, or billed and taken back').to.equal(320)
      await settled(id)
    })
  })
})
