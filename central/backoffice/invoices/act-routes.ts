/** What staff may do with one issued invoice. Each act that cannot be undone has a page before it that says what it does. */
import { Router, type Request, type Response } from 'express'
import { form } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { clock } from '../../../shared/time/clock.js'
import type { Invoice } from '../../../tenant/billing/invoices/invoice.js'
import { issueInvoice } from '../../../tenant/billing/invoices/issue-invoice.js'
import { sendInvoiceAgain } from '../../../tenant/billing/invoices/send-again.js'
import { voidAndReissue } from '../../../tenant/billing/invoices/void-and-reissue.js'
import { voidInvoice } from '../../../tenant/billing/invoices/void-invoice.js'
import { writeOff } from '../../../tenant/billing/invoices/write-off.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { reasonForm, sendForm } from './forms.js'
import { invoiceOf } from './invoice-of.js'

export const actRoutes = Router()
const back = (req: Request, publicId = String(req.params['publicId'])): string => `${deskOf(req).base}/invoices/${publicId}`

actRoutes.post('/invoices/:publicId/letters', async (req, res) => {
  const { formKey } = form(sendForm, req)
  const to = await atDesk(req, 'send invoice again', async () => sendInvoiceAgain(await invoiceOf(req), formKey))
  redirect(req, res, back(req), { flash: `The invoice is on its way to ${to}.` })
})

interface Act {
  readonly path: string
  readonly title: (label: string) => string
  readonly text: string
  readonly points: readonly string[]
  readonly label: string
  /** What happens; gives the public id of the invoice to show next, and what to say. */
  readonly run: (invoice: Invoice, reason: string | null, now: Date) => Promise<{ publicId: string; flash: string }>
}

const acts: readonly Act[] = [
  {
    path: 'void', title: (label) => `Void invoice ${label}?`, text: 'The customer no longer owes it. Its number stays used.', label: 'Void the invoice',
    points: ['Metered use on it is forgiven and is not billed again.', 'Credit that was spent on it goes back to the customer.'],
    run: async (invoice, reason, now) => ({ publicId: invoice.publicId, flash: `Invoice ${(await voidInvoice(invoice, { reason, now })).label} is void.` }),
  },
  {
    path: 'reissue', title: (label) => `Replace invoice ${label}?`, text: 'It is voided, and the same lines are issued anew under the next number.', label: 'Void and issue anew',
    points: ['The new invoice carries the customer’s address and the taxes of today.', 'Credit that was spent on it pays the new one.'],
    run: async (invoice, reason, now) => {
      const { invoice: next } = await voidAndReissue(invoice, {}, { reason, now })
      return { publicId: next.publicId, flash: `Invoice ${next.label} stands for it now.` }
    },
  },
  {
    path: 'write-off', title: (label) => `Write off invoice ${label}?`, text: 'You no longer expect to be paid. The loss is booked.', label: 'Write it off',
    points: ['The customer can still pay it; then the loss is taken back.', 'Reminders stop.'],
    run: async (invoice, reason, now) => ({ publicId: invoice.publicId, flash: `Invoice ${(await writeOff(invoice, { reason, now })).label} is written off.` }),
  },
]

for (const act of acts) {
  const show = async (req: Request, res: Response, errors: Readonly<Record<string, string>> = {}, input: Readonly<Record<string, unknown>> = {}, status = 200): Promise<void> => {
    const label = await atDesk(req, act.path, async () => (await invoiceOf(req)).label)
    deskPage(req, res, 'invoices/confirm', {
      title: act.title(label), text: act.text, points: act.points, label: act.label, action: `${back(req)}/${act.path}`, backHref: back(req), errors, input,
    }, { title: act.title(label), status })
  }
  actRoutes.get(`/invoices/:publicId/${act.path}`, async (req, res) => {
    mustManage(req)
    await show(req, res)
  })
  actRoutes.post(`/invoices/:publicId/${act.path}`, async (req, res) => {
    mustManage(req)
    onFormErrors(res, (errors, input, status) => show(req, res, errors, input, status))
    const { reason } = form(reasonForm, req)
    const { publicId, flash } = await atDesk(req, act.path, async () => act.run(await invoiceOf(req), reason ?? null, clock.now()))
    redirect(req, res, back(req, publicId), { flash })
  })
}

actRoutes.post('/invoices/:publicId/issue', async (req, res) => {
  mustManage(req)
  form(reasonForm, req)
  const label = await atDesk(req, 'issue invoice', async () => (await issueInvoice(await invoiceOf(req))).label)
  redirect(req, res, back(req), { flash: `Invoice ${label} is issued and on its way to the customer.` })
})
