/** Statements: pasted, looked at, then recorded; and the account that customers pay to. */
import { Router, type Request, type Response } from 'express'
import { FormErrors } from '../../../shared/errors.js'
import { form } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { bankDetails, ibanFault } from '../../../tenant/billing/transfers/bank-details.js'
import { readStatement, type Statement } from '../../../tenant/billing/transfers/read-statement.js'
import { recordTransfer } from '../../../tenant/billing/transfers/record-transfer.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { detailsForm, importForm } from './forms.js'
import { importPreview } from './pages.js'

export const statementRoutes = Router()
const can = (req: Request): boolean => deskOf(req).role !== 'support'

const importPage = (req: Request, res: Response, errors?: object, input: object = {}, status = 200): void => deskPage(req, res, 'transfers/import', { errors, input }, { title: 'Import a statement', status })
statementRoutes.get('/transfers/import', (req, res) => {
  mustManage(req)
  importPage(req, res)
})

/** The first time it shows what was read; confirmed, it records what is new. */
statementRoutes.post('/transfers/import', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => importPage(req, res, errors, input, status))
  const { statement: text, confirmed } = form(importForm, req)
  const { base, currency } = deskOf(req)
  const statement = read(text, currency)
  if (!confirmed) return deskPage(req, res, 'transfers/import-preview', { ...(await atDesk(req, 'preview statement', () => importPreview(statement, currency))), statement: text }, { title: 'Import these transfers?' })
  const fresh = await atDesk(req, 'import statement', async () => {
    let count = 0
    for (const { key, receivedOn, amountMinor, payer, reference } of statement.lines) if ((await recordTransfer({ key, receivedOn, amountMinor, payer, reference, currency })).fresh) count++
    return count
  })
  redirect(req, res, `${base}/transfers`, { flash: `${fresh} ${fresh === 1 ? 'transfer is' : 'transfers are'} recorded.` })
})

function read(text: string, currency: string): Statement {
  try {
    return readStatement(text, currency)
  } catch (error) {
    if (error instanceof RangeError) throw new FormErrors({ statement: error.message }, { statement: text })
    throw error
  }
}

async function detailsPage(req: Request, res: Response, errors?: object, input?: object, status = 200): Promise<void> {
  deskPage(req, res, 'transfers/settings', { errors, input: input ?? (await atDesk(req, 'bank details', () => bankDetails.read())), can: can(req) }, { title: 'Paying by bank transfer', status })
}
statementRoutes.get('/transfers/settings', (req, res) => detailsPage(req, res))
statementRoutes.put('/transfers/settings', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => detailsPage(req, res, errors, input, status))
  const input = form(detailsForm, req)
  const enabled = input.enabled === 'on'
  const faults: Record<string, string> = {}
  if (enabled && !input.holder) faults['holder'] = 'Enter whose account it is.'
  if (enabled || input.iban) {
    const fault = ibanFault(input.iban ?? '')
    if (fault) faults['iban'] = fault
  }
  if (Object.keys(faults).length) throw new FormErrors(faults, input)
  await atDesk(req, 'change bank details', () => bankDetails.write({ enabled, holder: input.holder ?? '', iban: input.iban ?? '', bic: input.bic ?? '', bank: input.bank ?? '', note: input.note ?? '' }))
  redirect(req, res, `${deskOf(req).base}/transfers/settings`, { flash: enabled ? 'Saved. Customers see it beneath open invoices.' : 'Saved. Bank transfer is not offered.' })
})
