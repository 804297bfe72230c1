/** A list of rates pasted from a spreadsheet: read, shown, and taken over only when it was looked at. */
import { Router, type Request, type Response } from 'express'
import { FormErrors } from '../../../shared/errors.js'
import { form } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { clock } from '../../../shared/time/clock.js'
import { importRates, readRates } from '../../../tenant/billing/tax/rate-list.js'
import type { RateFacts } from '../../../tenant/billing/tax/save-rate.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { importForm } from './forms.js'
import { percentOf } from './pages.js'

export const importRoutes = Router()

function importPage(req: Request, res: Response, data: object, status = 200): void {
  const { base } = deskOf(req)
  deskPage(req, res, 'taxes/import', { crumbs: [{ href: `${base}/taxes`, label: 'Taxes' }, { label: 'Load a list' }], ...data }, { title: 'Load a list of rates', status })
}

importRoutes.get('/taxes/import', (req, res) => { mustManage(req); importPage(req, res, { input: {} }) })
importRoutes.post('/taxes/import', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => importPage(req, res, { errors, input }, status))
  const input = form(importForm, req)
  const rows = readRates(input.rates)
  const faults = rows.filter((row) => row.fault).slice(0, 20).map((row) => `Line ${row.line}: ${row.fault ?? ''}`)
  const rates = rows.map((row) => row.rate).filter((rate): rate is RateFacts => rate !== null)
  if (faults.length || !rates.length) throw new FormErrors({ rates: faults.join(' ') || 'There is no rate in this list.' }, { rates: input.rates })
  if (input.sure !== 'yes') return importPage(req, res, { input, preview: rates.slice(0, 200).map((rate) => ({ ...rate, percent: percentOf(rate.ppm) })), count: rates.length, more: Math.max(0, rates.length - 200) })
  const { added, changed } = await atDesk(req, 'load a list of tax rates', () => importRates(rates, clock.now()))
  redirect(req, res, `${deskOf(req).base}/taxes`, { flash: `${added} rates are added and ${changed} changed; the others were the same.` })
})
