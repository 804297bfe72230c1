/** Seller and buyer as they are today; frozen onto the invoice when it is issued. */
import { NotFound } from '../../../shared/errors.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import type { Buyer, Seller } from './invoice.js'

export function sellerToday(): Seller {
  const { brand } = currentTenant()
  return { name: brand.companyName, legalName: brand.legalName, address: brand.legalAddress, taxId: brand.taxId, email: brand.supportEmail, phone: brand.supportPhone }
}

/** What billing must know of a customer. */
export interface BilledCustomer {
  readonly id: number
  readonly currency: string
  /** The shop's zone: days and months of bills begin there, for all its customers. */
  readonly timeZone: string
  readonly locale: string
  /** 1 to 31: the day on which this customer's months begin. */
  readonly billingAnchorDay: number
  readonly buyer: Buyer
}

type Row = Record<'name' | 'email' | 'currency' | 'locale', string> & Record<'company' | 'address_line1' | 'address_line2' | 'city' | 'region' | 'postcode' | 'country' | 'tax_id', string | null> & { id: number; billing_anchor_day: number }

/** `lock`: holds the customer's row until the transaction ends, so that only one bill of theirs is made at a time. Throws NotFound. */
export async function billedCustomer(userId: number, lock = false): Promise<BilledCustomer> {
  const query = tenantDb()<Row>('users').where({ id: userId })
  const row = await (lock ? query.forUpdate() : query).first()
  if (!row) throw new NotFound('customer')
  const town = [row.postcode, row.city, row.region].filter(Boolean).join(' ')
  const address = [row.address_line1, row.address_line2, town, row.country].filter((part): part is string => Boolean(part))
  return {
    id: row.id, currency: row.currency, timeZone: currentTenant().timeZone, locale: row.locale, billingAnchorDay: row.billing_anchor_day,
    buyer: { name: row.name, company: row.company, email: row.email, address, taxId: row.tax_id },
  }
}
