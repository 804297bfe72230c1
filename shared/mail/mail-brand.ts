/** In whose name a letter goes out: the tenant's brand, or the platform's. */
import { config, originOf } from '../config.js'
import { currentTenantOrNull } from '../tenancy/context.js'
import type { Tenant } from '../tenancy/tenant.js'
import { domainOf, oneAddress, oneLine, type Address } from './address.js'

/** What the mail layout shows. */
export interface ComposeBrand {
  readonly name: string
  readonly primaryColor: string
  readonly logoUrl: string | null
  readonly supportEmail: string | null
  readonly supportPhone: string | null
  readonly legalName: string
  readonly legalAddress: readonly string[]
  /** Origin that links of the letter start with. */
  readonly origin: string
}
export interface Sender {
  readonly from: Address
  readonly replyTo: string | null
}

const absolute = (url: string | null, origin: string): string | null => (url ? new URL(url, origin).href : null)

function tenantBrand(tenant: Tenant): ComposeBrand {
  const { brand } = tenant
  const origin = originOf(tenant.primaryHost)
  return {
    name: brand.companyName, primaryColor: brand.primaryColor, logoUrl: absolute(brand.logoUrl, origin), supportEmail: brand.supportEmail, supportPhone: brand.supportPhone,
    legalName: brand.legalName, legalAddress: brand.legalAddress, origin,
  }
}

function platformBrand(): ComposeBrand {
  return { name: 'EZSCALE', primaryColor: '#1d4ed8', logoUrl: null, supportEmail: null, supportPhone: null, legalName: 'EZSCALE', legalAddress: [], origin: originOf(config().PLATFORM_DOMAIN) }
}

export function currentBrand(): ComposeBrand {
  const tenant = currentTenantOrNull()
  return tenant ? tenantBrand(tenant) : platformBrand()
}

/** Locale and zone in which the letter writes dates and amounts. */
export function currentManner(): { locale: string; timeZone: string } {
  const tenant = currentTenantOrNull()
  return { locale: tenant?.locale ?? 'en-US', timeZone: tenant?.timeZone ?? 'UTC' }
}

/**
 * A reseller writes as its own address only from a domain it has proved to hold: the domain of its shop. Otherwise as `no-reply@` of the shop,
 * with its support address for answers: a sender that nobody has checked would let a reseller write in anybody's name.
 */
export function currentSender(): Sender {
  const tenant = currentTenantOrNull()
  if (!tenant) return { from: oneAddress({ email: config().MAIL_FROM, name: 'EZSCALE' }), replyTo: null }
  const { fromEmail, fromName, supportEmail, companyName } = tenant.brand
  const proved = fromEmail !== null && domainOf(fromEmail) === tenant.primaryHost
  const from = { email: proved ? fromEmail : `no-reply@${tenant.primaryHost}`, name: oneLine(fromName || companyName, 120) }
  return { from: oneAddress(from), replyTo: supportEmail ? oneAddress({ email: supportEmail, name: '' }).email : null }
}
