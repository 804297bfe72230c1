import { expect } from 'chai'
import { FormErrors } from '../../../../shared/errors.js'
import { tenantDb } from '../../../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../../../shared/database/transaction.js'
import { setClock } from '../../../../shared/testing/world.js'
import type { Tenant } from '../../../../shared/tenancy/tenant.js'
import { newCustomer, useBillingWorld } from '../../../scenarios/billing-world.js'
import { auditTenant } from '../../audit.js'
import { createCreditNote } from '../credit-notes/create-credit-note.js'
import { draftInvoice } from '../draft-invoice.js'
import { Invoice } from '../invoice.js'
import { issueInvoice } from '../issue-invoice.js'
import { allSeries, changeSeries, drawNumber, patternFault, previewSeries } from './number-series.js'

let keys = 0
const one = async (userId: number, fail = false): Promise<Invoice> => tenantTransaction(async (trx) => {
  const key = `n${++keys}`
  const { invoice } = await draftInvoice(trx, { businessKey: key, userId, kind: 'manual', currency: 'USD', lines: [{ businessKey: `${key}:1`, kind: 'manual', description: 'Work', amountMinor: 100 }] })
  const issued = await issueInvoice(invoice)
  if (fail) throw new Error('taken back')
  return issued
})
const numbers = async (column = 'number', table = 'invoices'): Promise<string[]> => (await tenantDb()(table).whereNotNull(column).orderBy('id').pluck(column)) as string[]

describe('Numbers of documents', () => {
  const world = useBillingWorld()
  beforeEach(() => setClock('2026-11-05T12:00:00Z'))

  it('have no gap and no double under eight finalisers at once, some of whom fail, with credit notes between', async () => {
    const customers = await world.in(() => Promise.all(Array.from({ length: 8 }, () => newCustomer())))
    await Promise.all(customers.map((userId, worker) => (async () => {
      for (let i = 0; i < 4; i++) {
        const made = await world.in(() => one(userId, (i + worker) % 4 === 0)).catch(() => null)
        if (made && i % 2) await world.in(() => createCreditNote({ invoice: made, lines: 'rest', to: 'invoice', reason: 'x', key: `c${made.id}` }))
      }
    })()))
    await world.in(async () => {
      const used = (await numbers()).sort()
      expect(used).to.have.length(24)
      expect(used).to.deep.equal(Array.from({ length: 24 }, (_v, i) => `INV-2026-${String(i + 1).padStart(5, '0')}`))
      const notes = (await numbers('number', 'credit_notes')).sort()
      expect(notes).to.deep.equal(Array.from({ length: notes.length }, (_v, i) => `CN-2026-${String(i + 1).padStart(5, '0')}`))
      expect(await auditTenant()).to.deep.equal([])
    })
  })

  it('begin again with the year of the shop’s own zone, at its midnight', async () => {
    const auckland: Tenant = { ...world.acme, timeZone: 'Pacific/Auckland' }
    await world.in(async () => {
      await changeSeries('invoice', { pattern: '{year}-{n:3}', yearlyReset: true })
      const userId = await newCustomer()
      for (const instant of ['2026-12-31T10:59:59.999Z', '2026-12-31T11:00:00.000Z', '2026-12-31T12:00:00.000Z']) {
        setClock(instant)
        await one(userId)
      }
      expect(await numbers()).to.deep.equal(['2026-001', '2027-001', '2027-002'])
      expect((await allSeries()).find((s) => s.code === 'invoice')).to.include({ pattern: '{year}-{n:3}', yearlyReset: true, next: '2027-003' })
    }, auckland)
  })

  it('of each kind of document have a series of their own', () => world.in(async () => {
    const drawn = await tenantTransaction(async (trx) => [await drawNumber(trx, 'quote'), await drawNumber(trx, 'invoice'), await drawNumber(trx, 'quote'), await drawNumber(trx, 'proforma')])
    expect(drawn).to.deep.equal(['QUO-2026-00001', 'INV-2026-00001', 'QUO-2026-00002', 'PRO-2026-00001'])
  }))

  it('may change their form, but not into one that could meet a used number', () => world.in(async () => {
    const userId = await newCustomer()
    await changeSeries('invoice', { pattern: 'A1{n}', yearlyReset: false })
    await one(userId)
    expect(await previewSeries('invoice', { pattern: 'B-{n:6}', yearlyReset: false })).to.equal('B-000002')
    const clash = await previewSeries('invoice', { pattern: 'A{n}', yearlyReset: false }).then(() => null, (e: unknown) => e)
    expect(clash).to.be.instanceOf(FormErrors)
    expect([patternFault({ pattern: 'X%{n}', yearlyReset: false }), patternFault({ pattern: 'X-{n}', yearlyReset: true }), patternFault({ pattern: `${'X'.repeat(40)}{n}`, yearlyReset: false })].every((fault) => typeof fault === 'string')).to.equal(true)
    expect(patternFault({ pattern: '{year}/INV_{n:9}', yearlyReset: true })).to.equal(null)
  }))
})
