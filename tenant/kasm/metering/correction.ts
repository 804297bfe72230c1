/** A run that turned out to have ended earlier than it stood: what it was, what it is, and what was taken back. Append only. */
import { TenantModel } from '../../../shared/database/tenant-model.js'

export class Correction extends TenantModel {
  static override tableName = 'kasm_usage_corrections'
  static override noun = 'correction'
  static override timestamps = ['createdAt'] as const

  id!: number
  kasmUsageSessionId!: number
  /** Counts the corrections of one run, from 1. */
  position!: number
  stoppedBefore!: Date
  stoppedAfter!: Date
  billableBefore!: number
  billableAfter!: number
  /** Of these, how many stood on invoices and were given back. */
  creditedSeconds!: number
  reason!: string
  /** Who corrected it: a name for the receipt of staff. */
  correctedBy!: string
  createdAt!: Date
}

/** What a correction took from one billed slice. */
export class CorrectionPart extends TenantModel {
  static override tableName = 'kasm_correction_parts'
  static override noun = 'correction'
  static override timestamps = ['createdAt'] as const

  id!: number
  kasmUsageCorrectionId!: number
  kasmBilledSliceId!: number
  invoiceLineId!: number
  seconds!: number
  /** What the credit notes gave back for it, tax included; zero where the invoice was void. */
  amountMinor!: number
  createdAt!: Date
}
