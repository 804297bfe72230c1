import { expect } from 'chai'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { balances, newCustomer, useBillingWorld } from '../scenarios/billing-world.js'
import { accounts } from './ledger-accounts.js'
import { balanceAt, balanceOf, post, type Posting } from './ledger.js'

const now = new Date('2026-11-05T10:00:00Z')
const sale = (key: string, amount: number, user = 1, occurredAt = now): Posting => ({
  key, description: 'Sale', occurredAt, currency: 'USD', entries: [{ account: accounts.receivable(user), amountMinor: amount }, { account: accounts.revenue('kasm'), amountMinor: -amount }],
})

describe('The ledger', () => {
  const world = useBillingWorld()

  it('books what is owed on one side and what was earned on the other', () => world.in(async () => {
    await newCustomer()
    expect(await tenantTransaction((trx) => post(trx, sale('a', 500)))).to.equal(true)
    expect(await tenantTransaction((trx) => post(trx, sale('b', 250)))).to.equal(true)
    expect(await balances()).to.deep.equal({ receivable: 750, 'revenue:kasm': -750 })
  }))

  it('books an act once, however often it is repeated', () => world.in(async () => {
    const answers = []
    for (let i = 0; i < 3; i++) answers.push(await tenantTransaction((trx) => post(trx, sale('once', 500))))
    expect(answers).to.deep.equal([true, false, false])
    expect(await balances()).to.deep.equal({ receivable: 500, 'revenue:kasm': -500 })
    expect(await tenantDb()('ledger_entries').count({ n: '*' }).first()).to.deep.equal({ n: 2 })
  }))

  it('refuses an act that does not balance, and leaves nothing of it', () => world.in(async () => {
    const lame: Posting = { ...sale('lame', 500), entries: [{ account: accounts.receivable(1), amountMinor: 500 }, { account: accounts.revenue('kasm'), amountMinor: -499 }] }
    const error = await tenantTransaction((trx) => post(trx, lame)).then(() => null, (e: Error) => e)
    expect(error).to.be.instanceOf(RangeError)
    expect(await tenantDb()('ledger_transactions').count({ n: '*' }).first()).to.deep.equal({ n: 0 })
  }))

  it('keeps currencies apart', () => world.in(async () => {
    await tenantTransaction((trx) => post(trx, sale('usd', 500)))
    await tenantTransaction((trx) => post(trx, { ...sale('eur', 700), currency: 'EUR' }))
    expect((await balanceOf(accounts.receivable(1), 'USD')).minor).to.equal(500)
    expect((await balanceOf(accounts.receivable(1), 'EUR')).minor).to.equal(700)
  }))

  it('can say what a balance was at any past instant', () => world.in(async () => {
    await tenantTransaction((trx) => post(trx, sale('a', 500, 1, new Date('2026-11-01T00:00:00Z'))))
    await tenantTransaction((trx) => post(trx, sale('b', 250, 1, new Date('2026-11-02T00:00:00Z'))))
    const at = async (iso: string) => (await balanceAt(accounts.receivable(1), 'USD', new Date(iso))).minor
    expect([await at('2026-11-01T00:00:00Z'), await at('2026-11-01T00:00:00.001Z'), await at('2026-11-03T00:00:00Z')]).to.deep.equal([0, 500, 750])
  }))

  it('stays right when forty acts of many customers are booked at once', async () => {
    const work = Array.from({ length: 40 }, (_v, i) => world.in(() => tenantTransaction((trx) => post(trx, sale(`key:${i % 30}`, 100 + (i % 30), i % 5)))))
    const booked = (await Promise.all(work)).filter(Boolean).length
    expect(booked).to.equal(30)
    await world.in(async () => {
      const expected = Array.from({ length: 30 }, (_v, i) => 100 + i).reduce((a, b) => a + b)
      expect((await balanceOf(accounts.revenue('kasm'), 'USD')).minor).to.equal(-expected)
      const sums = await tenantDb()('ledger_accounts as a').join('ledger_entries as e', 'e.account_id', 'a.id').groupBy('a.id', 'a.balance_minor').havingRaw('sum(e.amount_minor) <> a.balance_minor').select('a.id')
      expect(sums).to.deep.equal([])
    })
  })
})
