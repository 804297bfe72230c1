/** What a workspace was used for and cost: runs, receipts, CSV, budget, activity. */
import { Router, type Request, type Response } from 'express'
import { z } from 'zod'
import { NotFound } from '../../../shared/errors.js'
import { form, query } from '../../../shared/http/form.js'
import { onFormErrors, page, redirect } from '../../../shared/http/page.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { clock } from '../../../shared/time/clock.js'
import { documentName, paperOf } from '../../billing/invoices/documents/print-document.js'
import { requireUser, userOf } from '../../customers/guard.js'
import { budgetForm, pageQuery, usageQuery } from '../forms.js'
import { historyCsv } from '../metering/history.js'
import { activityPage } from './activity.js'
import { at, ours, power, type Ours } from './ours.js'
import { receiptPage } from './receipt-page.js'
import { saveBudgets } from './save-budgets.js'
import { spanOfWish, usagePage } from './usage-page.js'
import { endChosen } from './words.js'

export const usageRoutes = Router()
const pageOf = (req: Request): number => Number(query(pageQuery, req).page ?? 1)

async function showUsage(req: Request, res: Response, { service, workspace }: Ours, typed: { input?: Readonly<Record<string, unknown>>; errors?: Readonly<Record<string, string>> } = {}, status = 200): Promise<void> {
  const data = await usagePage(service, workspace, { ...query(usageQuery, req), page: pageOf(req) }, clock.now(), typed)
  page(req, res, 'tenant/kasm/usage', data, { title: `${service.name}: usage`, status })
}

usageRoutes.get(`${at}/usage`, requireUser, async (req, res) => showUsage(req, res, await ours(req)))

usageRoutes.get(`${at}/runs.csv`, requireUser, async (req, res) => {
  const { service, workspace } = await ours(req)
  const wish = query(usageQuery, req)
  const { span } = await spanOfWish(service, wish, clock.now())
  const csv = await historyCsv(workspace, { from: span.start, to: span.end, endedBy: endChosen(wish.by) }, clock.now())
  res.type('text/csv').attachment(documentName(`${service.name}-runs`, 'csv')).set('cache-control', 'private, no-store').send(csv)
})

const runId = z.string().regex(/^[1-9]\d{0,15}$/)
async function receipt(req: Request) {
  const { service } = await ours(req)
  const id = runId.safeParse(req.params['run'])
  if (!id.success) throw new NotFound('run')
  return receiptPage(service, userOf(req), Number(id.data), clock.now())
}

usageRoutes.get(`${at}/runs/:run`, requireUser, async (req, res) => {
  const data = await receipt(req)
  page(req, res, 'tenant/kasm/receipt', data, { title: data.title })
})

usageRoutes.get(`${at}/runs/:run/print`, requireUser, async (req, res) => {
  const data = await receipt(req)
  page(req, res, 'tenant/kasm/receipt-document', { ...data, paper: paperOf(currentTenant().locale) }, { title: data.title, layout: 'print' })
})

usageRoutes.put(`${at}/budget`, requireUser, power, async (req, res) => {
  const own = await ours(req)
  onFormErrors(res, (errors, input, status) => showUsage(req, res, own, { errors, input }, status))
  await saveBudgets(own.service, own.workspace, form(budgetForm, req), clock.now())
  redirect(req, res, `${own.href}/usage`, { flash: 'Your budget is saved.' })
})

usageRoutes.get(`${at}/activity`, requireUser, async (req, res) => {
  const { service, workspace } = await ours(req)
  page(req, res, 'tenant/kasm/activity', await activityPage(service, workspace, pageOf(req)), { title: `${service.name}: activity` })
})
