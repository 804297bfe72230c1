/** The shop's accounts at Stripe and PayPal: connect, test, change keys, disconnect. Events and disputes have their own files. */
import { Router, type Request, type Response } from 'express'
import { config, originOf } from '../../../shared/config.js'
import { FormErrors, OutsideError, Refusal } from '../../../shared/errors.js'
import { echo, form } from '../../../shared/http/form.js'
import { onFormErrors, redirect } from '../../../shared/http/page.js'
import { byAddress, limit } from '../../../shared/http/rate-limit.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { changeKeys, disconnectAccount, disconnectFacts, renewWebhook, testAccount } from '../../../tenant/billing/payments/gateways/change-account.js'
import { connectPaypal, connectStripe } from '../../../tenant/billing/payments/gateways/connect-account.js'
import { GatewayAccount } from '../../../tenant/billing/payments/gateways/gateway-account.js'
import { atDesk, deskOf, deskPage } from '../desk.js'
import { disputeRoutes } from './dispute-routes.js'
import { eventRoutes } from './event-routes.js'
import { emptyForm, keysForm, paypalForm, stripeForm } from './forms.js'
import { accountsView } from './pages.js'

export const gatewayDesk = Router()
gatewayDesk.use(eventRoutes, disputeRoutes)
/** Guessing keys through us is slow. */
const keyLimit = limit('connect-payments', { points: 20, seconds: 3600, by: byAddress })
const home = (req: Request): string => `${deskOf(req).base}/gateways`

/** Where the shop's money goes is the owner's affair. */
function mustOwn(req: Request): void {
  const { role } = deskOf(req)
  if (role !== 'owner' && role !== 'staff') throw new Refusal('payments.owner', 'Only the owner of the shop can change where its money goes.')
}
const accountOf = (req: Request): Promise<GatewayAccount> => atDesk(req, 'look at a gateway', () => GatewayAccount.findOwned<GatewayAccount>({ publicId: String(req.params['publicId']), status: 'active' }))

/** What the gateway said about the keys, at the field that holds them; what was typed is kept, secrets excepted. */
async function saying<T>(req: Request, field: string, gateway: string, work: () => Promise<T>): Promise<T> {
  const kept = echo((req.body ?? {}) as Record<string, unknown>)
  try {
    return await work()
  } catch (error) {
    if (error instanceof OutsideError) throw new FormErrors({ [field]: error.retryable ? `${gateway} did not answer. Try again in a minute.` : `${gateway} does not accept this: ${error.message}` }, kept)
    throw error instanceof FormErrors ? new FormErrors(error.fields, kept) : error
  }
}

async function show(req: Request, res: Response, more: object = {}, status = 200): Promise<void> {
  const { role } = deskOf(req)
  deskPage(req, res, 'gateways/list', { ...(await atDesk(req, 'look at gateways', accountsView)), mayChange: role === 'owner' || role === 'staff', ...more }, { title: 'Gateways', status })
}
gatewayDesk.get('/gateways', (req, res) => show(req, res))

gatewayDesk.post('/gateways/stripe', keyLimit, async (req, res) => {
  mustOwn(req)
  onFormErrors(res, (errors, input, status) => show(req, res, { stripeErrors: errors, stripeInput: input }, status))
  const { secretKey, publishableKey } = form(stripeForm, req)
  const { mode } = await atDesk(req, 'connect Stripe', () => saying(req, 'secretKey', 'Stripe', () =>
    connectStripe({ secretKey: secretKey.trim(), publishableKey: publishableKey ?? null, apiBase: config().STRIPE_API_BASE ?? null, origin: originOf(currentTenant().primaryHost) })))
  redirect(req, res, home(req), { flash: mode === 'live' ? 'Connected. Your customers can pay by card now.' : 'Connected in test mode: no real money moves.' })
})

gatewayDesk.post('/gateways/paypal', keyLimit, async (req, res) => {
  mustOwn(req)
  onFormErrors(res, (errors, input, status) => show(req, res, { paypalErrors: errors, paypalInput: input }, status))
  const { clientId, secret, mode } = form(paypalForm, req)
  await atDesk(req, 'connect PayPal', () => saying(req, 'secret', 'PayPal', () => connectPaypal({ clientId, secret: secret.trim(), mode, apiBase: config().PAYPAL_API_BASE ?? null, origin: originOf(currentTenant().primaryHost) })))
  redirect(req, res, home(req), { flash: mode === 'live' ? 'Connected. Your customers can pay with PayPal now.' : 'Connected to the sandbox: no real money moves.' })
})

gatewayDesk.post('/gateways/:publicId/test', keyLimit, async (req, res) => {
  form(emptyForm, req)
  const account = await accountOf(req)
  const problem = await atDesk(req, 'test a gateway', () => testAccount(account))
  redirect(req, res, home(req), { flash: problem === null ? `${account.label} answers, and the keys work.` : { kind: 'bad', text: `The test failed. ${problem}` } })
})

gatewayDesk.post('/gateways/:publicId/webhook', keyLimit, async (req, res) => {
  mustOwn(req)
  form(emptyForm, req)
  const account = await accountOf(req)
  const problem = await atDesk(req, 'renew a webhook', () => renewWebhook(account))
  redirect(req, res, home(req), { flash: problem === null ? `${account.label} sends its events here from now on.` : { kind: 'bad', text: problem } })
})

const showKeys = async (req: Request, res: Response, account: GatewayAccount, errors: object = {}, input: Readonly<Record<string, unknown>> = {}, status = 200): Promise<void> =>
  deskPage(req, res, 'gateways/keys', { publicId: account.publicId, label: account.label, paypal: account.gateway === 'paypal', publishableKey: input['publishableKey'] ?? account.publishableKey, errors }, { title: `Keys of ${account.label}`, status })
gatewayDesk.get('/gateways/:publicId/keys', async (req, res) => {
  mustOwn(req)
  await showKeys(req, res, await accountOf(req))
})
gatewayDesk.put('/gateways/:publicId/keys', keyLimit, async (req, res) => {
  mustOwn(req)
  const account = await accountOf(req)
  onFormErrors(res, (errors, input, status) => showKeys(req, res, account, errors, input, status))
  const { secret, publishableKey } = form(keysForm, req)
  await atDesk(req, 'change gateway keys', () => saying(req, 'secret', account.label, () => changeKeys(account, { secret: secret.trim(), publishableKey: publishableKey ?? null })))
  redirect(req, res, home(req), { flash: `The new keys work and are in use. Withdraw the old ones at ${account.label}.` })
})

gatewayDesk.get('/gateways/:publicId/disconnection', async (req, res) => {
  mustOwn(req)
  const account = await accountOf(req)
  deskPage(req, res, 'gateways/disconnection', { publicId: account.publicId, label: account.label, ...(await atDesk(req, 'look at a gateway', () => disconnectFacts(account))) }, { title: `Disconnect ${account.label}` })
})
gatewayDesk.delete('/gateways/:publicId', async (req, res) => {
  mustOwn(req)
  form(emptyForm, req)
  const account = await accountOf(req)
  await atDesk(req, 'disconnect a gateway', () => disconnectAccount(account))
  redirect(req, res, home(req), { flash: `${account.label} is disconnected. Nothing new is charged there.` })
})
