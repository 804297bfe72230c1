/** The ledger at a tenant's desk: the trial balance of any day, and a customer's account with the balance after every entry. Nothing can be changed here. */
import { Router, type Request } from 'express'
import { stringify } from 'csv-stringify/sync'
import { query } from '../../../shared/http/form.js'
import { clock } from '../../../shared/time/clock.js'
import { statementPdf } from '../../../tenant/billing/invoices/statements/statement-document.js'
import { statementWish } from '../../../tenant/billing/invoices/statements/statement-wish.js'
import { currenciesOf, statementOf } from '../../../tenant/billing/invoices/statements/statement.js'
import { customerEntries, trialBalance } from '../../../tenant/billing/ledger-report.js'
import { Customer } from '../../../tenant/customers/customer.js'
import { atDesk, deskOf, deskPage } from '../desk.js'
import { dayQuery } from './forms.js'
import { customerPage, trialPage, until } from './pages.js'

export const ledgerDesk = Router()
const csv = (lines: object[]): string => stringify(lines, { header: true, record_delimiter: '\r\n', escape_formulas: true })
const customerOf = (req: Request): Promise<Customer> => Customer.findOwned<Customer>({ publicId: String(req.params['publicId']) })

ledgerDesk.get('/ledger', async (req, res) => {
  const { day } = query(dayQuery, req)
  deskPage(req, res, 'ledger/trial', await atDesk(req, 'trial balance', () => trialPage(day, deskOf(req).base)), { title: 'Ledger' })
})

ledgerDesk.get('/ledger.csv', async (req, res) => {
  const { day } = query(dayQuery, req)
  const rows = await atDesk(req, 'trial balance as CSV', () => trialBalance(until(day)))
  res.type('text/csv').attachment('ledger.csv').set('cache-control', 'private, no-store').send(csv(rows.map((r) => ({ account: r.code, kind: r.kind, balance: r.balance.toString(), currency: r.balance.currency }))))
})

ledgerDesk.get('/ledger/customers/:publicId.csv', async (req, res) => {
  const { day, currency } = query(dayQuery, req)
  const entries = await atDesk(req, 'customer ledger as CSV', async () => {
    const customer = await customerOf(req)
    return customerEntries(customer.id, currency ?? customer.currency, until(day))
  })
  res.type('text/csv').attachment('account.csv').set('cache-control', 'private, no-store').send(csv(entries.map((e) => ({ date: e.at.toISOString(), what: e.text, key: e.key, account: e.account, amount: e.amount.toString(), balance: e.balance.toString(), currency: e.amount.currency }))))
})

/** The account statement as the customer gets it, over any days. */
ledgerDesk.get('/ledger/customers/:publicId/statement', async (req, res) => {
  const { filename, content } = await atDesk(req, 'statement pdf', async () => {
    const customer = await customerOf(req)
    const wish = statementWish(req.query, await currenciesOf(customer.id, customer.currency), clock.now())
    return statementPdf(customer.id, await statementOf(customer.id, wish.currency, wish.span))
  })
  res.type('application/pdf').set('content-disposition', `inline; filename="${filename}"`).set('cache-control', 'private, no-store').send(content)
})

ledgerDesk.get('/ledger/customers/:publicId', async (req, res) => {
  const wish = query(dayQuery, req)
  deskPage(req, res, 'ledger/customer', await atDesk(req, 'customer ledger', async () => customerPage(await customerOf(req), wish, deskOf(req).base)), { title: 'Customer’s account' })
})
