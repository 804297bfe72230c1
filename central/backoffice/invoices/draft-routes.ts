/** Invoices by hand: made for a customer, edited line by line, previewed with tax, then issued or thrown away. */
import { Router, type Request, type Response } from 'express'
import { FormErrors, NotFound } from '../../../shared/errors.js'
import { form } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { clock } from '../../../shared/time/clock.js'
import { Customer } from '../../../tenant/customers/customer.js'
import { Service } from '../../../tenant/services/service.js'
import { addManualInvoice, addManualLine, changeDraft, changeManualLine, removeManualLine, type ManualLine } from '../../../tenant/billing/invoices/manual-invoice.js'
import type { Invoice } from '../../../tenant/billing/invoices/invoice.js'
import { voidInvoice } from '../../../tenant/billing/invoices/void-invoice.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { amountOf, draftForm, dueAtOf, lineForm, manualForm, reasonForm } from './forms.js'
import { draftView } from './draft-pages.js'
import { invoiceOf } from './invoice-of.js'

export const draftRoutes = Router()
const back = (req: Request, publicId = String(req.params['publicId'])): string => `${deskOf(req).base}/invoices/${publicId}`

async function show(req: Request, res: Response, errors: Readonly<Record<string, string>>, input: Readonly<Record<string, unknown>>, status: number): Promise<void> {
  const data = await atDesk(req, 'draft', async () => draftView(await invoiceOf(req), clock.now()))
  deskPage(req, res, 'invoices/draft', { ...data, errors, input, wrong: req.params['lineId'], manages: true }, { title: 'Draft invoice', status })
}

/** Every change of a draft: may this person, the form again on errors, the work inside the tenant, back to the draft. */
const change = (work: (req: Request, draft: Invoice) => Promise<string>) => async (req: Request, res: Response): Promise<void> => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => show(req, res, errors, input, status))
  redirect(req, res, back(req), { flash: await atDesk(req, 'edit draft', async () => work(req, await invoiceOf(req))) })
}

async function lineOf(req: Request, draft: Invoice): Promise<ManualLine> {
  const input = form(lineForm, req)
  const unitMinor = amountOf(input.price, draft.currency, 'price', input).minor
  const service = input.service ? await Service.query().findOne({ publicId: input.service, userId: draft.userId }) : undefined
  if (input.service && !service) throw new FormErrors({ service: 'This service does not belong to the customer.' }, input)
  return { description: input.description, quantity: Number(input.quantity), unitMinor, taxClass: input.taxClass ?? null, serviceId: service?.id ?? null }
}

draftRoutes.post('/invoices', async (req, res) => {
  mustManage(req)
  const { customer: publicId, formKey } = form(manualForm, req)
  const draft = await atDesk(req, 'new invoice', async () => {
    const customer = await Customer.query().findOne({ publicId })
    if (!customer) throw new NotFound('customer')
    return (await addManualInvoice({ userId: customer.id, currency: customer.currency, lines: [], key: `desk:${formKey}` })).publicId
  })
  redirect(req, res, back(req, draft))
})

draftRoutes.put('/invoices/:publicId', change(async (req, draft) => {
  const { dueOn, memo = null } = form(draftForm, req)
  await changeDraft(draft, { dueAt: dueAtOf(dueOn, { dueOn, memo }), memo })
  return 'Saved.'
}))

draftRoutes.post('/invoices/:publicId/lines', change(async (req, draft) => {
  const line = await lineOf(req, draft)
  await addManualLine(draft, line)
  return `“${line.description}” is added.`
}))

draftRoutes.put('/invoices/:publicId/lines/:lineId', change(async (req, draft) => {
  await changeManualLine(draft, Number(req.params['lineId']), await lineOf(req, draft))
  return 'The line is changed.'
}))

draftRoutes.delete('/invoices/:publicId/lines/:lineId', change(async (req, draft) => {
  form(reasonForm, req)
  await removeManualLine(draft, Number(req.params['lineId']))
  return 'The line is removed.'
}))

draftRoutes.delete('/invoices/:publicId', async (req, res) => {
  mustManage(req)
  form(reasonForm, req)
  await atDesk(req, 'discard draft', async () => {
    const draft = await invoiceOf(req)
    if (draft.status !== 'draft') throw new NotFound('draft')
    await voidInvoice(draft, { release: true, reason: 'Draft thrown away' })
  })
  redirect(req, res, `${deskOf(req).base}/invoices`, { flash: 'The draft is thrown away.' })
})
