/** Taxes of a shop at the desk: rates, registrations, settings. */
import { Router, type Request, type Response } from 'express'
import { form } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { clock } from '../../../shared/time/clock.js'
import { euListDate, euRegionalRates, euStandardRates } from '../../../tenant/billing/tax/eu.js'
import { loadEuRates } from '../../../tenant/billing/tax/load-eu-rates.js'
import { ppmOf } from '../../../tenant/billing/tax/rate-list.js'
import { removeRate, removeRegistration, saveRate, saveRegistration, type RateFacts } from '../../../tenant/billing/tax/save-rate.js'
import { TaxRate } from '../../../tenant/billing/tax/tax-rate.js'
import { TaxRegistration } from '../../../tenant/billing/tax/tax-registration.js'
import { taxSettings } from '../../../tenant/billing/tax/tax-settings.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { keepingInput } from '../keep-input.js'
import { bulkRoutes } from './bulk-routes.js'
import { csvRoutes } from './csv-routes.js'
import { exemptionRoutes } from './exemption-routes.js'
import { emptyForm, instantOf, rateForm, registrationForm, settingsForm } from './forms.js'
import { importRoutes } from './import-routes.js'
import { numberRoutes } from './number-routes.js'
import { countryName, percentOf, rateEditor, ratesPage, registrationsPage, settingsPage } from './pages.js'
import { reportRoutes } from './report-routes.js'

export const taxRoutes = Router()
taxRoutes.use(bulkRoutes, csvRoutes, numberRoutes, exemptionRoutes, importRoutes, reportRoutes)

const home = (req: Request): string => `${deskOf(req).base}/taxes`
const rateOf = (req: Request): Promise<TaxRate> => atDesk(req, 'look at a tax rate', () => TaxRate.findOwned<TaxRate>({ publicId: String(req.params['publicId']) }))
const registrationOf = (req: Request): Promise<TaxRegistration> => atDesk(req, 'look at a tax registration', () => TaxRegistration.findOwned<TaxRegistration>({ publicId: String(req.params['publicId']) }))

function rateFacts(req: Request): RateFacts {
  const { percent, region, postcodePattern, sortOrder, validFrom, validTo, ...rest } = form(rateForm, req)
  const { timeZone } = deskOf(req)
  return {
    ...rest, ppm: ppmOf(percent)!, region: region ?? '', postcodePattern: postcodePattern ?? '', sortOrder: sortOrder ?? 0,
    validFrom: instantOf('validFrom', validFrom, timeZone), validTo: instantOf('validTo', validTo, timeZone),
  }
}

taxRoutes.get('/taxes', ratesPage)
taxRoutes.get('/taxes/rates/new', (req, res) => { mustManage(req); rateEditor(req, res, null, {}) })
taxRoutes.post('/taxes/rates', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => rateEditor(req, res, null, { errors, input, status }))
  const facts = await keepingInput(req, () => rateFacts(req))
  await keepingInput(req, () => atDesk(req, 'add a tax rate', () => saveRate(facts, null)))
  redirect(req, res, home(req), { flash: `${facts.name} ${percentOf(facts.ppm)} % is added. It counts from the next invoice.` })
})
taxRoutes.get('/taxes/rates/:publicId', async (req, res) => { mustManage(req); rateEditor(req, res, await rateOf(req), {}) })
taxRoutes.put('/taxes/rates/:publicId', async (req, res) => {
  mustManage(req)
  const rate = await rateOf(req)
  onFormErrors(res, (errors, input, status) => rateEditor(req, res, rate, { errors, input, status }))
  await keepingInput(req, () => { const facts = rateFacts(req); return atDesk(req, 'change a tax rate', () => saveRate(facts, rate)) })
  redirect(req, res, home(req), { flash: 'The rate is saved. It counts from the next invoice; issued ones stay as they are.' })
})
taxRoutes.get('/taxes/rates/:publicId/removal', async (req, res) => {
  mustManage(req)
  const rate = await rateOf(req)
  const text = `Invoices from now on bear no ${rate.name} of this rate. To change a rate on a day, give it an end instead and add the new one.`
  deskPage(req, res, 'taxes/confirm', { heading: `Remove ${rate.label}, ${countryName(rate.country, deskOf(req).locale)}?`, text, action: `${home(req)}/rates/${rate.publicId}`, verb: 'delete', label: 'Remove rate', back: home(req) }, { title: 'Remove a tax rate' })
})
taxRoutes.delete('/taxes/rates/:publicId', async (req, res) => {
  mustManage(req)
  form(emptyForm, req)
  const rate = await rateOf(req)
  await atDesk(req, 'remove a tax rate', () => removeRate(rate))
  redirect(req, res, home(req), { flash: 'The rate is removed.' })
})

taxRoutes.get('/taxes/eu-list', (req, res) => {
  mustManage(req)
  const { locale } = deskOf(req)
  const rows = Object.entries(euStandardRates).map(([code, ppm]) => ({ country: countryName(code, locale), note: '', percent: percentOf(ppm) }))
    .sort((a, b) => a.country.localeCompare(b.country, locale))
  const parts = euRegionalRates
    .map((rate) => ({ country: countryName(rate.country, locale), note: `${rate.name}: postcodes ${rate.postcodes}`, percent: percentOf(rate.ppm) }))
  deskPage(req, res, 'taxes/eu-list', { rows: [...rows, ...parts], date: euListDate, crumbs: [{ href: home(req), label: 'Taxes' }, { label: 'Standard rates of the EU' }] }, { title: 'Standard rates of the EU' })
})
taxRoutes.post('/taxes/eu-list', async (req, res) => {
  mustManage(req)
  form(emptyForm, req)
  const added = await atDesk(req, 'load the rates of the EU', () => loadEuRates(clock.now()))
  redirect(req, res, home(req), { flash: added ? `${added} rates are added.` : 'All of these countries have a rate already; nothing was changed.' })
})

taxRoutes.get('/taxes/registrations', (req, res) => registrationsPage(req, res))
taxRoutes.post('/taxes/registrations', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => registrationsPage(req, res, { errors, input, status }))
  await keepingInput(req, () => {
    const { region, number, validFrom, validTo, ...rest } = form(registrationForm, req)
    const { timeZone } = deskOf(req)
    const facts = { ...rest, region: region ?? '', number: number ?? '', validFrom: instantOf('validFrom', validFrom, timeZone), validTo: instantOf('validTo', validTo, timeZone) }
    return atDesk(req, 'add a tax registration', () => saveRegistration(facts, clock.now()))
  })
  redirect(req, res, `${home(req)}/registrations`, { flash: 'The registration is added. Tax is charged from the next invoice.' })
})
taxRoutes.get('/taxes/registrations/:publicId/removal', async (req, res) => {
  mustManage(req)
  const row = await registrationOf(req)
  const text = 'From the next invoice on, no tax is charged because of this registration. To end it on a certain day, remove it and add it again with that day.'
  deskPage(req, res, 'taxes/confirm', { heading: `Remove the registration in ${countryName(row.country, deskOf(req).locale)}?`, text, action: `${home(req)}/registrations/${row.publicId}`, verb: 'delete', label: 'Remove registration', back: `${home(req)}/registrations` }, { title: 'Remove a registration' })
})
taxRoutes.delete('/taxes/registrations/:publicId', async (req, res) => {
  mustManage(req)
  form(emptyForm, req)
  const row = await registrationOf(req)
  await atDesk(req, 'remove a tax registration', () => removeRegistration(row))
  redirect(req, res, `${home(req)}/registrations`, { flash: 'The registration is removed.' })
})

const showSettings = (req: Request, res: Response): void => onFormErrors(res, (errors, input, status) => settingsPage(req, res, { errors, input, status }))
taxRoutes.get('/taxes/settings', (req, res) => settingsPage(req, res))
taxRoutes.put('/taxes/settings', async (req, res) => {
  mustManage(req)
  showSettings(req, res)
  const { prices, rounding, reverseChargeText, exportText } = form(settingsForm, req)
  await atDesk(req, 'change tax settings', () => taxSettings.write({ pricesInclusive: prices === 'inclusive', rounding, reverseChargeText: reverseChargeText ?? '', exportText: exportText ?? '' }))
  redirect(req, res, `${home(req)}/settings`, { flash: 'Saved. It counts from the next invoice.' })
})
