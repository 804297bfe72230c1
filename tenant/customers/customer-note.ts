/** What staff wrote down about a customer. The customer never sees it; it is never changed, only added to. */
import { TenantModel } from '../../shared/database/tenant-model.js'
import { newPublicId } from '../../shared/security/token.js'
import type { Customer } from './customer.js'

export class CustomerNote extends TenantModel {
  static override tableName = 'customer_notes'
  static override timestamps = ['createdAt'] as const
  declare id: number
  declare publicId: string
  declare userId: number
  /** Name or role of who wrote it. */
  declare author: string
  declare body: string
  declare createdAt: Date
}

/** `author`: as the desk shows it. */
export async function addNote(customer: Customer, body: string, author: string): Promise<CustomerNote> {
  return CustomerNote.query().insertAndFetch({ publicId: newPublicId(), userId: customer.id, author: author.slice(0, 120), body })
}
