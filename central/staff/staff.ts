/** EZSCALE's own people, who use the console. */
import { CentralModel } from '../../shared/database/central-model.js'

export type StaffRole = 'admin' | 'support' | 'billing'

export class Staff extends CentralModel {
  static override tableName = 'staff'
  id!: number
  publicId!: string
  email!: string
  name!: string
  passwordHash!: string | null
  role!: StaffRole
  status!: 'active' | 'disabled'
  theme!: string
  lastLoginAt!: Date | null
  createdAt!: Date
  updatedAt!: Date
}
