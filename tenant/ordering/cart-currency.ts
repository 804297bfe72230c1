/** A customer pays in one currency, fixed by the first order; until then the cart decides. */
import { tenantDb } from '../../shared/database/tenant-database.js'
import type { Customer } from '../customers/customer.js'
import { Invoice } from '../billing/invoices/invoice.js'
import { Subscription } from '../billing/subscriptions/subscription.js'
import { Service } from '../services/service.js'

/** Nothing was ordered, billed or paid in yet. */
export async function mayChooseCurrency(customer: Customer): Promise<boolean> {
  const own = { userId: customer.id }
  const before = await Promise.all([Service.query().findOne(own), Subscription.query().findOne(own), Invoice.query().findOne(own), tenantDb()('ledger_accounts').where({ user_id: customer.id }).first('id')])
  return before.every((row) => row === undefined)
}

/** What this buyer pays in: guests and new customers may choose. */
export async function currencyFor(customer: Customer | null, wanted: string): Promise<string> {
  return customer && !(await mayChooseCurrency(customer)) ? customer.currency : wanted
}
