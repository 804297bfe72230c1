/** Credit notes at the desk: form, preview with exact tax, then the note as it was shown. */
import { Router, type Request, type Response } from 'express'
import { FormErrors, Refusal } from '../../../shared/errors.js'
import { form } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { createCreditNote } from '../../../tenant/billing/invoices/credit-notes/create-credit-note.js'
import { creditNotePdf } from '../../../tenant/billing/invoices/documents/credit-note-document.js'
import { CreditNote } from '../../../tenant/billing/invoices/credit-notes/credit-note.js'
import type { Invoice } from '../../../tenant/billing/invoices/invoice.js'
import { quoteCreditNote, type NewCreditNote } from '../../../tenant/billing/invoices/credit-notes/quote-credit-note.js'
import { Money } from '../../../shared/money/money.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { amountOf, lineAmountsOf, noteForm, plainBody } from './forms.js'
import { invoiceOf } from './invoice-of.js'
import { noteFormView } from './pages.js'

export const noteRoutes = Router()
const back = (req: Request): string => `${deskOf(req).base}/invoices/${String(req.params['publicId'])}`

async function showForm(req: Request, res: Response, errors: Readonly<Record<string, string>> = {}, input: Readonly<Record<string, unknown>> = {}, status = 200): Promise<void> {
  const typed = lineAmountsOf(req)
  const data = await atDesk(req, 'credit note', async () => noteFormView(await invoiceOf(req)))
  const lines = (data as { lines: Array<{ id: number; field: string }> }).lines.map((line) => ({ ...line, value: typed.get(line.id) ?? '', error: errors[line.field] }))
  deskPage(req, res, 'invoices/credit', { ...data, lines, errors, input }, { title: 'Credit note', status })
}

noteRoutes.get('/invoices/:publicId/credit-note', async (req, res) => {
  mustManage(req)
  await showForm(req, res)
})

/** Inside the tenant. Throws FormErrors. */
function wishOf(req: Request, invoice: Invoice): NewCreditNote {
  const { to, reason, formKey, all } = form(noteForm, plainBody(req))
  const typed = lineAmountsOf(req)
  if (!all && typed.size === 0) throw new FormErrors({ all: 'Enter an amount for at least one line, or take back all that is left.' }, { to, reason })
  const lines = all ? 'rest' as const : [...typed].map(([lineId, value]) => ({
    lineId, amountMinor: amountOf(value, invoice.currency, `line_${lineId}`, { to, reason }).minor,
  }))
  return { invoice, lines, reason, to, key: `desk:${formKey}` }
}

noteRoutes.post('/invoices/:publicId/credit-note', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => showForm(req, res, errors, input, status))
  const data = await atDesk(req, 'credit note preview', async () => {
    const invoice = await invoiceOf(req)
    const wish = wishOf(req, invoice)
    const quote = await quoteCreditNote(wish)
    const money = (minor: number): Money => Money.of(minor, invoice.currency)
    return {
      number: invoice.label, publicId: invoice.publicId, reason: wish.reason, to: wish.to, formKey: wish.key.slice(5), all: wish.lines === 'rest',
      net: quote.net, tax: quote.tax.isZero() ? null : quote.tax, total: quote.total,
      lines: quote.parts.map(({ line, amounts }) => ({
        field: `line_${line.id}`, value: money(amounts.totalMinor).toString(), description: line.description, net: money(amounts.netMinor), tax: money(amounts.taxMinor), total: money(amounts.totalMinor),
      })),
    }
  })
  deskPage(req, res, 'invoices/credit-preview', data, { title: 'Credit note' })
})

noteRoutes.post('/invoices/:publicId/credit-notes', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => showForm(req, res, errors, input, status))
  const label = await atDesk(req, 'credit note', async () => {
    const invoice = await invoiceOf(req)
    const wish = wishOf(req, invoice)
    const known = await CreditNote.query().findOne({ businessKey: wish.key })
    if (known && known.invoiceId !== invoice.id) throw new Refusal('credit-note.key', 'This form was used already.')
    return (await createCreditNote(wish)).label
  })
  redirect(req, res, back(req), { flash: `Credit note ${label} is issued and on its way to the customer.` })
})

noteRoutes.get('/credit-notes/:publicId/pdf', async (req, res) => {
  const { filename, content } = await atDesk(req, 'credit note pdf', async () => creditNotePdf(await CreditNote.findOwned({ publicId: req.params.publicId })))
  res.type('application/pdf').set('content-disposition', `inline; filename="${filename}"`).set('cache-control', 'private, no-store').send(content)
})
