/** What the templates of payment methods see. */
import type { Request, Response } from 'express'
import { page } from '../../../../shared/http/page.js'
import { allowOnPage } from '../../../../shared/http/security-headers.js'
import type { GatewaySetup } from '../../../../shared/payments/gateway-methods.js'
import { clock } from '../../../../shared/time/clock.js'
import type { Customer } from '../../../customers/customer.js'
import type { OpenSetup } from './add-payment-method.js'
import { removalFacts } from './change-methods.js'
import { GatewayAccount, gatewayCsp } from '../gateways/gateway-account.js'
import { PaymentMethod } from './payment-method.js'

const two = (n: number | null): string => String(n ?? 0).padStart(2, '0')
const seen = (m: PaymentMethod, now: Date) => ({
  publicId: m.publicId, label: m.label, icon: m.isCard ? 'credit-card' : 'wallet', isDefault: m.isDefault, expired: m.hasExpired(now), expires: m.expMonth === null || m.expYear === null ? null : `${two(m.expMonth)}/${m.expYear}`,
})

/** What the customer may add, in the order of the buttons. */
export async function waysToAdd(): Promise<{ canAddCard: boolean; canAddPaypal: boolean; canAdd: boolean }> {
  const gateways = (await GatewayAccount.active()).map((account) => account.gateway)
  return { canAddCard: gateways.includes('stripe'), canAddPaypal: gateways.includes('paypal'), canAdd: gateways.length > 0 }
}

export async function methodsPage(req: Request, res: Response, customer: Customer, next: string): Promise<void> {
  const now = clock.now()
  const methods = (await PaymentMethod.activeOf(customer.id)).map((m) => seen(m, now))
  page(req, res, 'tenant/payments/methods', { methods, ...(await waysToAdd()), next, goOn: next === req.path ? null : next }, { title: 'Payment methods' })
}

export async function removalPage(req: Request, res: Response, method: PaymentMethod): Promise<void> {
  const refusal = method.refusalToRemove(await removalFacts(method))
  page(req, res, 'tenant/payments/removal', { method: seen(method, clock.now()), refusal: refusal?.message ?? null }, { title: 'Remove payment method' })
}

/** On the way to PayPal. A link, as a form's answer may not lead to another site. */
export function approvalPage(req: Request, res: Response, href: string, next: string): void {
  page(req, res, 'tenant/payments/approval', { href, next }, { title: 'Add PayPal' })
}

/** The card form: the gateway's own in the page, or a link to the simulated card page. */
export function setupPage(req: Request, res: Response, { account, setup }: OpenSetup, next: string, here = `/payment-methods/setup/${setup.id}`): void {
  allowOnPage(res, gatewayCsp(account))
  const back = `${here}?next=${encodeURIComponent(next)}`
  const returnUrl = `${req.site.origin}${back}`
  page(req, res, 'tenant/payments/setup', { ...setupState(account, setup, returnUrl), returnUrl, back, next }, { title: 'Add a card' })
}

function setupState(account: GatewayAccount, setup: GatewaySetup, returnUrl: string): object {
  const { simulatedAt } = account
  return {
    problem: setup.problem, processing: setup.status === 'processing', canceled: setup.status === 'canceled', bankHref: setup.status === 'requires_action' ? setup.actionUrl : null,
    open: setup.status === 'open', simulatedHref: simulatedAt ? `${simulatedAt}/pay/setup/${setup.clientSecret}?return_url=${encodeURIComponent(returnUrl)}` : null,
    publishableKey: account.publishableKey, clientSecret: simulatedAt ? null : setup.clientSecret,
  }
}
