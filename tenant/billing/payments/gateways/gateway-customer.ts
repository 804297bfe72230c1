/** Our customer as the gateway knows them: one record per gateway account, made when first needed. */
import { createHash } from 'node:crypto'
import { TenantModel } from '../../../../shared/database/tenant-model.js'
import { tenantDb } from '../../../../shared/database/tenant-database.js'
import { currentTenant } from '../../../../shared/tenancy/context.js'
import { clock } from '../../../../shared/time/clock.js'
import type { Customer } from '../../../customers/customer.js'
import type { GatewayAccount } from './gateway-account.js'

export class GatewayCustomer extends TenantModel {
  static override tableName = 'gateway_customers'
  static override timestamps = ['createdAt'] as const
  declare id: number
  declare userId: number
  declare gatewayAccountId: number
  declare gatewayCustomerId: string
  declare createdAt: Date
}

/** The gateway's id of this customer. Two callers at once get the same one: the key is the same, and so is the row. */
export async function ensureGatewayCustomer(account: GatewayAccount, payer: Pick<Customer, 'id' | 'publicId' | 'email' | 'name'>): Promise<string> {
  const find = () => GatewayCustomer.query().findOne({ gatewayAccountId: account.id, userId: payer.id })
  const known = await find()
  if (known) return known.gatewayCustomerId
  const { uuid } = currentTenant()
  const who = createHash('sha256').update(`${payer.email}\n${payer.name}`).digest('hex').slice(0, 12)
  const id = await account.open().ensureCustomer({
    key: `${uuid}:customer:${account.publicId}:${payer.publicId}:${who}`, email: payer.email, name: payer.name, marks: { tenant: uuid, user: payer.publicId },
  })
  await tenantDb()('gateway_customers').insert({ user_id: payer.id, gateway_account_id: account.id, gateway_customer_id: id, created_at: clock.now() }).onConflict().ignore()
  return (await find())?.gatewayCustomerId ?? id
}
