/** Somebody who buys from this reseller: an account of the shop (`users`). */
import { TenantModel } from '../../shared/database/tenant-model.js'
import type { Subject } from '../../shared/http/session-store.js'

const countryName = (code: string | null, locale: string): string | null => (code ? new Intl.DisplayNames([locale, 'en'], { type: 'region', fallback: 'code' }).of(code) ?? code : null)

export class Customer extends TenantModel {
  static override tableName = 'users'

  id!: number
  publicId!: string
  /** Lower case. */
  email!: string
  name!: string
  passwordHash!: string | null
  emailVerifiedAt!: Date | null
  status!: 'active' | 'disabled'
  company!: string | null
  addressLine1!: string | null
  addressLine2!: string | null
  city!: string | null
  region!: string | null
  postcode!: string | null
  /** ISO 3166, two letters. */
  country!: string | null
  taxId!: string | null
  /** ISO 4217; fixed by the first order. */
  currency!: string
  /** IANA name: pages tell times in it, and subscriptions ordered from now on count their days there. Months of metered use are the shop's, for all customers. */
  timeZone!: string
  locale!: string
  billingAnchorDay!: number
  theme!: string
  lastLoginAt!: Date | null
  createdAt!: Date
  updatedAt!: Date

  static async withEmail(email: string): Promise<Customer | null> {
    return (await Customer.query().findOne({ email: email.toLowerCase() })) ?? null
  }

  get isVerified(): boolean {
    return this.emailVerifiedAt !== null
  }

  /** Whose sessions and events these are. */
  get subject(): Subject {
    return { kind: 'user', id: this.id }
  }

  /** Where invoices and letters go, line by line; only what is known. */
  get addressLines(): string[] {
    const town = [this.postcode, this.city].filter(Boolean).join(' ')
    return [this.company, this.name, this.addressLine1, this.addressLine2, town, this.region, countryName(this.country, this.locale)].filter((line): line is string => Boolean(line))
  }
}
