/** What an invoice needs to know of its buyer. */
import { tenantTransaction } from '../../shared/database/transaction.js'
import { record } from '../../shared/events/record.js'
import { clock } from '../../shared/time/clock.js'
import { taxAdvice } from '../billing/tax/number-in-words.js'
import { registerTaxId } from '../billing/tax/register-tax-id.js'
import type { Customer } from '../customers/customer.js'

const needed = { name: 'your name', addressLine1: 'street and number', city: 'town', country: 'country' } as const

/** Pure: what is still missing, in words. */
export const missingInAddress = (customer: Pick<Customer, keyof typeof needed>): string[] => Object.entries(needed).flatMap(([field, words]) => (customer[field as keyof typeof needed] ? [] : [words]))

export type Address = Pick<Customer, 'name' | 'company' | 'addressLine1' | 'addressLine2' | 'city' | 'region' | 'postcode' | 'country'>

export type BuyerInput = Pick<Customer, 'name' | 'addressLine1' | 'city' | 'country'> & { [field in 'company' | 'addressLine2' | 'region' | 'postcode' | 'taxId']?: string | undefined }

/** Address and, where the shop is registered for tax, the tax number: both or none. Throws FormErrors `taxId` for a wrong one. */
export async function saveBuyer(customer: Customer, { taxId, company, addressLine2, region, postcode, ...rest }: BuyerInput, now = clock.now()): Promise<void> {
  await tenantTransaction(async () => {
    await saveAddress(customer, { ...rest, company: company ?? null, addressLine2: addressLine2 ?? null, region: region ?? null, postcode: postcode ?? null })
    if (await taxAdvice(customer, now)) await registerTaxId(customer.id, { number: taxId ?? null, country: rest.country }, now)
  })
}

/** Invoices already issued keep what they were issued with. */
export async function saveAddress(customer: Customer, address: Address): Promise<void> {
  await tenantTransaction(async () => {
    await customer.$query().patch(address)
    await record('user.profile-changed', customer, { fields: Object.keys(address) }, { userId: customer.id })
  })
}
