/** Writes down what an issued invoice was priced with: its taxes for the tax report, and the coupon periods it used up. */
import type { Knex } from 'knex'
import { clock } from '../../../shared/time/clock.js'
import type { CouponUse, PricedCharge } from './charge.js'

/**
 * Called by issueInvoice, inside its transaction, with the charge that was frozen onto the invoice. Throws the database's duplicate error when a coupon's
 * period was used by another invoice in the meantime; the invoice is then not issued.
 */
export async function recordPricing(trx: Knex.Transaction, invoice: { readonly id: number }, priced: PricedCharge, now = clock.now()): Promise<void> {
  if (priced.taxes.length) await trx('invoice_taxes').insert(priced.taxes.map((row) => ({
    invoice_id: invoice.id, code: row.code, label: row.label, country: row.country, region: row.region, ppm: row.ratePpm, compound: row.compound,
    treatment: row.treatment,
    net_minor: row.net.minor, tax_minor: row.tax.minor, customer_country: priced.proof.country, customer_number: priced.proof.number,
    proof_id: priced.proof.proofId, created_at: now,
  })))
  for (const use of priced.couponUses) await recordUse(trx, invoice.id, use, priced.total.currency, now)
}

/** Uses on invoices that were voided meanwhile make room for the same period on this one. */
async function recordUse(trx: Knex.Transaction, invoiceId: number, use: CouponUse, currency: string, now: Date): Promise<void> {
  const voided = trx('invoices').where({ status: 'void' }).select('id')
  await trx('coupon_applications').where({ redemption_id: use.redemptionId, subscription_id: use.subscriptionId ?? 0 }).whereNull('released_at')
    .whereIn('invoice_id', voided).update({ released_at: now })
  await trx('coupon_applications').insert({
    redemption_id: use.redemptionId, coupon_id: use.couponId, invoice_id: invoiceId, subscription_id: use.subscriptionId ?? 0,
    period_start: use.period?.start ?? now, period_end: use.period?.end ?? null,
    period_number: use.periodNumber, counts: use.counts, currency, amount_minor: use.amountMinor, period_minor: use.periodMinor, created_at: now,
  })
}
