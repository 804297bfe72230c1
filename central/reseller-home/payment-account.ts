/** The reseller's own payment account: connected by its secret key, which is sealed and never shown again. */
import { config, originOf } from '../../shared/config.js'
import { FormErrors, OutsideError } from '../../shared/errors.js'
import { currentTenant } from '../../shared/tenancy/context.js'
import { connectStripe, webhookUrl } from '../../tenant/billing/payments/connect-account.js'
import { GatewayAccount } from '../../tenant/billing/payments/gateway-account.js'
import { inTenantOf } from '../access/enter-tenant.js'

export async function paymentsPage(tenantId: number): Promise<object> {
  return inTenantOf(tenantId, 'payment accounts', async () => {
    const accounts = await GatewayAccount.query().orderBy('id')
    return { accounts: accounts.map((a) => ({ gateway: 'Stripe', mode: a.mode, live: a.mode === 'live', status: a.status, key: a.publishableKey ?? '—', webhook: webhookUrl(a), lastEventAt: a.lastEventAt })) }
  })
}

/** Checks the key at the payment service before it is kept. Throws FormErrors with what the service said. */
export async function connectPaymentAccount(tenantId: number, keys: { secretKey: string; publishableKey: string | null }): Promise<string> {
  return inTenantOf(tenantId, 'connect payment account', async () => {
    try {
      const account = await connectStripe({ ...keys, apiBase: config().STRIPE_API_BASE ?? null, origin: originOf(currentTenant().primaryHost) })
      return account.mode
    } catch (error) {
      if (error instanceof OutsideError) throw new FormErrors({ secretKey: error.retryable ? 'Stripe did not answer. Try again in a minute.' : `Stripe does not accept this key: ${error.message}` })
      throw error
    }
  })
}
