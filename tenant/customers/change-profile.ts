/** The customer's own details. Issued invoices keep what they were issued with. */
import { tenantTransaction } from '../../shared/database/transaction.js'
import { record } from '../../shared/events/record.js'
import type { Customer } from './customer.js'
import type { Profile } from './forms.js'

const fields = ['name', 'company', 'addressLine1', 'addressLine2', 'city', 'region', 'postcode', 'country', 'timeZone'] as const

/** What is left empty is forgotten. The tax number has a page of its own: it is checked. */
export async function changeProfile(customer: Customer, profile: Profile): Promise<void> {
  const next = Object.fromEntries(fields.map((name) => [name, profile[name] ?? null])) as Partial<Customer>
  const changed = fields.filter((name) => next[name] !== customer[name])
  if (!changed.length) return
  await tenantTransaction(async () => {
    await customer.$query().patch(next)
    await record('user.profile-changed', customer, { fields: changed }, { userId: customer.id })
  })
}
