/** The reseller's own account at a payment gateway. Its secrets are sealed; they are opened for the call that needs them and never shown. */
import { config } from '../../../shared/config.js'
import { sealed } from '../../../shared/database/sealed-column.js'
import { TenantModel } from '../../../shared/database/tenant-model.js'
import type { Gateway } from '../../../shared/payments/gateway.js'
import { stripeGateway, type StripeAccount } from '../../../shared/payments/stripe-gateway.js'

export class GatewayAccount extends TenantModel {
  static override tableName = 'gateway_accounts'
  declare id: number
  /** Names the webhook address: `/webhooks/stripe/<publicId>`. */
  declare publicId: string
  declare gateway: 'stripe'
  declare mode: 'test' | 'live'
  declare publishableKey: string | null
  declare secretSealed: string
  declare webhookSecretSealed: string | null
  /** Another address for the API: a simulator. Null: the real one, unless STRIPE_API_BASE says otherwise. */
  declare apiBase: string | null
  declare status: 'active' | 'disabled'
  declare lastEventAt: Date | null
  declare createdAt: Date
  declare updatedAt: Date

  /** The account that new payments go to; null while the shop cannot take cards. */
  static async current(): Promise<GatewayAccount | null> {
    return (await GatewayAccount.query().where({ status: 'active' }).orderBy('id').first()) ?? null
  }

  get simulatedAt(): string | null {
    return this.apiBase ?? config().STRIPE_API_BASE ?? null
  }

  private get account(): StripeAccount {
    return {
      secretKey: sealed('gateway_accounts', 'secret', this.publicId).open(this.secretSealed), publishableKey: this.publishableKey, apiBase: this.simulatedAt,
      webhookSecret: this.webhookSecretSealed === null ? null : sealed('gateway_accounts', 'webhook_secret', this.publicId).open(this.webhookSecretSealed),
    }
  }
  /** The door to this account. */
  open(): Gateway {
    return stripeGateway(this.account)
  }
  /** For setting the account up; everything else goes through open(). */
  credentials(): StripeAccount {
    return this.account
  }
}

/** What a page with the gateway's own card form needs of the content policy; nothing when the card page is a simulated one, which is only linked to. */
export function gatewayCsp(account: GatewayAccount): Partial<Record<'script-src' | 'frame-src' | 'connect-src', readonly string[]>> {
  if (account.simulatedAt) return {}
  return { 'script-src': ['https://js.stripe.com'], 'frame-src': ['https://js.stripe.com', 'https://hooks.stripe.com'], 'connect-src': ['https://api.stripe.com'] }
}
