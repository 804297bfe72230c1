/**
 * The wholesale run: one invoice a reseller and period, however often and by however many workers it runs.
 * The row of terms is locked, the period is unique per tenant, each usage record can stand on one line only. All from central records.
 */
import type { Knex } from 'knex'
import { originOf, config } from '../../shared/config.js'
import { nextNumber } from '../../shared/database/sequence.js'
import { centralTransaction } from '../../shared/database/transaction.js'
import { record } from '../../shared/events/record.js'
import { send } from '../../shared/mail/compose.js'
import { newPublicId } from '../../shared/security/token.js'
import { clock } from '../../shared/time/clock.js'
import { monthOf, type Period } from '../../shared/time/period.js'
import { priceVersions } from './price-list.js'
import { commissionLine, discountLine, feeLine, subscriptionLines, usageLines, type Draft, type SubscriptionRow, type UsageRow } from './wholesale-lines.js'
import { WholesaleInvoice } from './wholesale-invoice.js'

/** Late usage has this long to arrive before a period is billed. */
export const graceMs = 3_600_000

interface TermsRow {
  tenant_id: number; currency: string; wholesale_discount_ppm: number; monthly_fee_minor: number; commission_ppm: number
  billing_cycle_day: number; payment_days: number; started_at: Date; next_billing_at: Date; status: string; dropped_at: Date | null
}
interface OwnerRow { name: string; slug: string; owner_name: string; owner_email: string }

async function draftLines(trx: Knex.Transaction, terms: TermsRow, period: Period): Promise<{ lines: Draft[]; saleIds: number[] }> {
  const { tenant_id, currency } = terms
  const usage = (await trx('wholesale_usage as u').leftJoin('wholesale_billed_usage as b', 'b.wholesale_usage_id', 'u.id').whereNull('b.wholesale_usage_id')
    .where('u.tenant_id', tenant_id).where('u.occurred_at', '<', period.end).orderBy('u.id')
    .select('u.id', 'u.sku', 'u.quantity_seconds as quantitySeconds', 'u.occurred_at as occurredAt')) as UsageRow[]
  const subscriptions = (await trx('wholesale_subscriptions').where({ tenant_id }).where('started_at', '<', period.end)
    .where((q) => void q.whereNull('ended_at').orWhere('ended_at', '>', period.start)).orderBy('id')
    .select('id', 'record_key as recordKey', 'sku', 'quantity', 'started_at as startedAt', 'ended_at as endedAt')) as SubscriptionRow[]
  const sales = (await trx('wholesale_sales as s').leftJoin('wholesale_billed_sales as b', 'b.wholesale_sale_id', 's.id').whereNull('b.wholesale_sale_id')
    .where('s.tenant_id', tenant_id).where('s.currency', currency).where('s.occurred_at', '<', period.end).select('s.id', 's.amount_minor')) as Array<{ id: number; amount_minor: number }>
  const prices = await priceVersions(currency)
  const numbers = usage.map((row) => ({ ...row, quantitySeconds: Number(row.quantitySeconds) }))
  const fee = feeLine({ currency, monthlyFeeMinor: Number(terms.monthly_fee_minor), wholesaleDiscountPpm: terms.wholesale_discount_ppm, startedAt: terms.started_at, endedAt: terms.dropped_at }, period)
  const metered = [...usageLines(numbers, prices, currency, period), ...subscriptionLines(subscriptions, prices, currency, period)]
  const sold = sales.reduce((sum, sale) => sum + Number(sale.amount_minor), 0)
  const commission = terms.commission_ppm ? commissionLine(sold, terms.commission_ppm) : []
  return { lines: [...fee, ...metered, ...discountLine(metered, terms.wholesale_discount_ppm), ...commission], saleIds: terms.commission_ppm ? sales.map((s) => s.id) : [] }
}

const sumOf = (lines: readonly Draft[], kind: Draft['kind']): number => lines.filter((l) => l.kind === kind).reduce((sum, l) => sum + l.amountMinor, 0)

async function insertInvoice(trx: Knex.Transaction, terms: TermsRow, period: Period, lines: readonly Draft[], now: Date): Promise<number> {
  const [id] = await trx('wholesale_invoices').insert({
    public_id: newPublicId(), tenant_id: terms.tenant_id, status: 'open', currency: terms.currency, period_start: period.start, period_end: period.end,
    platform_fee_minor: sumOf(lines, 'fee'), usage_charges_minor: sumOf(lines, 'usage'), subscription_charges_minor: sumOf(lines, 'subscription'),
    discount_minor: -sumOf(lines, 'discount'), commission_minor: sumOf(lines, 'commission'), total_minor: lines.reduce((sum, l) => sum + l.amountMinor, 0),
    issued_at: now, due_date: new Date(now.getTime() + terms.payment_days * 86_400_000), created_at: clock.real(), updated_at: clock.real(),
  })
  return id!
}

async function insertLines(trx: Knex.Transaction, invoiceId: number, terms: TermsRow, period: Period, lines: readonly Draft[]): Promise<void> {
  for (const [position, line] of lines.entries()) {
    const { usageIds, ...facts } = line
    const [lineId] = await trx('wholesale_invoice_lines').insert({
      wholesale_invoice_id: invoiceId, business_key: `${terms.tenant_id}:${period.key}:${position}`, kind: facts.kind, sku: facts.sku, description: facts.description,
      quantity_seconds: facts.quantitySeconds, quantity: facts.quantity, rate_micros: facts.rateMicros, amount_minor: facts.amountMinor, sort_order: position, created_at: clock.real(),
    })
    for (let i = 0; i < usageIds.length; i += 500) {
      await trx('wholesale_billed_usage').insert(usageIds.slice(i, i + 500).map((id) => ({ wholesale_usage_id: id, wholesale_invoice_line_id: lineId, created_at: clock.real() })))
    }
  }
}

async function tellOwner(trx: Knex.Transaction, invoice: WholesaleInvoice, tenantId: number): Promise<void> {
  const owner = (await trx('tenants').where({ id: tenantId }).first('name', 'slug', 'owner_name', 'owner_email')) as OwnerRow
  await send({
    name: 'wholesale-invoice', to: { email: owner.owner_email, name: owner.owner_name }, key: `wholesale-invoice:${invoice.id}`,
    data: { owner: owner.owner_name, reseller: owner.name, number: invoice.number, total: { minor: invoice.totalMinor, currency: invoice.currency }, dueAt: invoice.dueDate,
      periodStart: invoice.periodStart, periodEnd: invoice.periodEnd, url: `${originOf(config().PLATFORM_DOMAIN)}/reseller/bills/${invoice.publicId}` },
  })
}

/** Bills the oldest period that is due. False: nothing is due. */
export async function billNextPeriod(tenantId: number, now: Date): Promise<boolean> {
  return centralTransaction(async (trx) => {
    const locked = (await trx('tenant_billing').where({ tenant_id: tenantId }).forUpdate().first()) as Omit<TermsRow, 'dropped_at'> | undefined
    const tenant = (await trx('tenants').where({ id: tenantId }).first('dropped_at')) as { dropped_at: Date | null } | undefined
    const terms = locked && tenant ? { ...locked, ...tenant } : undefined
    if (!terms || terms.status !== 'active' || terms.next_billing_at.getTime() + graceMs > now.getTime()) return false
    const period = monthOf(new Date(terms.next_billing_at.getTime() - 1), 'UTC', terms.billing_cycle_day)
    const { lines, saleIds } = await draftLines(trx, terms, period)
    const next = monthOf(period.end, 'UTC', terms.billing_cycle_day).end
    await trx('tenant_billing').where({ tenant_id: tenantId }).update({ next_billing_at: next, status: terms.dropped_at && terms.dropped_at <= period.end ? 'cancelled' : 'active', updated_at: clock.real() })
    if (lines.length === 0) return true
    const id = await insertInvoice(trx, terms, period, lines, now)
    await insertLines(trx, id, terms, period, lines)
    if (saleIds.length) await trx('wholesale_billed_sales').insert(saleIds.map((sale) => ({ wholesale_sale_id: sale, wholesale_invoice_id: id, created_at: clock.real() })))
    await trx('wholesale_invoices').where({ id }).update({ number: await nextNumber(trx, 'wholesale') })
    const invoice = (await WholesaleInvoice.query(trx).findById(id))!
    await record('wholesale.invoice-issued', { type: 'wholesale_invoice', id }, { number: invoice.number, totalMinor: invoice.totalMinor }, { tenantId })
    await tellOwner(trx, invoice, tenantId)
    return true
  })
}

/** Bills every period of one reseller that is due at `now`; answers how many. */
export async function billReseller(tenantId: number, now: Date): Promise<number> {
  let billed = 0
  while (await billNextPeriod(tenantId, now)) billed++
  return billed
}
