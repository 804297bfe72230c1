/** What an invoice needs to know of its buyer. */
import { tenantTransaction } from '../../shared/database/transaction.js'
import { record } from '../../shared/events/record.js'
import type { Customer } from '../customers/customer.js'

const needed = { name: 'your name', addressLine1: 'street and number', city: 'town', country: 'country' } as const

/** Pure: what is still missing, in words. */
export const missingInAddress = (customer: Pick<Customer, keyof typeof needed>): string[] => Object.entries(needed).flatMap(([field, words]) => (customer[field as keyof typeof needed] ? [] : [words]))

export type Address = Pick<Customer, 'name' | 'company' | 'addressLine1' | 'addressLine2' | 'city' | 'region' | 'postcode' | 'country'>

/** Invoices already issued keep what they were issued with. */
export async function saveAddress(customer: Customer, address: Address): Promise<void> {
  await tenantTransaction(async () => {
    await customer.$query().patch(address)
    await record('user.profile-changed', customer, { fields: Object.keys(address) }, { userId: customer.id })
  })
}
