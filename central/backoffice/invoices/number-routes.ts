/** How this shop numbers and issues its documents. */
import { Router, type Request, type Response } from 'express'
import { FormErrors } from '../../../shared/errors.js'
import { form } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { allSeries, changeSeries, previewSeries, type SeriesCode } from '../../../tenant/billing/invoices/number-series/number-series.js'
import { invoiceTerms } from '../../../tenant/billing/invoices/terms.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { seriesForm, termsForm } from './forms.js'

export const numberRoutes = Router()
const names: Readonly<Record<SeriesCode, string>> = {
  invoice: 'Invoices', 'credit-note': 'Credit notes', quote: 'Quotes', proforma: 'Proforma invoices',
}
type Shown = { errors?: Readonly<Record<string, string>>; input?: Readonly<Record<string, unknown>>; status?: number; preview?: string }

async function show(req: Request, res: Response, { errors = {}, input = {}, status = 200, preview }: Shown = {}): Promise<void> {
  const data = await atDesk(req, 'numbers', async () => ({ series: await allSeries(), terms: await invoiceTerms.read() }))
  const series = data.series.map((s) => {
    const typed = input['code'] === s.code
    return {
      ...s, name: names[s.code], pattern: typed ? input['pattern'] : s.pattern, yearlyReset: typed ? input['yearlyReset'] === 'on' : s.yearlyReset,
      error: typed ? errors['pattern'] : undefined, preview: typed ? preview : undefined,
    }
  })
  const terms = 'days' in input ? { days: input['days'], proforma: input['proforma'] === 'on' } : data.terms
  deskPage(req, res, 'invoices/numbers', { series, terms, errors, manages: deskOf(req).role !== 'support' }, { title: 'Numbers and terms', status })
}

numberRoutes.get('/numbers', (req, res) => show(req, res))

numberRoutes.post('/numbers/series', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => show(req, res, { errors, input, status }))
  const input = form(seriesForm, req)
  const wish = { pattern: input.pattern, yearlyReset: input.yearlyReset === 'on' }
  const preview = await atDesk(req, 'preview numbers', () => previewSeries(input.code, wish)).catch((error: unknown) => {
    throw error instanceof FormErrors ? new FormErrors(error.fields, input) : error
  })
  if (input.act === 'preview') return show(req, res, { input, preview })
  await atDesk(req, 'change numbers', () => changeSeries(input.code, wish))
  redirect(req, res, `${deskOf(req).base}/numbers`, { flash: `The new format counts from the next document on: ${names[input.code].toLowerCase()}.` })
})

numberRoutes.post('/numbers/terms', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => show(req, res, { errors, input, status }))
  const { days, proforma } = form(termsForm, req)
  await atDesk(req, 'change terms', () => invoiceTerms.write({ days: Number(days), proforma: proforma === 'on' }))
  redirect(req, res, `${deskOf(req).base}/numbers`, { flash: 'Saved. Invoices issued earlier keep their terms.' })
})
