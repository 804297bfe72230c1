/** Many cases paused, taken up again, charged, exempted or written off in one go. */
import { clock } from '../../../shared/time/clock.js'
import { formatDate, formatMoney } from '../../../shared/views/format.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { exemptCase, forgive, pauseCase, resumeCase, retryNow } from '../../../tenant/billing/dunning/case-actions.js'
import { DunningCase } from '../../../tenant/billing/dunning/dunning-case.js'
import { Invoice } from '../../../tenant/billing/invoices/invoice.js'
import { openAttempts } from '../../../tenant/billing/invoices/void-invoice.js'
import { chooseMethod } from '../../../tenant/billing/payments/collect-invoice.js'
import { BulkEnd, type BulkList } from '../bulk/bulk-list.js'
import { bulkRoutes as routesOf } from '../bulk/bulk-routes.js'
import { dayStart } from '../payments/day-start.js'
import { pauseForm, reasonForm } from './forms.js'
import { endingOf } from './retry-words.js'
import { caseRows, type CaseRow } from './rows.js'

const reason = { name: 'reason', label: 'Reason', hint: 'For your colleagues; the customers do not see it.' }
const because = { fields: [reason], shape: reasonForm.shape }
const invoiceOf = (dunning: DunningCase): Promise<Invoice> => Invoice.findOwned<Invoice>({ id: dunning.invoiceId })

const nextWord = ({ next, nextAt }: CaseRow): string | null => (next && nextAt ? `${next}, ${formatDate(nextAt, currentTenant().timeZone, currentTenant().locale)}` : next)

/** What a try would do now, in words. */
async function tryOf(dunning: DunningCase): Promise<string> {
  const invoice = await invoiceOf(dunning)
  if (await openAttempts(invoice)) return 'A payment is under way: its end is asked for'
  const choice = await chooseMethod(invoice, clock.now())
  return choice ? `${choice.method.label} is charged ${formatMoney(invoice.balance.minor, invoice.currency, currentTenant().locale)}` : 'Nothing to try: no saved method is worth a charge now'
}

async function retry(dunning: DunningCase): Promise<BulkEnd> {
  const ending = endingOf(await retryNow(dunning))
  return new BulkEnd(ending.word, ending.tone)
}

const cases: BulkList<DunningCase> = {
  path: '/dunning', title: 'Dunning', noun: 'case', nouns: 'cases', nameHead: 'Invoice',
  heads: [{ label: 'Customer' }, { label: 'Owes', kind: 'money' }, { label: 'State', kind: 'status' }, { label: 'Next by itself' }],
  chosen: (ids) => DunningCase.query().whereIn('publicId', [...ids]).orderBy('id').then((found) => found), idOf: (dunning) => dunning.publicId,
  rows: async (items, base) => (await caseRows(items, base)).map((row) => ({ href: row.href, name: row.invoice, cells: [row.customer, row.balance, row.status, nextWord(row)] })),
  acts: {
    pause: {
      title: 'Pause dunning for these invoices?', text: 'What is suspended stays suspended. Steps that fall into the pause come afterwards, with time between them. The amounts stay owed.', label: 'Pause', does: 'Nothing happens until the day you choose', done: 'Paused',
      fields: [{ name: 'until', label: 'Until', type: 'date' }, reason], shape: pauseForm.shape,
      refusal: (dunning) => dunning.refusalToPause()?.message ?? null,
      run: (dunning, input) => pauseCase(dunning, dayStart(input['until']!), input['reason']!),
    },
    resume: {
      title: 'Go on with dunning for these invoices?', text: 'Pauses and exemptions end. What is due comes within minutes.', label: 'Go on with', does: (dunning) => (dunning.status === 'exempt' ? 'The exemption ends' : 'The pause ends'), done: 'Goes on',
      refusal: (dunning) => dunning.refusalToResume()?.message ?? null,
      run: (dunning) => resumeCase(dunning),
    },
    retry: {
      title: 'Try the saved methods now?', text: 'Each customer’s saved method is charged at once. Who is declined gets a letter with a link to pay.', label: 'Charge', does: tryOf, done: 'Tried',
      refusal: async (dunning) => dunning.refusalToRetry(await invoiceOf(dunning))?.message ?? null,
      run: (dunning) => retry(dunning),
    },
    exempt: {
      title: 'Exempt these invoices from dunning?', text: 'Nobody is reminded or suspended for them any more. The amounts stay owed; you can take this back at any time.', label: 'Exempt', does: 'Dunning ends; what it suspended works again', done: 'Exempt', tone: 'danger', ...because,
      refusal: (dunning) => dunning.refusalToExempt()?.message ?? null,
      run: (dunning, input) => exemptCase(dunning, input['reason']!),
    },
    'write-off': {
      title: 'Write these invoices off?', text: 'You no longer expect to be paid. The loss is booked; should a customer pay after all, it is taken back.', label: 'Write off', does: 'The loss is booked; what dunning suspended works again', done: 'Written off', tone: 'danger', ...because,
      refusal: async (dunning) => { const invoice = await invoiceOf(dunning); return dunning.refusalToForgive(invoice, await openAttempts(invoice))?.message ?? null },
      run: (dunning, input) => forgive(dunning, input['reason']!),
    },
  },
}

export const bulkRoutes = routesOf(cases)
