/** Customers at a tenant's desk: list, one customer with all that belongs to them, and what staff may do for them. */
import { Router, type Request, type Response } from 'express'
import { applyPaging, parsePaging } from '../../../shared/database/paging.js'
import { FormErrors } from '../../../shared/errors.js'
import { form, query } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { Money } from '../../../shared/money/money.js'
import { clock } from '../../../shared/time/clock.js'
import { formatMoney } from '../../../shared/views/format.js'
import { addCredit } from '../../../tenant/billing/credit/add-credit.js'
import { statementCsv, statementPage } from '../../../tenant/billing/invoices/statements/statement-document.js'
import { statementWish } from '../../../tenant/billing/invoices/statements/statement-wish.js'
import { currenciesOf, statementOf } from '../../../tenant/billing/invoices/statements/statement.js'
import { changeProfile } from '../../../tenant/customers/change-profile.js'
import { addNote } from '../../../tenant/customers/customer-note.js'
import { Customer } from '../../../tenant/customers/customer.js'
import { disableCustomer, enableCustomer } from '../../../tenant/customers/disable-customer.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { giftForm, listQuery, noteForm, profileForm, reasonForm } from './forms.js'
import { customersLike, detailView, listView, profileView, sortable } from './pages.js'

export const customerDesk = Router()
type Errors = Readonly<Record<string, string>>
type Input = Readonly<Record<string, unknown>>
const manages = (req: Request): boolean => deskOf(req).role !== 'support'
const back = (req: Request): string => `${deskOf(req).base}/customers/${String(req.params['publicId'])}`
/** Inside the tenant; NotFound for anything else. */
const customerOf = (req: Request): Promise<Customer> => Customer.findOwned<Customer>({ publicId: String(req.params['publicId']) })

customerDesk.get('/customers', async (req, res) => {
  const { q = '', show = 'all' } = query(listQuery, req)
  const data = await atDesk(req, 'customers', async () => listView(await applyPaging(customersLike({ show, text: q }), parsePaging(req.query, { sortable, default: '-since' })), { show, text: q }, deskOf(req).base))
  deskPage(req, res, 'customers/list', data, { title: 'Customers' })
})

async function show(req: Request, res: Response, errors: Errors = {}, input: Input = {}, status = 200): Promise<void> {
  const data = await atDesk(req, 'customer', async () => detailView(await customerOf(req), clock.now())) as { name: string }
  deskPage(req, res, 'customers/show', { ...data, errors, input, manages: manages(req) }, { title: data.name, status })
}
customerDesk.get('/customers/:publicId', (req, res) => show(req, res))

customerDesk.post('/customers/:publicId/notes', async (req, res) => {
  onFormErrors(res, (errors, input, status) => show(req, res, errors, input, status))
  const { body } = form(noteForm, req)
  const { role } = deskOf(req)
  await atDesk(req, 'customer note', async () => addNote(await customerOf(req), body, role[0]!.toUpperCase() + role.slice(1)))
  redirect(req, res, `${back(req)}#notes`, { flash: 'The note is kept.' })
})

customerDesk.post('/customers/:publicId/credit', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => show(req, res, errors, input, status))
  const input = form(giftForm, req)
  const text = await atDesk(req, 'credit gift', async () => {
    const customer = await customerOf(req)
    const amount = Money.parse(input.amount, customer.currency)
    if (!amount?.isPositive()) throw new FormErrors({
      amount: `Enter an amount in ${customer.currency} like ${Money.of(1250, customer.currency).toString()}.`,
    }, input)
    const given = await addCredit({ userId: customer.id, amount, key: `desk:${customer.id}:${input.formKey}`, description: input.description })
    return given ? `${formatMoney(amount.minor, amount.currency)} of credit are given.` : 'This credit was given already.'
  })
  redirect(req, res, back(req), { flash: text })
})

async function showProfile(req: Request, res: Response, errors: Errors = {}, input?: Input, status = 200): Promise<void> {
  const data = await atDesk(req, 'customer profile', async () => profileView(await customerOf(req), deskOf(req).locale))
  deskPage(req, res, 'customers/profile', { ...data, ...(input ? { input } : {}), errors }, { title: `Profile of ${data.title}`, status })
}
customerDesk.get('/customers/:publicId/profile', async (req, res) => {
  mustManage(req)
  await showProfile(req, res)
})
customerDesk.put('/customers/:publicId/profile', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => showProfile(req, res, errors, input, status))
  const profile = form(profileForm, req)
  await atDesk(req, 'change customer', async () => changeProfile(await customerOf(req), profile))
  redirect(req, res, back(req), { flash: 'The profile is saved. Invoices issued earlier stay as they are.' })
})

/** Nothing of it can be undone for the customer who is thrown out in the middle of something: ask first. */
customerDesk.get('/customers/:publicId/disable', async (req, res) => {
  mustManage(req)
  const { name } = await atDesk(req, 'customer', async () => ({ name: (await customerOf(req)).name }))
  deskPage(req, res, 'customers/disable', { name, action: `${back(req)}/disable`, backHref: back(req) }, { title: `Disable ${name}` })
})
customerDesk.post('/customers/:publicId/disable', async (req, res) => {
  mustManage(req)
  const { reason = null } = form(reasonForm, req)
  await atDesk(req, 'disable customer', async () => disableCustomer(await customerOf(req), reason))
  redirect(req, res, back(req), { flash: 'The account is disabled. The customer is signed out everywhere.' })
})
customerDesk.post('/customers/:publicId/enable', async (req, res) => {
  mustManage(req)
  form(reasonForm, req)
  await atDesk(req, 'enable customer', async () => enableCustomer(await customerOf(req)))
  redirect(req, res, back(req), { flash: 'The account is open again. The customer can sign in.' })
})

async function statementFor(req: Request) {
  const customer = await customerOf(req)
  const wish = statementWish(req.query, await currenciesOf(customer.id, customer.currency), clock.now())
  return { wish, statement: await statementOf(customer.id, wish.currency, wish.span), name: customer.company ?? customer.name, publicId: customer.publicId }
}
customerDesk.get('/customers/:publicId/statement', async (req, res) => {
  const data = await atDesk(req, 'statement', async () => {
    const { wish, statement, name, publicId } = await statementFor(req)
    return { ...statementPage(statement), from: wish.from, until: wish.until, query: wish.query, name, publicId }
  })
  deskPage(req, res, 'customers/statement', data, { title: `Account statement of ${data.name}` })
})
customerDesk.get('/customers/:publicId/statement.csv', async (req, res) => {
  const csv = await atDesk(req, 'statement', async () => statementCsv((await statementFor(req)).statement))
  res.type('text/csv').attachment('statement.csv').set('cache-control', 'private, no-store').send(csv)
})
