/** The customer's own limit for a month of use: of one workspace, or of all of theirs together. */
import { TenantModel } from '../../../shared/database/tenant-model.js'
import { Money } from '../../../shared/money/money.js'

export class Budget extends TenantModel {
  static override tableName = 'kasm_budgets'
  static override noun = 'budget'

  id!: number
  userId!: number
  /** Null: all workspaces of the customer. */
  kasmWorkspaceId!: number | null
  /** For the month of the bill; before tax. */
  limitMinor!: number
  currency!: string
  /** Start of the month for which the warning, and the stop, were told. */
  warnedFor!: Date | null
  stoppedFor!: Date | null
  createdAt!: Date
  updatedAt!: Date

  get workspaceId(): number | null {
    return this.kasmWorkspaceId
  }
  get limit(): Money {
    return Money.of(Number(this.limitMinor), this.currency)
  }

  /** The customer's budgets: the one of all workspaces first. */
  static async of(userId: number): Promise<Budget[]> {
    return Budget.query().where({ userId }).orderBy('scope_key')
  }
}
