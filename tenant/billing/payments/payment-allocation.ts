/** What one payment is meant to pay, invoice by invoice. While the payment is open, its rows hold the one open marker that each invoice has (unique index). */
import type { Knex } from 'knex'
import { TenantModel } from '../../../shared/database/tenant-model.js'
import { Payment } from './payment.js'

export class PaymentAllocation extends TenantModel {
  static override tableName = 'payment_allocations'
  static override timestamps = ['createdAt'] as const
  static override booleans = ['isOpen']
  declare id: number
  declare paymentId: number
  declare invoiceId: number
  /** 1, 2, … within the invoice. */
  declare attemptNo: number
  /** What was asked for. */
  declare amountMinor: number
  /** What the invoice took of it when the payment succeeded; the rest became credit. */
  declare appliedMinor: number
  declare isOpen: boolean
  declare createdAt: Date
}

/** The parts of a payment in the order in which invoices are locked; empty for a top-up. */
export async function partsOf(paymentId: number): Promise<PaymentAllocation[]> {
  return PaymentAllocation.query().where({ paymentId }).orderBy('invoiceId')
}

export interface PaymentOfInvoice {
  readonly payment: Payment
  /** Asked for, minor units. */
  readonly amountMinor: number
  /** Booked on this invoice. */
  readonly appliedMinor: number
}

/** Every attempt to pay this invoice, the oldest first; also those that pay other invoices as well. */
export async function paymentsOfInvoice(invoiceId: number): Promise<PaymentOfInvoice[]> {
  const parts = await PaymentAllocation.query().where({ invoiceId }).orderBy('attemptNo')
  const payments = new Map((await Payment.query().whereIn('id', parts.map((p) => p.paymentId))).map((p) => [p.id, p]))
  return parts.flatMap(({ paymentId, amountMinor, appliedMinor }) => {
    const payment = payments.get(paymentId)
    return payment ? [{ payment, amountMinor, appliedMinor }] : []
  })
}

/** Which of these invoices have an attempt whose end is not known. The caller holds their rows. */
export async function openAttemptsOn(trx: Knex.Transaction, invoiceIds: readonly number[]): Promise<Set<number>> {
  return new Set((await trx('payment_allocations').whereIn('open_invoice_id', [...invoiceIds]).pluck('open_invoice_id')) as number[])
}
