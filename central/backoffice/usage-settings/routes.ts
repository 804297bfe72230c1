/** How a shop bills use between the ends of months: interim invoices, and customers whose credit runs low. */
import { Router, type Request, type Response } from 'express'
import { form } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { usageSettings } from '../../../tenant/billing/usage/usage-settings.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { keepingInput } from '../keep-input.js'
import { readUsage, usageForm } from './forms.js'
import { usageCurrencies, usagePage } from './pages.js'

export const usageSettingsDesk = Router()
type Typed = NonNullable<Parameters<typeof usagePage>[2]>

const read = (req: Request) => atDesk(req, 'usage settings', async () => ({ settings: await usageSettings.read(), currencies: await usageCurrencies(deskOf(req).currency) }))

async function show(req: Request, res: Response, typed?: Typed, status = 200): Promise<void> {
  const { settings, currencies } = await read(req)
  deskPage(req, res, 'usage-settings/edit', { ...usagePage(settings, currencies, typed), errors: typed?.errors, can: deskOf(req).role !== 'support' }, { title: 'Billing of use', status })
}

usageSettingsDesk.get('/usage-settings', (req, res) => show(req, res))

usageSettingsDesk.put('/usage-settings', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => show(req, res, { errors, input }, status))
  const { currencies } = await read(req)
  const typed = form(usageForm(currencies), req)
  const settings = await keepingInput(req, () => readUsage(typed, currencies))
  await atDesk(req, 'change usage settings', () => usageSettings.write(settings))
  redirect(req, res, `${deskOf(req).base}/usage-settings`, { flash: 'Saved. It holds from now on, also for what was used already.' })
})
