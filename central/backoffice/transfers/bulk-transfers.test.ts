import { expect } from 'chai'
import { newPublicId } from '../../../shared/security/token.js'
import type { Browser } from '../../../shared/testing/browser.js'
import { auditTenant } from '../../../tenant/billing/audit.js'
import { Invoice } from '../../../tenant/billing/invoices/invoice.js'
import { Payment } from '../../../tenant/billing/payments/payment.js'
import { BankTransfer, paymentsFrom } from '../../../tenant/billing/transfers/bank-transfer.js'
import { matchTransfer, setAside } from '../../../tenant/billing/transfers/match-transfer.js'
import { recordTransfer } from '../../../tenant/billing/transfers/record-transfer.js'
import { undoMatch } from '../../../tenant/billing/transfers/undo-match.js'
import { newCustomer, newInvoice, usd } from '../../../tenant/scenarios/billing-world.js'
import { hidden, useDesk, words } from '../../testing/desk-world.js'

describe('Many bank transfers at the desk', function () {
  this.timeout(60_000)
  const { inAcme: at, ...desk } = useDesk()
  let owner: Browser
  let support: Browser
  let globex: Browser

  before(async () => {
    ;[owner, support, globex] = [await desk.member('acme'), await desk.member('acme', 'support'), await desk.member('globex')]
    for (const browser of [owner, support, globex]) await browser.get('/reseller/transfers')
  })

  const bill = (minor: number, name = 'Ada Lovelace'): Promise<Invoice> => at(async () => newInvoice(await newCustomer({ name }), minor))
  const arrived = (amountMinor: number, reference: string, payer = 'Somebody'): Promise<BankTransfer> => at(async () => (await recordTransfer({ key: newPublicId(), receivedOn: '2026-11-05', amountMinor, currency: 'USD', payer, reference })).transfer)
  const again = <T extends BankTransfer | Invoice>(row: T): Promise<T> => at(() => (row.constructor as typeof BankTransfer).findOwned<BankTransfer>({ id: row.id })) as Promise<T>
  const picks = (...rows: readonly BankTransfer[]): Record<string, string> => Object.fromEntries(rows.map((row) => [`pick_${row.publicId}`, 'on']))
  const confirmed = (body: string, more: Record<string, string> = {}): Record<string, string> => ({ ...Object.fromEntries(['act', 'ids', 'formKey', 'seen'].map((name) => [name, hidden(body, name)])), ...more })
  const choose = async (act: string, ...rows: readonly BankTransfer[]): Promise<string> => (await owner.post('/reseller/transfers/selection', { act, ...picks(...rows) })).body
  const act = async (form: Record<string, string>, browser = owner): Promise<string> => words((await browser.post('/reseller/transfers/selection/acts', form)).body)
  const made = (transfer: BankTransfer): Promise<number[]> => at(async () => (await paymentsFrom(transfer.id)).map((p) => p.amountMinor))

  it('are matched as shown, when their reference is sure, and once', async () => {
    const [a, b, c, d] = [await bill(1000), await bill(500, 'Bea'), await bill(700, 'Cleo'), await bill(800, 'Dora')]
    const [both, part, many, twin, nobody, small] = [await arrived(1500, `${a.label} and ${b.label}`), await arrived(300, c.label), await arrived(1501, `${c.label} ${d.label}`), await arrived(300, c.label), await arrived(800, 'thanks'), await arrived(801, d.label)]
    const body = await choose('match', both, part, many, nobody, small)
    for (const said of [
      `$10.00 on invoice ${a.label} of Ada Lovelace; $5.00 on invoice ${b.label} of Bea`, `$3.00 of $7.00 on invoice ${c.label} of Cleo`, 'it names several invoices and is not their sum.', 'its reference names no open invoice.',
      `invoice ${d.label} is owed less than that.`, 'Match 2 transfers',
    ]) expect(words(body)).to.include(said)
    expect(await made(both)).to.deep.equal([])
    const form = confirmed(body)
    await Promise.all([act(form), act(form)])
    expect(await act(form)).to.include('All of this transfer is matched.')
    expect(await at(async () => (await paymentsFrom(both.id)).map((p) => p.amountMinor).sort())).to.deep.equal([1000, 500])
    expect([await made(part), (await again(a)).status, (await again(b)).status, (await again(c)).balance.minor, (await again(both)).status]).to.deep.equal([[300], 'paid', 'paid', 400, 'matched'])
    expect([await made(many), await made(nobody), await made(small), await made(twin)]).to.deep.equal([[], [], [], []])
    expect(await at(auditTenant)).to.deep.equal([])
  })

  it('are left alone when the suggestion is another than the one shown, and the others are matched', async () => {
    const [a, b] = [await bill(1000), await bill(500)]
    const [first, second, third] = [await arrived(600, a.label), await arrived(500, b.label), await arrived(600, a.label)]
    const body = await choose('match', first, second, third)
    await at(async () => matchTransfer((await recordTransfer({ key: newPublicId(), receivedOn: '2026-11-06', amountMinor: 300, currency: 'USD', payer: 'x', reference: 'x' })).transfer, [{ invoiceId: a.id, amount: usd(300) }]).then(() => undefined))
    const form = confirmed(body)
    const said = await act(form)
    expect(said).to.include('Matched 2 transfers').and.to.match(/1 transfer left alone.+is owed less than that/)
    expect([await made(first), await made(second), await made(third), (await again(a)).balance.minor]).to.deep.equal([[600], [500], [], 100])
    await at(async () => undoMatch((await Payment.query().findOne({ bankTransferId: second.id }))!, 'Wrong'))
    expect(await act(form)).to.include('has changed since it was shown')
    expect((await again(b)).status).to.equal('open')
  })

  it('are set aside with a note and taken back, never over what was decided since', async () => {
    const invoice = await bill(900)
    const [interest, mine, used] = [await arrived(12, 'interest'), await arrived(5000, 'own money'), await arrived(900, invoice.label)]
    await at(() => matchTransfer(used, [{ invoiceId: invoice.id, amount: usd(900) }]).then(() => undefined))
    const aside = await choose('aside', interest, mine, used)
    expect(words(aside)).to.include('Set aside 2 transfers').and.to.include('Something of this transfer is matched.')
    const form = confirmed(aside, { note: 'Not a customer' })
    await act(form)
    expect([(await again(interest)).status, (await again(mine)).note, (await again(used)).status]).to.deep.equal(['ignored', 'Not a customer', 'matched'])
    const back = confirmed(await choose('back', interest, mine, used))
    expect(back['ids']!.split(',')).to.have.length(2)
    await at(() => setAside(mine, false, null))
    expect(await act(back)).to.include('Taken back 1 transfer').and.to.include('This transfer is not set aside.')
    expect(await act(form)).to.include('Somebody changed this transfer since it was shown.')
    expect([(await again(interest)).status, (await again(mine)).status]).to.deep.equal(['unmatched', 'unmatched'])
    expect(await at(() => setAside(used, false, null).then(() => 'done', (error: Error) => error.message))).to.equal('This transfer is not set aside.')
  })

  it('belong to their shop and are not for support; the CSV holds what the list shows', async () => {
    const invoice = await bill(400)
    const transfer = await arrived(400, `=${invoice.label}`, 'Eve, Ltd')
    const form = confirmed(await choose('match', transfer))
    expect((await globex.post('/reseller/transfers/selection/acts', form)).status).to.equal(422)
    expect(words((await globex.post('/reseller/transfers/selection', { act: 'match', ...picks(transfer) })).body)).to.include('Nothing to do')
    for (const name of ['match', 'aside', 'back']) expect((await support.post('/reseller/transfers/selection', { act: name, ...picks(transfer) })).status, name).to.equal(409)
    expect((await support.post('/reseller/transfers/selection/acts', form)).status).to.equal(409)
    expect((await owner.get('/reseller/transfers')).body).to.include(`pick_${transfer.publicId}`)
    expect((await support.get('/reseller/transfers')).body).to.not.include(`pick_${transfer.publicId}`)
    expect(await made(transfer)).to.deep.equal([])
    await at(() => matchTransfer(transfer, [{ invoiceId: invoice.id, amount: usd(150) }]).then(() => undefined))
    const csv = await owner.get('/reseller/transfers.csv?show=all&q=Eve')
    expect([csv.headers['cache-control'], csv.body.trim().split('\r\n').length]).to.deep.equal(['private, no-store', 2])
    expect(csv.body).to.include(`2026-11-05,${transfer.publicId},"Eve, Ltd",'=${invoice.label},4.00,2.50,USD,Partly matched,`)
    expect((await owner.get('/reseller/transfers.csv?show=ignored&q=Eve')).body.trim()).to.equal('')
    expect((await globex.get('/reseller/transfers.csv?show=all')).body).to.not.include('Eve')
  })
})
