/** Subscriptions at a tenant's desk: list, one of them, what is parked, why customers leave, the shop's rules. Changing one has its own file. */
import { Router, type Request, type Response } from 'express'
import { stringify } from 'csv-stringify/sync'
import { parsePaging } from '../../../shared/database/paging.js'
import { form, query } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { subscriptionRules } from '../../../tenant/billing/subscriptions/billing-rules.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { actRoutes } from './act-routes.js'
import { bulkRoutes } from './bulk-routes.js'
import { changeRoutes } from './change-routes.js'
import { couponRoutes } from './coupon-routes.js'
import { listQuery, reasonsQuery, rulesForm } from './forms.js'
import { deskRows, detailPage, listPage, reasonsPage, sorts, wanted } from './pages.js'
import { subscriptionOf } from './subscription-of.js'

export const subscriptionDesk = Router()
const mostCsvRows = 20_000

subscriptionDesk.get('/subscriptions', async (req, res) => {
  const wish = query(listQuery, req)
  const data = await atDesk(req, 'subscriptions', () => listPage(wish, parsePaging(req.query, sorts), deskOf(req).base))
  deskPage(req, res, 'subscriptions/list', { ...data, can: deskOf(req).role !== 'support' }, { title: 'Subscriptions' })
})

subscriptionDesk.get('/subscriptions.csv', async (req, res) => {
  const wish = query(listQuery, req)
  const rows = await atDesk(req, 'subscriptions as CSV', async () => deskRows(await wanted(wish).orderBy('id', 'desc').limit(mostCsvRows)))
  const lines = rows.map((r) => ({ subscription: r.publicId, customer: r.customer, plan: r.name, service: r.service ?? '', state: r.status.label, price: r.price.toString(), currency: r.price.currency, renews: r.renewsAt?.toISOString() ?? '' }))
  res.type('text/csv').attachment('subscriptions.csv').set('cache-control', 'private, no-store').send(stringify(lines, { header: true, record_delimiter: '\r\n', escape_formulas: true }))
})

subscriptionDesk.get('/subscriptions/reasons', async (req, res) => {
  const { days } = query(reasonsQuery, req)
  deskPage(req, res, 'subscriptions/reasons', await atDesk(req, 'why customers leave', () => reasonsPage(days, deskOf(req).base)), { title: 'Why customers leave' })
})

subscriptionDesk.get('/subscriptions/rules', async (req, res) => showRules(req, res, await atDesk(req, 'subscription rules', () => subscriptionRules.read())))
subscriptionDesk.put('/subscriptions/rules', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => showRules(req, res, input, errors, status))
  const { customersMayPause, ...rules } = form(rulesForm, req)
  await atDesk(req, 'change subscription rules', () => subscriptionRules.write({ ...rules, customersMayPause: customersMayPause === 'on' }))
  redirect(req, res, `${deskOf(req).base}/subscriptions/rules`, { flash: 'Saved. They count from now on.' })
})
function showRules(req: Request, res: Response, input: object, errors: Readonly<Record<string, string>> = {}, status = 200): void {
  deskPage(req, res, 'subscriptions/rules', { input, errors, home: `${deskOf(req).base}/subscriptions`, can: deskOf(req).role !== 'support' }, { title: 'Rules of subscriptions', status })
}

subscriptionDesk.use(bulkRoutes, changeRoutes, couponRoutes, actRoutes)

subscriptionDesk.get('/subscriptions/:publicId', async (req, res) => {
  const data = await atDesk(req, 'subscription', async () => detailPage(await subscriptionOf(req), deskOf(req).base))
  deskPage(req, res, 'subscriptions/show', { ...data, manages: deskOf(req).role !== 'support' }, { title: 'Subscription' })
})
