/** What the desk shows of taxes. Everything runs inside the tenant. */
import type { Request, Response } from 'express'
import { DateTime } from 'luxon'
import { Money } from '../../../shared/money/money.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { applyPaging, parsePaging } from '../../../shared/database/paging.js'
import { clock } from '../../../shared/time/clock.js'
import { priceCharge } from '../../../tenant/billing/charges/price-charge.js'
import type { TaxMode } from '../../../tenant/billing/charges/line-taxes.js'
import { countriesWithoutRate } from '../../../tenant/billing/tax/missing-rates.js'
import type { TaxExemption } from '../../../tenant/billing/tax/exemption.js'
import { TaxRate } from '../../../tenant/billing/tax/tax-rate.js'
import { TaxRegistration } from '../../../tenant/billing/tax/tax-registration.js'
import { taxSettings } from '../../../tenant/billing/tax/tax-settings.js'
import { countryOptions } from '../../../tenant/customers/places.js'
import { atDesk, deskOf, deskPage } from '../desk.js'
import { countryOf, exemptionsIn, exemptionSorts, rateSorts, ratesIn, stateOf, type ListedExemption } from './list-queries.js'

export const percentOf = (ppm: number): string => String(ppm / 10_000)
/** The day that a date field shows. */
export const dayOf = (instant: Date | null, timeZone: string): string => (instant ? DateTime.fromJSDate(instant, { zone: timeZone }).toISODate() ?? '' : '')
export const countryName = (code: string, locale: string): string => countryOptions(locale).find((option) => option.value === code)?.label ?? code

export function tabs(req: Request, current: string): object[] {
  const { base } = deskOf(req)
  const all = [['', 'Rates', 'percentage'], ['/registrations', 'Registrations', 'building-bank'], ['/numbers', 'Numbers', 'shield-check'], ['/exemptions', 'Exemptions', 'file-text'], ['/settings', 'Settings', 'settings'], ['/report', 'Report', 'report-money']] as const
  return all.map(([path, label, icon]) => ({ href: `${base}/taxes${path}`, label, icon, current: path === current }))
}
export const mayManage = (req: Request): boolean => deskOf(req).role !== 'support'

export async function ratesPage(req: Request, res: Response): Promise<void> {
  const { base, locale } = deskOf(req)
  const country = countryOf(req)
  const now = clock.now()
  const data = await atDesk(req, 'look at tax rates', async () => {
    const list = await applyPaging(ratesIn(country), parsePaging(req.query, rateSorts))
    const countries = (await tenantDb()('tax_rates').groupBy('country').orderBy('country').select<Array<{ country: string }>>('country').count({ n: '*' })) as Array<{ country: string; n: number }>
    return { list, countries, missing: await countriesWithoutRate(now), registered: (await TaxRegistration.validAt(now)).length > 0 }
  })
  const link = (page: number): string => `${base}/taxes?page=${page}${country ? `&country=${country}` : ''}`
  const { list } = data
  deskPage(req, res, 'taxes/rates', {
    csvHref: `${base}/taxes/rates.csv${country ? `?country=${country}` : ''}`, tabs: tabs(req, ''), manage: mayManage(req), registered: data.registered,
    missing: data.missing.map((code) => countryName(code, locale)).join(', '),
    options: data.countries.map((row) => ({ value: row.country, label: countryName(row.country, locale) })), country,
    rows: list.rows.map((rate) => ({
      publicId: rate.publicId, country: countryName(rate.country, locale), region: rate.region, postcodes: rate.postcodePattern, name: rate.name,
      taxClass: rate.taxClass, percent: percentOf(rate.ppm), compound: rate.compound,
      validFrom: rate.validFrom, validTo: rate.validTo, over: !rate.isValid(now), listed: rate.source.startsWith('eu-'),
    })),
    summary: list.total > list.rows.length ? `${list.from}–${list.to} of ${list.total}` : '',
    previousHref: list.page > 1 ? link(list.page - 1) : null, nextHref: list.page < list.pages ? link(list.page + 1) : null,
  }, { title: 'Taxes' })
}

export function rateEditor(req: Request, res: Response, rate: TaxRate | null, { errors, input, status = 200 }: { errors?: object; input?: object; status?: number }): void {
  const { base, locale, timeZone } = deskOf(req)
  const shown = input ?? (rate
    ? { ...rate, percent: percentOf(rate.ppm), validFrom: dayOf(rate.validFrom, timeZone), validTo: dayOf(rate.validTo, timeZone) }
    : { name: 'VAT', taxClass: 'standard', country: typeof req.query['country'] === 'string' ? req.query['country'] : '' })
  deskPage(req, res, 'taxes/rate', {
    errors, input: shown, publicId: rate?.publicId ?? null, action: rate ? `${base}/taxes/rates/${rate.publicId}` : `${base}/taxes/rates`,
    verb: rate ? 'put' : 'post', countries: countryOptions(locale),
    classes: [{ value: 'standard', label: 'Standard' }, { value: 'reduced', label: 'Reduced' }],
    crumbs: [{ href: `${base}/taxes`, label: 'Taxes' }, { label: rate ? rate.label : 'New rate' }],
  }, { title: rate ? rate.label : 'New rate', status })
}

const kinds = { home: 'Home of the shop', local: 'Also registered', oss: 'One-Stop-Shop of the EU' } as const

export async function registrationsPage(req: Request, res: Response, { errors, input, status = 200 }: { errors?: object; input?: object; status?: number } = {}): Promise<void> {
  const { locale } = deskOf(req)
  const now = clock.now()
  const rows = await atDesk(req, 'look at tax registrations', async () => TaxRegistration.query().orderBy('id'))
  deskPage(req, res, 'taxes/registrations', {
    tabs: tabs(req, '/registrations'), manage: mayManage(req), errors, input: input ?? { kind: rows.length ? 'local' : 'home' },
    countries: countryOptions(locale), kinds: Object.entries(kinds).map(([value, label]) => ({ value, label })),
    rows: rows.map((row) => ({ publicId: row.publicId, country: countryName(row.country, locale), region: row.region, kind: kinds[row.kind], number: row.number, validFrom: row.validFrom, validTo: row.validTo, over: !row.isValid(now) })),
  }, { title: 'Tax registrations', status })
}

/** The same three prices under each choice, at the rate of the shop's home. */
async function example(currency: string): Promise<object[]> {
  const home = (await TaxRegistration.validAt(clock.now())).find((r) => r.kind === 'home')
  const rate = home ? (await TaxRate.query().where({ country: home.country, region: '', postcodePattern: '', taxClass: 'standard' }))
    .find((r) => r.isValid(clock.now())) : undefined
  const ppm = rate?.ppm ?? 190_000
  const lines = [333, 333, 333].map((amountMinor, i) => ({ key: String(i), kind: 'manual' as const, amountMinor }))
  const applied = { code: 'x', label: rate?.name ?? 'Tax', ratePpm: ppm }
  const position = { treatment: 'taxed' as const, country: '', region: '', note: null, proof: { country: '', number: null, proofId: null } }
  const modes: TaxMode[] = [{ inclusive: false, rounding: 'line' }, { inclusive: false, rounding: 'total' }, { inclusive: true, rounding: 'line' }, { inclusive: true, rounding: 'total' }]
  return modes.map((mode) => {
    const priced = priceCharge({ currency, lines, offers: [], applied: [], rejected: [], position, ratesFor: () => [applied], mode })
    return { prices: mode.inclusive ? 'with tax' : 'without tax', rounding: mode.rounding === 'line' ? 'on each line' : 'on the total', percent: percentOf(ppm), price: Money.of(333, currency), net: priced.net, tax: priced.tax, total: priced.total, inclusive: mode.inclusive, onTotal: mode.rounding === 'total' }
  })
}

export async function settingsPage(req: Request, res: Response, { errors, input, status = 200 }: { errors?: object; input?: object; status?: number } = {}): Promise<void> {
  const { settings, examples } = await atDesk(req, 'look at tax settings', async () => ({ settings: await taxSettings.read(), examples: await example(deskOf(req).currency) }))
  const shown = input ?? { prices: settings.pricesInclusive ? 'inclusive' : 'exclusive', rounding: settings.rounding, reverseChargeText: settings.reverseChargeText, exportText: settings.exportText }
  deskPage(req, res, 'taxes/settings', {
    tabs: tabs(req, '/settings'), manage: mayManage(req), errors, input: shown, currency: deskOf(req).currency,
    examples: examples.map((row) => ({ ...row, current: isCurrent(row as { inclusive: boolean; onTotal: boolean }, settings) })),
    prices: [{ value: 'exclusive', label: 'Without tax', text: 'Tax is added at the checkout. Usual for business customers and in North America.' }, { value: 'inclusive', label: 'With tax', text: 'The price stays the same wherever the customer is; tax is taken out of it. Usual for consumers in Europe.' }],
    roundings: [{ value: 'line', label: 'On each line', text: 'Every line of the invoice can be checked by itself.' }, { value: 'total', label: 'On the total', text: 'Once for each rate; odd cents are spread over the lines.' }],
  }, { title: 'Tax settings', status })
}
const isCurrent = (row: { inclusive: boolean; onTotal: boolean }, settings: { pricesInclusive: boolean; rounding: string }): boolean => row.inclusive === settings.pricesInclusive && row.onTotal === (settings.rounding === 'total')

export async function exemptionsPage(req: Request, res: Response): Promise<void> {
  const { base, locale } = deskOf(req)
  const status = stateOf(req)
  const data = await atDesk(req, 'look at tax exemptions', async () => applyPaging(exemptionsIn(status), parsePaging(req.query, exemptionSorts)))
  const link = (page: number): string => `${base}/taxes/exemptions?page=${page}${status ? `&status=${status}` : ''}`
  deskPage(req, res, 'taxes/exemptions', {
    csvHref: `${base}/taxes/exemptions.csv${status ? `?status=${status}` : ''}`, tabs: tabs(req, '/exemptions'), manage: mayManage(req), filtered: Boolean(status),
    chips: [['', 'All'], ['asked', 'To decide'], ['approved', 'Approved'], ['ended', 'Ended'], ['declined', 'Declined']]
      .map(([value, label]) => ({ href: `${base}/taxes/exemptions${value ? `?status=${value}` : ''}`, label, current: value === status })),
    rows: (data.rows as ListedExemption[]).map((row) => ({
      publicId: row.publicId, customer: row.customerName, email: row.email, customerHref: `${base}/customers/${row.userPublicId}`, reason: row.reason,
      reference: row.reference, country: row.country ? countryName(row.country, locale) : 'everywhere',
      validFrom: row.status === 'asked' ? null : row.validFrom, validUntil: row.validUntil, status: row.status, isAsked: row.status === 'asked',
      isApproved: row.status === 'approved', by: row.approvedBy,
    })),
    summary: data.total > data.rows.length ? `${data.from}–${data.to} of ${data.total}` : '',
    previousHref: data.page > 1 ? link(data.page - 1) : null, nextHref: data.page < data.pages ? link(data.page + 1) : null,
  }, { title: 'Tax exemptions' })
}

export function exemptionEditor(req: Request, res: Response, asked: (TaxExemption & { email?: string }) | null, { errors, input, status = 200 }: { errors?: object; input?: object; status?: number }): void {
  const { base, locale, timeZone } = deskOf(req)
  deskPage(req, res, 'taxes/exemption', {
    errors, asked: asked !== null, email: asked?.email, input: input ?? { reason: asked?.reason, evidence: asked?.evidence, reference: asked?.reference, validFrom: dayOf(clock.now(), timeZone), email: req.query['email'] }, countries: countryOptions(locale),
    action: asked ? `${base}/taxes/exemptions/${asked.publicId}/approval` : `${base}/taxes/exemptions`, verb: asked ? 'put' : 'post',
    crumbs: [{ href: `${base}/taxes/exemptions`, label: 'Exemptions' }, { label: asked ? 'Decide' : 'New exemption' }],
  }, { title: asked ? 'Decide on an exemption' : 'New exemption', status })
}
