/** Closes an account to its customer, and opens it again. Services, invoices and credit stay as they are; staff decides about them apart. */
import { Refusal } from '../../shared/errors.js'
import { tenantDb } from '../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { record } from '../../shared/events/record.js'
import { Customer } from './customer.js'

/** The customer is out at once: guard.ts reads the row on every request, and their sessions end. Throws Refusal when it is disabled already. */
export async function disableCustomer(customer: Customer, reason: string | null): Promise<void> {
  await move(customer, 'active', 'disabled', async () => {
    await tenantDb()('sessions').where({ subject_kind: 'user', subject_id: customer.id }).delete()
    await record('user.disabled', customer, { reason }, { userId: customer.id })
  })
}

export async function enableCustomer(customer: Customer): Promise<void> {
  await move(customer, 'disabled', 'active', () => record('user.enabled', customer, {}, { userId: customer.id }))
}

async function move(customer: Customer, from: Customer['status'], to: Customer['status'], then: () => Promise<void>): Promise<void> {
  await tenantTransaction(async () => {
    const changed = await Customer.query().patch({ status: to }).where({ id: customer.id, status: from })
    if (changed === 0) throw new Refusal('user.moved', `This account is ${to} already.`)
    await then()
  })
}
