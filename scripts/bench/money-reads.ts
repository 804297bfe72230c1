/** Reading a large shop: the pages of invoices as customers open them, and a balance out of a ledger with a million entries. Every row is made from real ones by raw SQL. */
import { Router } from 'express'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { createApp } from '../../shared/http/app.js'
import { listen } from '../../shared/http/server.js'
import { signIn } from '../../shared/http/session.js'
import { runInTenant } from '../../shared/tenancy/context.js'
import type { Tenant } from '../../shared/tenancy/tenant.js'
import { Browser } from '../../shared/testing/browser.js'
import { tenantApp } from '../../tenant/app.js'
import { addCredit } from '../../tenant/billing/credit/add-credit.js'
import { creditBalance } from '../../tenant/billing/credit/credit.js'
import { accounts } from '../../tenant/billing/ledger-accounts.js'
import { post } from '../../tenant/billing/ledger.js'
import { newSubscription } from '../../tenant/testing/subscription-world.js'
import { usd } from '../../tenant/scenarios/billing-world.js'
import { makeShops, multiply } from './money-tenants.js'

export interface ReadFigures {
  /** Milliseconds, 99th percentile. */
  readonly invoicePage: number
  readonly invoiceList: number
  readonly balance: number
}
interface Plan {
  readonly invoices: number
  readonly entries: number
  readonly requests: number
  readonly say: (text: string) => void
}

const CUSTOMERS = 100
const p99 = (values: number[]): number => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * 0.99))] ?? 0

async function timings(times: number, fn: (i: number) => Promise<unknown>): Promise<number[]> {
  const all: number[] = []
  for (let i = 0; i < times; i++) {
    const began = performance.now()
    await fn(i)
    all.push(performance.now() - began)
  }
  return all
}

/** A hundred customers who share that many paid invoices of one line. Customer ids are consecutive from the answer on. */
async function fillInvoices(tenant: Tenant, count: number): Promise<number> {
  const { userId, invoice } = await runInTenant(tenant, () => newSubscription())
  const lineId = await runInTenant(tenant, async () => ((await tenantDb()('invoice_lines').where({ invoice_id: invoice.id }).first('id')) as { id: number }).id)
  const first = userId + 1
  await multiply(tenant, 'users', userId, [first, first + CUSTOMERS - 1], { id: 'n.n', public_id: `lpad(n.n, 20, 'u')`, email: `concat('c', n.n, '@example.com')` })
  const [from, to] = [invoice.id + 1, invoice.id + count]
  await multiply(tenant, 'invoices', invoice.id, [from, to], {
    id: 'n.n', public_id: `lpad(n.n, 20, 'i')`, business_key: `concat('bench:', n.n)`, number: `concat('INV-2027-B', n.n)`, user_id: `${first} + n.n mod ${CUSTOMERS}`, issued_at: 't.issued_at - interval n.n minute',
  })
  await multiply(tenant, 'invoice_lines', lineId, [from, to], { invoice_id: 'n.n', business_key: `concat('bench:', n.n)`, subscription_id: 'null' })
  return first
}

/** That many entries, in transactions of two, over the credit of one customer and the cash of the bank; the cached balances fit them. */
async function fillLedger(tenant: Tenant, userId: number, count: number): Promise<void> {
  await runInTenant(tenant, async () => {
    await addCredit({ userId, amount: usd(100), key: 'bench', description: 'Bench' })
    await tenantTransaction((trx) => post(trx, { key: 'bench:1', description: 'Bench', occurredAt: new Date('2027-01-01T00:00:00Z'), currency: 'USD', entries: [{ account: accounts.credit(userId), amountMinor: -2 }, { account: accounts.cash(null), amountMinor: 2 }] }))
  })
  const { transaction, entries } = await runInTenant(tenant, async () => {
    const row = (await tenantDb()('ledger_transactions').where({ business_key: 'bench:1' }).first('id')) as { id: number }
    return { transaction: row.id, entries: (await tenantDb()('ledger_entries').where({ transaction_id: row.id }).orderBy('id').select('id', 'account_id', 'amount_minor')) as Array<{ id: number; account_id: number; amount_minor: number }> }
  })
  const range = [transaction + 1000, transaction + 999 + Math.floor(count / 2)] as const
  await multiply(tenant, 'ledger_transactions', transaction, range, { id: 'n.n', business_key: `concat('bench:', n.n)` })
  for (const entry of entries) {
    await multiply(tenant, 'ledger_entries', entry.id, range, { transaction_id: 'n.n' })
    await runInTenant(tenant, async () => tenantDb()('ledger_accounts').where({ id: entry.account_id }).increment('balance_minor', entry.amount_minor * Math.floor(count / 2)))
  }
}

/** The shop on a port, and a browser signed in as each of some customers. */
async function openPages(tenant: Tenant, first: number): Promise<{ browsers: Browser[]; stop: () => Promise<void> }> {
  const shop = Router()
  shop.get('/bench-sign-in/:id', async (req, res) => {
    await signIn(req, res, { kind: 'user', id: Number(req.params['id']) })
    res.send('in')
  })
  shop.use(tenantApp)
  const running = await listen(createApp({ tenantApp: shop, consoleApp: Router(), platformApp: Router() }), { port: 0, bind: '127.0.0.1' })
  const browsers: Browser[] = []
  for (let i = 0; i < 10; i++) {
    const browser = new Browser(running.port, tenant.primaryHost)
    await browser.get(`/bench-sign-in/${first + i * 7}`)
    browsers.push(browser)
  }
  return { browsers, stop: () => running.stop({ graceMs: 200 }) }
}

async function good(browser: Browser, path: string): Promise<string> {
  const { status, body } = await browser.get(path)
  if (status !== 200) throw new Error(`${path} was answered ${status}.`)
  return body
}

export async function benchReads({ invoices, entries, requests, say }: Plan): Promise<ReadFigures> {
  const shops = await makeShops(1, '2027-02-01T09:00:00.000Z')
  const tenant = shops.tenants[0]!
  try {
    say(`making a shop with ${invoices} invoices and ${entries} ledger entries`)
    const first = await fillInvoices(tenant, invoices)
    await fillLedger(tenant, first, entries)
    const { browsers, stop } = await openPages(tenant, first)
    const at = (i: number): Browser => browsers[i % browsers.length]!
    const pages: string[][] = []
    for (const browser of browsers) pages.push([...(await good(browser, '/invoices')).matchAll(/href="(\/invoices\/[a-z0-9]{20})"/g)].map((m) => m[1]!))
    const page = (i: number): Promise<string> => good(at(i), pages[i % pages.length]![Math.floor(i / pages.length) % pages[i % pages.length]!.length]!)
    await timings(30, page)
    const invoicePage = p99(await timings(requests, page))
    const invoiceList = p99(await timings(requests, (i) => good(at(i), '/invoices')))
    await stop()
    const balance = p99(await timings(requests, () => runInTenant(tenant, () => creditBalance(first, 'USD'))))
    say(`99th percentile: an invoice ${invoicePage.toFixed(1)} ms, the list ${invoiceList.toFixed(1)} ms, a balance ${balance.toFixed(2)} ms`)
    return { invoicePage, invoiceList, balance }
  } finally {
    await shops.end()
  }
}
