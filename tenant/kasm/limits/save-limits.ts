import { tenantTransaction } from '../../../shared/database/transaction.js'
import { record } from '../../../shared/events/record.js'
import type { Customer } from '../../customers/customer.js'
import { CustomerLimits, defaultLimits, limitsSchema, type Limits } from './limits.js'

/** Null gives the customer back to the shop's defaults. What is there already stays; only the next order or start is asked. */
export async function saveLimits(customer: Customer, limits: Limits | null): Promise<void> {
  await tenantTransaction(async (trx) => {
    await trx('users').where({ id: customer.id }).forUpdate().first('id')
    const known = await CustomerLimits.query().findOne({ userId: customer.id })
    const columns = limits && { mostWorkspaces: limits.workspaces, mostRunning: limits.running, workspaceTypes: limits.types && [...limits.types] }
    if (!columns) await known?.$query().delete()
    else if (known) await known.$query().patch(columns)
    else await CustomerLimits.query().insert({ userId: customer.id, ...columns })
    await record('customer.workspace-limits-changed', customer, { limits }, { userId: customer.id })
  })
}

export async function saveDefaultLimits(limits: Limits): Promise<void> {
  await tenantTransaction(async () => {
    await defaultLimits.write(limitsSchema.parse(limits))
    await record('settings.workspace-limits-changed', null, { limits })
  })
}
