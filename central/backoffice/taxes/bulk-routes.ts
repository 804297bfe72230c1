/** Many rates ended on a day or removed, many exemptions ended or declined, many tax numbers asked about, in one go. */
import { Router } from 'express'
import { z } from 'zod'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { clock } from '../../../shared/time/clock.js'
import { formatDate } from '../../../shared/views/format.js'
import { declineExemption, endExemption } from '../../../tenant/billing/tax/decide-exemption.js'
import { askAgain } from '../../../tenant/billing/tax/register-tax-id.js'
import { endRate, removeRate } from '../../../tenant/billing/tax/save-rate.js'
import { TaxNumber } from '../../../tenant/billing/tax/tax-number.js'
import { TaxRate } from '../../../tenant/billing/tax/tax-rate.js'
import { bearingsWithout, type Bearing } from '../../../tenant/billing/tax/without-rate.js'
import type { BulkList } from '../bulk/bulk-list.js'
import { bulkRoutes as routesOf } from '../bulk/bulk-routes.js'
import { dayStart } from '../payments/day-start.js'
import { decider } from './decider.js'
import { calendarDay } from './forms.js'
import { exemptionsIn, type ListedExemption } from './list-queries.js'
import { countryName } from './pages.js'

interface Rate { readonly rate: TaxRate; readonly without: readonly Bearing[] }

/** With what is borne instead; the other rates of these countries are read once. */
async function chosenRates(ids: readonly string[]): Promise<Rate[]> {
  const chosen = await TaxRate.query().whereIn('publicId', [...ids]).orderBy('id')
  const all = await TaxRate.query().whereIn('country', [...new Set(chosen.map((rate) => rate.country))])
  return chosen.map((rate) => ({ rate, without: bearingsWithout(rate, all, clock.now()) }))
}

/** `no tax; from Jan 1, 2027: VAT 20 %`. */
function inWords(bearings: readonly Bearing[]): string {
  const { timeZone, locale } = currentTenant()
  return bearings.map(({ from, rates }) => `${from ? `from ${formatDate(from, timeZone, locale)}: ` : ''}${rates.map((rate) => rate.label).join(' and ') || 'no tax'}`).join('; ')
}
const placeOf = ({ country, region, postcodePattern }: TaxRate): string => [countryName(country, currentTenant().locale), region, postcodePattern].filter(Boolean).join(', ')

const rates: BulkList<Rate> = {
  path: '/taxes', title: 'Taxes', noun: 'rate', nouns: 'rates', nameHead: 'Place', heads: [{ label: 'Rate' }, { label: 'Class' }, { label: 'From', kind: 'date' }, { label: 'Until', kind: 'date' }],
  chosen: chosenRates, idOf: ({ rate }) => rate.publicId,
  rows: (items, base) => Promise.resolve(items.map(({ rate }) => ({ href: `${base}/taxes/rates/${rate.publicId}`, name: placeOf(rate), cells: [rate.label, rate.taxClass, rate.validFrom, rate.validTo] }))),
  acts: {
    end: {
      title: 'End these rates on a day?', text: 'For the day on which a rate changes: add the new one from the same day. Issued invoices stay as they are.', label: 'End', does: ({ without }) => `From that day without it: ${inWords(without)}`, done: 'Ends',
      fields: [{ name: 'validTo', label: 'Until, without this day', type: 'date' }], shape: { validTo: z.string({ error: 'Choose a day.' }).refine(calendarDay, 'Choose a day.') },
      refusal: ({ rate }) => rate.refusalToEnd(clock.now())?.message ?? null,
      run: ({ rate }, input) => endRate(rate, dayStart(input['validTo']!)),
    },
    remove: {
      title: 'Remove these rates?', text: 'Invoices from now on do not bear them. Issued ones stay as they are. To change a rate on a day, end it instead.', label: 'Remove', does: ({ without }) => `Without it: ${inWords(without)}`, done: 'Removed', tone: 'danger',
      refusal: () => null,
      run: ({ rate }) => removeRate(rate),
    },
  },
}

const exemptions: BulkList<ListedExemption> = {
  path: '/taxes/exemptions', title: 'Exemptions', noun: 'exemption', nouns: 'exemptions', nameHead: 'Customer', heads: [{ label: 'E-mail' }, { label: 'Reason' }, { label: 'Where' }, { label: 'Until', kind: 'date' }, { label: 'State', kind: 'status' }],
  chosen: (ids) => exemptionsIn('').whereIn('tax_exemptions.public_id', [...ids]).orderBy('tax_exemptions.id').then((found) => found as ListedExemption[]), idOf: (row) => row.publicId,
  rows: (items, base) => Promise.resolve(items.map((row) => ({
    href: `${base}/customers/${row.userPublicId}`, name: row.customerName, cells: [row.email, row.reason, row.country ? countryName(row.country, currentTenant().locale) : 'everywhere', row.validUntil, row.status],
  }))),
  acts: {
    end: {
      title: 'End these exemptions?', text: 'These customers pay tax again. Issued invoices stay as they are.', label: 'End', does: 'Invoices from now on bear tax again', done: 'Ended', tone: 'danger',
      refusal: (row) => row.refusalToEnd()?.message ?? null,
      run: async (row) => endExemption(row, await decider()),
    },
    decline: {
      title: 'Decline these requests?', text: 'The customers see that they were declined, and may ask again.', label: 'Decline', does: 'Is declined; invoices go on bearing tax', done: 'Declined', tone: 'danger',
      refusal: (row) => row.refusalToDecline()?.message ?? null,
      run: async (row) => declineExemption(row, await decider()),
    },
  },
}

type Numbered = TaxNumber & { readonly email: string; readonly customerName: string; readonly userPublicId: string }
const states: Readonly<Record<TaxNumber['status'], string>> = { pending: 'Being checked', valid: 'Confirmed', invalid: 'Not confirmed', unchecked: 'Noted' }

const numbers: BulkList<Numbered> = {
  path: '/taxes/numbers', title: 'Tax numbers', noun: 'number', nouns: 'numbers', nameHead: 'Customer', heads: [{ label: 'Number' }, { label: 'State' }, { label: 'Last answer', kind: 'date' }],
  chosen: (ids) => TaxNumber.query().join('users as u', 'u.id', 'tax_numbers.user_id').whereIn('u.public_id', [...ids]).orderBy('tax_numbers.id').select('tax_numbers.*', 'u.email', 'u.name as customerName', 'u.public_id as userPublicId').then((found) => found as Numbered[]),
  idOf: (row) => row.userPublicId,
  rows: (items, base) => Promise.resolve(items.map((row) => ({ href: `${base}/customers/${row.userPublicId}`, name: row.customerName, cells: [row.number, states[row.status], row.checkedAt] }))),
  acts: {
    ask: {
      title: 'Ask the register about these numbers again?', text: 'VIES is asked within a minute; each answer is kept as proof. A number that is not confirmed any more is taxed from the next invoice on.', label: 'Ask about', does: 'Is asked now', done: 'Is being asked',
      refusal: (row) => row.refusalToAsk(clock.now())?.message ?? null,
      run: (row) => askAgain(row.userId, clock.now()),
    },
  },
}

export const bulkRoutes = Router().use(routesOf(rates), routesOf(exemptions), routesOf(numbers))
