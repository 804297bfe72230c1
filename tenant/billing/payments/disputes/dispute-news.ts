/** What others hear of a dispute: an event for the services (suspended by policy while the money is held or lost) and for the shop's people, and a word to staff. */
import { alert } from '../../../../shared/alerts/alert.js'
import { record } from '../../../../shared/events/record.js'
import { currentTenant } from '../../../../shared/tenancy/context.js'
import { formatDate, formatMoney } from '../../../../shared/views/format.js'
import type { Payment } from '../payment.js'
import type { Dispute, DisputeStatus } from './dispute.js'
import { servicesToSuspend } from './dispute-policy.js'

const headlines: Readonly<Record<DisputeStatus, string>> = {
  inquiry: 'A customer asks about a payment', open: 'A customer disputes a payment', won: 'A dispute was won', lost: 'A dispute was lost', closed: 'A dispute was closed',
}

/** In the transaction of the change. */
export async function tellOfDispute(dispute: Dispute, payment: Payment): Promise<void> {
  const { status, amountMinor, currency, reason } = dispute
  const { timeZone, locale } = currentTenant()
  const type = status === 'open' ? 'dispute.opened' : status === 'inquiry' ? 'dispute.inquired' : `dispute.${status}`
  const suspendServiceIds = status === 'open' || status === 'lost' ? await servicesToSuspend(payment) : []
  await record(type, dispute, { paymentId: payment.id, invoiceId: payment.invoiceId, amountMinor, currency, reason, suspendServiceIds }, { userId: dispute.userId })
  const due = dispute.isOpen && dispute.respondBy ? ` Answer it before ${formatDate(dispute.respondBy, timeZone, locale, 'full')}.` : ''
  await alert({ level: dispute.isOpen ? 'warning' : 'info', title: headlines[status], message: `${formatMoney(amountMinor, currency, locale)}: ${dispute.reasonText}.${due}`, fields: { payment: payment.publicId, dispute: dispute.gatewayDisputeId } })
}
