/** The reseller's own account at a payment gateway, one active per gateway. Its secrets are sealed; they are opened for the call that needs them and never shown. */
import { config } from '../../../../shared/config.js'
import { sealed } from '../../../../shared/database/sealed-column.js'
import { TenantModel } from '../../../../shared/database/tenant-model.js'
import { gatewayStep, type GatewayName } from '../../../../shared/money/currency.js'
import type { Gateway } from '../../../../shared/payments/gateway.js'
import { paypalTakes } from '../../../../shared/payments/paypal-amounts.js'
import { paypalGateway } from '../../../../shared/payments/paypal-gateway.js'
import { stripeGateway } from '../../../../shared/payments/stripe-gateway.js'

const labels = { stripe: 'Stripe', paypal: 'PayPal' } as const
/** Money came in, and no event after that for so long: the gateway does not reach us. */
const SILENCE = 3_600_000

export class GatewayAccount extends TenantModel {
  static override tableName = 'gateway_accounts'
  /** disabled: disconnected. Nothing new is charged there; what was paid there can still be looked up and refunded. */
  static override moves = { active: ['disabled'], disabled: ['active'] } as const
  declare id: number
  /** Names the webhook address: `/webhooks/<gateway>/<publicId>`. */
  declare publicId: string
  declare gateway: GatewayName
  declare mode: 'test' | 'live'
  /** Stripe: publishable key. PayPal: client id. */
  declare publishableKey: string | null
  declare secretSealed: string
  declare webhookSecretSealed: string | null
  /** The gateway's id of our endpoint; null while there is none. */
  declare webhookId: string | null
  declare webhookUrl: string | null
  /** Another address for the API: a simulator. Null: the real one, unless STRIPE_API_BASE or PAYPAL_API_BASE says otherwise. */
  declare apiBase: string | null
  declare status: 'active' | 'disabled'
  declare lastEventAt: Date | null
  /** The last connection test, and what was wrong then. */
  declare checkedAt: Date | null
  declare checkError: string | null
  declare disconnectedAt: Date | null
  declare createdAt: Date
  declare updatedAt: Date

  /** The account that new payments by this gateway go to; null while the shop has none. */
  static async current(gateway: GatewayName = 'stripe'): Promise<GatewayAccount | null> {
    return (await GatewayAccount.query().where({ status: 'active', gateway }).orderBy('id').first()) ?? null
  }
  /** All that new payments may go to: one a gateway, cards first. */
  static async active(): Promise<GatewayAccount[]> {
    const found = [await GatewayAccount.current('stripe'), await GatewayAccount.current('paypal')]
    return found.filter((account) => account !== null)
  }

  get label(): 'Stripe' | 'PayPal' {
    return labels[this.gateway]
  }
  /** Whether payments in this currency can go there; asked without opening the account's secret. */
  takes(currency: string): boolean {
    return this.gateway === 'stripe' || paypalTakes(currency)
  }
  /** Minor units between two amounts that the gateway can charge. */
  stepOf(currency: string): number {
    return gatewayStep(currency, this.gateway)
  }
  get simulatedAt(): string | null {
    const { STRIPE_API_BASE, PAYPAL_API_BASE } = config()
    return this.apiBase ?? (this.gateway === 'stripe' ? STRIPE_API_BASE : PAYPAL_API_BASE) ?? null
  }
  get secretKey(): string {
    return sealed('gateway_accounts', 'secret', this.publicId).open(this.secretSealed)
  }
  /** Stripe's; null while there is none, and at PayPal, which checks its signatures itself. */
  get webhookSecret(): string | null {
    return this.webhookSecretSealed === null ? null : sealed('gateway_accounts', 'webhook_secret', this.publicId).open(this.webhookSecretSealed)
  }

  /** The door to this account. */
  open(): Gateway {
    const { secretKey, publishableKey, simulatedAt: apiBase, webhookId, mode } = this
    if (this.gateway === 'paypal') return paypalGateway({ clientId: publishableKey ?? '', secret: secretKey, mode, webhookId, apiBase })
    return stripeGateway({ secretKey, publishableKey, apiBase, webhookSecret: this.webhookSecret })
  }

  /** Do its events arrive? `lastPaidAt`: when money last came in by this account; every payment brings an event. */
  webhookState(lastPaidAt: Date | null, now: Date): 'missing' | 'waiting' | 'good' | 'silent' {
    if (this.webhookId === null) return 'missing'
    const heard = this.lastEventAt?.getTime() ?? 0
    if (lastPaidAt && lastPaidAt.getTime() > heard && now.getTime() - lastPaidAt.getTime() > SILENCE) return 'silent'
    return heard ? 'good' : 'waiting'
  }
}

/** What a page with the gateway's own card form needs of the content policy; nothing when the card page is a simulated one, which is only linked to. */
export function gatewayCsp(account: GatewayAccount): Partial<Record<'script-src' | 'frame-src' | 'connect-src', readonly string[]>> {
  if (account.simulatedAt || account.gateway !== 'stripe') return {}
  return { 'script-src': ['https://js.stripe.com'], 'frame-src': ['https://js.stripe.com', 'https://hooks.stripe.com'], 'connect-src': ['https://api.stripe.com'] }
}
