/** Orders at a tenant's desk: what was ordered, what became of it, and the rules of ordering. */
import { Router, type Request, type Response } from 'express'
import { stringify } from 'csv-stringify/sync'
import { parsePaging } from '../../../shared/database/paging.js'
import { refusalIn } from '../../../shared/errors.js'
import { form, query } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { clock } from '../../../shared/time/clock.js'
import { closeOrder } from '../../../tenant/ordering/close-order.js'
import { changeTerms, orderRules } from '../../../tenant/ordering/order-rules.js'
import { Order } from '../../../tenant/ordering/order.js'
import { serviceRules } from '../../../tenant/services/service-rules.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { emptyForm, listQuery, settingsForm } from './forms.js'
import { detailPage, listPage, orderRows, orderSorts, ordersQuery, settingsInput } from './pages.js'

export const orderDesk = Router()
const mayManage = (req: Request): boolean => deskOf(req).role !== 'support'
const mostCsvRows = 20_000

orderDesk.get('/orders', async (req, res) => {
  const wish = query(listQuery, req)
  deskPage(req, res, 'orders/list', { ...(await atDesk(req, 'orders', () => listPage(wish, parsePaging(req.query, orderSorts), deskOf(req).base))), can: mayManage(req) }, { title: 'Orders' })
})

orderDesk.get('/orders.csv', async (req, res) => {
  const wish = query(listQuery, req)
  const rows = await atDesk(req, 'orders as CSV', async () => orderRows(await ordersQuery(wish).orderBy('id', 'desc').limit(mostCsvRows)))
  const lines = rows.map((r) => ({ ordered: r.placedAt.toISOString(), customer: r.customer, what: r.what, total: r.total?.toString() ?? '', currency: r.total?.currency ?? '', state: r.status }))
  res.type('text/csv').attachment('orders.csv').set('cache-control', 'private, no-store').send(stringify(lines, { header: true, record_delimiter: '\r\n', escape_formulas: true }))
})

orderDesk.get('/orders/settings', async (req, res) => showSettings(req, res, await atDesk(req, 'order settings', settingsInput)))

orderDesk.put('/orders/settings', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => showSettings(req, res, input, errors, status))
  const { unpaidDays, keepDays, terms } = form(settingsForm, req)
  const { version } = await atDesk(req, 'change order settings', async () => {
    await orderRules.write({ unpaidDays })
    await serviceRules.write({ keepDays })
    return changeTerms(terms.replace(/\r\n/g, '\n'), clock.now())
  })
  redirect(req, res, `${deskOf(req).base}/orders/settings`, { flash: `Saved. Customers now accept version ${version} of your terms.` })
})

function showSettings(req: Request, res: Response, input: Readonly<Record<string, unknown>>, errors: Readonly<Record<string, string>> | null = null, status = 200): void {
  deskPage(req, res, 'orders/settings', { input, errors, can: mayManage(req) }, { title: 'Order settings', status })
}

const orderOf = (req: Request): Promise<Order> => Order.findOwned<Order>({ publicId: String(req.params['publicId']) })

orderDesk.get('/orders/:publicId', async (req, res) => {
  const data = await atDesk(req, 'order', async () => detailPage(await orderOf(req), deskOf(req).base))
  deskPage(req, res, 'orders/show', { ...data, can: mayManage(req) }, { title: 'Order' })
})

orderDesk.get('/orders/:publicId/cancellation', async (req, res) => {
  mustManage(req)
  const { publicId, customer } = await atDesk(req, 'order', async () => detailPage(await orderOf(req), deskOf(req).base))
  deskPage(req, res, 'orders/cancel', { publicId, customer }, { title: 'Give up this order?' })
})

orderDesk.post('/orders/:publicId/cancellation', async (req, res) => {
  mustManage(req)
  form(emptyForm, req)
  const refusal = await atDesk(req, 'cancel order', () => refusalIn(async () => closeOrder(await orderOf(req), 'cancelled')))
  redirect(req, res, `${deskOf(req).base}/orders/${String(req.params['publicId'])}`, { flash: refusal ? { kind: 'bad', text: refusal.message } : 'The order is given up; its invoice is void.' })
})
