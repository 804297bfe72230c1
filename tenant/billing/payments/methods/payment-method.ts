/** A card or PayPal account that a customer saved at the gateway. We hold its id, brand and last digits or name, never a card's number. */
import { Refusal } from '../../../../shared/errors.js'
import { tenantDb } from '../../../../shared/database/tenant-database.js'
import { TenantModel } from '../../../../shared/database/tenant-model.js'
import { GatewayAccount } from '../gateways/gateway-account.js'

export class PaymentMethod extends TenantModel {
  static override tableName = 'payment_methods'
  static override booleans = ['isDefault']
  static override moves = { active: ['removed'], removed: ['active'] } as const
  declare id: number
  declare publicId: string
  declare userId: number
  declare gatewayAccountId: number
  declare gatewayCustomerId: string
  declare gatewayMethodId: string
  declare brand: string | null
  declare last4: string | null
  /** Whose account it is; null for cards. */
  declare accountLabel: string | null
  declare expMonth: number | null
  declare expYear: number | null
  declare status: 'active' | 'removed'
  declare isDefault: boolean
  declare createdAt: Date
  declare updatedAt: Date

  /** The customer's methods that can be charged, the default first. Those of a gateway that the shop has disconnected are left out. */
  static async activeOf(userId: number): Promise<PaymentMethod[]> {
    return PaymentMethod.query().where({ userId, status: 'active' }).whereIn('gatewayAccountId', GatewayAccount.query().where({ status: 'active' }).select('id')).orderBy('isDefault', 'desc').orderBy('id')
  }

  get isCard(): boolean {
    return this.brand !== 'paypal'
  }
  /** `Visa ending 4242`, `PayPal ann@example.com`. */
  get label(): string {
    if (!this.isCard) return this.accountLabel ? `PayPal ${this.accountLabel}` : 'PayPal'
    const brand = this.brand ? this.brand.charAt(0).toUpperCase() + this.brand.slice(1) : 'Card'
    return `${brand.replaceAll('_', ' ')} ending ${this.last4 ?? '????'}`
  }
  /** A card is good through the last day of its month. */
  hasExpired(now: Date): boolean {
    if (this.expYear === null || this.expMonth === null) return false
    return now.getTime() >= Date.UTC(this.expYear, this.expMonth, 1)
  }

  /** `others`: how many more methods are saved. `meteredServices`: services billed by the hour that have not ended. `openPayments`: payments by this method whose end is not known. */
  refusalToRemove(facts: { others: number; meteredServices: number; openPayments: number }): Refusal | null {
    if (this.status !== 'active') return new Refusal('payment-method.removed', 'This payment method was already removed.')
    if (facts.openPayments) return new Refusal('payment-method.in-use', 'A payment with this method is still under way. Wait for its result, then remove it.')
    if (!facts.others && facts.meteredServices) return new Refusal('payment-method.needed', 'You use a service that is billed by the hour, and this is your only payment method. Add another one first, or end the service.')
    return null
  }
}

/** Does the customer have a method that may be charged? Ordering asks. */
export async function hasPaymentMethod(userId: number): Promise<boolean> {
  return (await PaymentMethod.activeOf(userId)).length > 0
}

/** Services of the customer that are billed by the hour and have not ended. Read from their table, as services stand above billing. */
export async function countMeteredServices(userId: number): Promise<number> {
  const row = await tenantDb()('services as s').join('plans as p', 'p.id', 's.plan_id').where({ 's.user_id': userId, 'p.billing_cycle': 'hourly' }).whereNot('s.status', 'terminated')
    .count({ n: '*' }).first<{ n: number | string } | undefined>()
  return Number(row?.n ?? 0)
}
