/** What fills the money pages of a demo shop: tax rates, an invoice that is overdue, two bank transfers, a refund. Safe to repeat. */
import { Money } from '../../shared/money/money.js'
import { clock } from '../../shared/time/clock.js'
import { addManualInvoice } from '../../tenant/billing/invoices/manual-invoice.js'
import { issueInvoice } from '../../tenant/billing/invoices/issue-invoice.js'
import { Payment } from '../../tenant/billing/payments/payment.js'
import { refundPayment } from '../../tenant/billing/payments/refunds/refund-payment.js'
import { topUpCredit } from '../../tenant/billing/payments/top-ups/top-up.js'
import { loadEuRates } from '../../tenant/billing/tax/load-eu-rates.js'
import { BankTransfer } from '../../tenant/billing/transfers/bank-transfer.js'
import { recordTransfer } from '../../tenant/billing/transfers/record-transfer.js'
import { Customer } from '../../tenant/customers/customer.js'

const DAY = 86_400_000

/** `late` has no card and pays nothing by himself; `payer` has one. */
export async function fillBooks(late: string, payer: string): Promise<void> {
  const [debtor, holder] = [await Customer.withEmail(late), await Customer.withEmail(payer)]
  if (!debtor || !holder || (await BankTransfer.query().first())) return
  const now = clock.now()
  await loadEuRates(now)
  const lines = [{ description: 'Migration of three servers', quantity: 1, unitMinor: 12_500 }]
  const draft = await addManualInvoice({ userId: debtor.id, currency: debtor.currency, lines, dueAt: new Date(now.getTime() - 5 * DAY), key: 'demo-overdue' })
  const { label } = await issueInvoice(draft, new Date(now.getTime() - 19 * DAY))
  const arrived = (key: string, amountMinor: number, who: string, reference: string) => recordTransfer({ key, receivedOn: now.toISOString().slice(0, 10), amountMinor, currency: debtor.currency, payer: who, reference })
  await arrived('demo-transfer-1', 5000, 'MAX OVERTON', `Part of ${label}`)
  await arrived('demo-transfer-2', 4200, 'NORTHWIND LTD', 'Thank you')
  await topUpCredit(holder, Money.of(1500, holder.currency), 'demo-refunded-part')
  const payment = await Payment.query().where({ userId: holder.id, status: 'succeeded' }).orderBy('id', 'desc').first()
  if (payment) await refundPayment({ payment, amount: Money.of(500, payment.currency), to: 'source', reason: 'Topped up too much', key: 'demo-refund' })
}
