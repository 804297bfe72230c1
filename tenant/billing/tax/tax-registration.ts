/** Where the shop is registered for tax. Nothing is taxed before there is one. */
import { TenantModel } from '../../../shared/database/tenant-model.js'
import type { RegistrationKind } from './treatment.js'

export class TaxRegistration extends TenantModel {
  static override tableName = 'tax_registrations'
  declare id: number
  declare publicId: string
  declare country: string
  declare region: string
  declare kind: RegistrationKind
  declare number: string
  declare validFrom: Date | null
  declare validTo: Date | null
  declare createdAt: Date
  declare updatedAt: Date

  isValid(now: Date): boolean {
    return (!this.validFrom || this.validFrom <= now) && (!this.validTo || now < this.validTo)
  }
  static async validAt(now: Date): Promise<TaxRegistration[]> {
    return (await TaxRegistration.query().orderBy('id')).filter((registration) => registration.isValid(now))
  }
}
