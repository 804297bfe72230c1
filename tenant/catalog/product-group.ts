/** A shelf of the shop: products of any type under one heading. A product without a group stands under its service type. */
import { TenantModel } from '../../shared/database/tenant-model.js'

export class ProductGroup extends TenantModel {
  static override tableName = 'product_groups'

  id!: number
  publicId!: string
  slug!: string
  name!: string
  description!: string
  sortOrder!: number
  createdAt!: Date
  updatedAt!: Date

  static inOrder(): Promise<ProductGroup[]> {
    return ProductGroup.query().orderBy('sortOrder').orderBy('id').execute()
  }
}
