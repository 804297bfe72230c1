/** Customers' tax numbers, what the European register said of them, and every question with its answer: the proof for an auditor. */
import { Router, type Request } from 'express'
import { stringify } from 'csv-stringify/sync'
import { applyPaging, parsePaging } from '../../../shared/database/paging.js'
import { form } from '../../../shared/http/form.js'
import { redirect } from '../../../shared/http/page.js'
import { clock } from '../../../shared/time/clock.js'
import { askAgain } from '../../../tenant/billing/tax/register-tax-id.js'
import { TaxNumber, TaxNumberCheck } from '../../../tenant/billing/tax/tax-number.js'
import { Customer } from '../../../tenant/customers/customer.js'
import { disarmed } from '../../../tenant/billing/invoices/documents/runs-csv.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { emptyForm } from './forms.js'
import { mayManage, tabs } from './pages.js'

export const numberRoutes = Router()
const list = (req: Request): string => `${deskOf(req).base}/taxes/numbers`
const states = [['', 'All'], ['pending', 'Being checked'], ['valid', 'Confirmed'], ['invalid', 'Not confirmed'], ['unchecked', 'Noted']] as const
const tones: Readonly<Record<TaxNumber['status'], string>> = { pending: 'wait', valid: 'good', invalid: 'bad', unchecked: 'calm' }

type Listed = TaxNumber & { email: string; customerName: string; userPublicId: string; requestId: string | null }

numberRoutes.get('/taxes/numbers', async (req, res) => {
  const { base } = deskOf(req)
  const state = states.find(([value]) => value !== '' && value === req.query['state'])?.[0] ?? ''
  const found = await atDesk(req, 'look at tax numbers', async () => {
    const query = TaxNumber.query().join('users as u', 'u.id', 'tax_numbers.user_id')
      .leftJoin('tax_number_checks as c', 'c.id', 'tax_numbers.proof_id')
      .select('tax_numbers.*', 'u.email', 'u.name as customerName', 'u.public_id as userPublicId', 'c.request_id as requestId')
    if (state) void query.where('tax_numbers.status', state)
    return applyPaging(query, parsePaging(req.query, { sortable: { new: 'tax_numbers.updated_at' }, default: '-new' }))
  })
  const link = (page: number): string => `${list(req)}?page=${page}${state ? `&state=${state}` : ''}`
  deskPage(req, res, 'taxes/numbers', {
    tabs: tabs(req, '/numbers'), manage: mayManage(req), filtered: state !== '',
    chips: states.map(([value, label]) => ({ href: `${list(req)}${value ? `?state=${value}` : ''}`, label, current: value === state })),
    rows: (found.rows as Listed[]).map((row) => ({
      userPublicId: row.userPublicId, customer: row.customerName, email: row.email, href: `${base}/customers/${row.userPublicId}`, number: row.number,
      holder: [row.holderName, row.holderAddress].filter(Boolean).join(', '),
      label: states.find(([value]) => value === row.status)?.[1], tone: tones[row.status], checkedAt: row.checkedAt, nextCheckAt: row.nextCheckAt,
      requestId: row.requestId, attempts: row.attempts, asks: row.refusalToAsk(clock.now()) === null,
    })),
    summary: found.total > found.rows.length ? `${found.from}–${found.to} of ${found.total}` : '',
    previousHref: found.page > 1 ? link(found.page - 1) : null, nextHref: found.page < found.pages ? link(found.page + 1) : null,
  }, { title: 'Tax numbers' })
})

/** The newest questions first; more than this are not given at once. */
const mostRows = 20_000

numberRoutes.get('/taxes/numbers.csv', async (req, res) => {
  const rows = await atDesk(req, 'download proofs of tax numbers', async () => TaxNumberCheck.query().join('users as u', 'u.id', 'tax_number_checks.user_id').select('tax_number_checks.*', 'u.email').orderBy('tax_number_checks.id', 'desc').limit(mostRows)) as Array<TaxNumberCheck & { email: string }>
  const head = ['Customer', 'Number', 'Asked (UTC)', 'Outcome', 'Error', 'Consultation', 'Requester', 'Name', 'Address']
  const cells = rows.map((row) => [row.email, row.number, row.askedAt.toISOString(), row.outcome, row.error ?? '', row.requestId ?? '', row.requester ?? '', row.holderName ?? '', row.holderAddress ?? ''].map(disarmed))
  res.type('text/csv').attachment('tax-numbers.csv').set('cache-control', 'private, no-store')
    .send(stringify([head, ...cells], { record_delimiter: '\r\n' }))
})

numberRoutes.post('/taxes/numbers/:publicId/check', async (req, res) => {
  mustManage(req)
  form(emptyForm, req)
  await atDesk(req, 'ask about a tax number', async () => askAgain((await Customer.findOwned<Customer>({ publicId: String(req.params['publicId']) })).id, clock.now()))
  redirect(req, res, list(req), { flash: 'The register is asked now. Look again in a minute.' })
})
