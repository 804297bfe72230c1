/** The shop's choices about workspaces: limits for everybody, one customer's own, and who is told of trouble. */
import { Router, type Request, type Response } from 'express'
import { FormErrors } from '../../../shared/errors.js'
import { form } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { limit } from '../../../shared/http/rate-limit.js'
import { Money } from '../../../shared/money/money.js'
import { newPublicId } from '../../../shared/security/token.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { Customer } from '../../../tenant/customers/customer.js'
import { alertKinds } from '../../../tenant/kasm/alerts/alert-channel.js'
import { raiseAlert } from '../../../tenant/kasm/alerts/raise-alert.js'
import { saveChannel } from '../../../tenant/kasm/alerts/save-channel.js'
import { saveDefaultLimits, saveLimits } from '../../../tenant/kasm/limits/save-limits.js'
import { atDesk, deskOf, deskPage, mustManage } from '../desk.js'
import { keepingInput } from '../keep-input.js'
import { bare } from './forms.js'
import { alertForm, limitsFrom, typeFields, withTypes } from './setting-forms.js'
import { customerLimitsPage, settingsPage } from './setting-pages.js'

export const settingRoutes = Router()
type Errors = Readonly<Record<string, string>>
type Input = Readonly<Record<string, unknown>>
const manages = (req: Request): boolean => deskOf(req).role !== 'support'
const settingsHref = (req: Request): string => `${deskOf(req).base}/workspaces/settings`

async function showSettings(req: Request, res: Response, errors: Errors = {}, { limits, alerts }: { limits?: Input; alerts?: Input } = {}, status = 200): Promise<void> {
  const data = await atDesk(req, 'workspace settings', () => settingsPage(deskOf(req).base, limits, alerts))
  deskPage(req, res, 'workspaces/settings', { ...data, errors, can: manages(req) }, { title: 'Limits and alerts', status })
}
settingRoutes.get('/workspaces/settings', (req, res) => showSettings(req, res))

settingRoutes.put('/workspaces/settings/limits', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => showSettings(req, res, errors, { limits: input }, status))
  const names = typeFields(req.body)
  const limits = limitsFrom(form(withTypes(names), req), names)
  await atDesk(req, 'workspace limits', () => saveDefaultLimits(limits))
  redirect(req, res, settingsHref(req), { flash: 'Saved. They count for the next order or start; what is there stays.' })
})

settingRoutes.put('/workspaces/settings/alerts', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => showSettings(req, res, errors, { alerts: input }, status))
  const input = form(alertForm, req)
  await atDesk(req, 'alert settings', () => keepingInput(req, async () => {
    const cost = input.largeCost === undefined ? null : Money.parse(input.largeCost, currentTenant().currency)
    if (input.largeCost !== undefined && !cost?.isPositive()) throw new FormErrors({ largeCost: 'Enter an amount like 25.00.' })
    const kinds = alertKinds.filter((kind) => input[`kind_${kind}`] === 'on')
    if (kinds.includes('large-cost') && !cost) throw new FormErrors({ largeCost: 'Enter from which cost on you want to be told.' })
    const webhook = input.remove === 'on' ? null : input.webhook_secret || undefined
    await saveChannel({ webhook, email: input.email ?? null, kinds, largeCostMinor: cost?.minor ?? null })
  }))
  redirect(req, res, settingsHref(req), { flash: 'Saved. Send a test to see that it arrives.' })
})

const tests = limit('alert-test', { points: 10, seconds: 3600, by: (req) => `desk:${deskOf(req).tenantId}` })
settingRoutes.post('/workspaces/settings/alerts/test', tests, async (req, res) => {
  mustManage(req)
  form(bare, req)
  const sent = await atDesk(req, 'test alert', () => raiseAlert({
    kind: 'test', subject: newPublicId(), level: 'info', title: 'This is a test', message: 'Alerts of your workspaces will come here. You need not do anything.',
  }))
  redirect(req, res, settingsHref(req), { flash: sent ? 'The test is on its way. Below you see whether Discord took it.' : { kind: 'info', text: 'Enter a webhook or an e-mail address first.' } })
})

const customerOf = (req: Request): Promise<Customer> => Customer.findOwned<Customer>({ publicId: String(req.params['publicId']) })
const limitsHref = (req: Request): string => `${deskOf(req).base}/customers/${String(req.params['publicId'])}/workspace-limits`

async function showLimits(req: Request, res: Response, errors: Errors = {}, input?: Input, status = 200): Promise<void> {
  const data = await atDesk(req, 'workspace limits of a customer', async () => customerLimitsPage(await customerOf(req), deskOf(req).base, input))
  deskPage(req, res, 'workspaces/customer-limits', { ...data, errors, can: manages(req), action: limitsHref(req) }, { title: `Workspace limits of ${data.name}`, status })
}
settingRoutes.get('/customers/:publicId/workspace-limits', (req, res) => showLimits(req, res))
settingRoutes.put('/customers/:publicId/workspace-limits', async (req, res) => {
  mustManage(req)
  onFormErrors(res, (errors, input, status) => showLimits(req, res, errors, input, status))
  const names = typeFields(req.body)
  const input = form(withTypes(names), req)
  await atDesk(req, 'change workspace limits', async () => saveLimits(await customerOf(req), input.own === 'on' ? limitsFrom(input, names) : null))
  redirect(req, res, limitsHref(req), { flash: input.own === 'on' ? 'Saved. This customer has limits of their own now.' : 'Saved. The shop’s limits count for this customer.' })
})
