/** One invoice of metered use, inside the caller's transaction: lines with their runs, what they bill marked in the meter, issued, small earlier ones carried over. */
import type { Knex } from 'knex'
import type { Period } from '../../../shared/time/period.js'
import { formatRate } from '../../../shared/views/format.js'
import { draftInvoice, type NewLine } from '../invoices/draft-invoice.js'
import { issueInvoice } from '../invoices/issue-invoice.js'
import { Invoice } from '../invoices/invoice.js'
import type { RunDetail } from '../invoices/invoice-line.js'
import type { BilledCustomer } from '../invoices/parties.js'
import { planFactsOf } from './plan-facts.js'
import type { RunShare, UsageLine } from './usage-lines.js'
import type { UsageSource } from './usage-source.js'

export interface UsageBill {
  readonly source: UsageSource
  readonly customer: BilledCustomer
  /** The month that is billed. */
  readonly month: Period
  /** The part of it that this invoice covers: after what interim invoices have covered, up to its own end. */
  readonly period: Period
  /** Of one currency. */
  readonly lines: readonly UsageLine[]
  /** Ends the business key of an interim invoice. */
  readonly interim?: string
  readonly memo?: string
}

/** Null: this very invoice was made before. What turned up since waits for the next one. */
export async function billUsage(trx: Knex.Transaction, bill: UsageBill, now: Date): Promise<Invoice | null> {
  const { source, customer, period, lines } = bill
  const currency = lines[0]!.currency
  const key = keyOf(bill, currency)
  if (await Invoice.query().findOne({ businessKey: key }).select('id')) return null
  const plans = await planFactsOf(lines.map((line) => line.serviceId))
  const rows = lines.map((line) => ({ ...lineRow(line, key, bill), ...plans.get(line.serviceId) }))
  const drafted = await draftInvoice(trx, { businessKey: key, userId: customer.id, kind: 'usage', currency, period, memo: bill.memo ?? null, lines: rows })
  await source.markBilled(lines.flatMap((line, i) => line.shares.map((share) => ({
    sessionId: share.run.sessionId, period, seconds: share.seconds, rateMicros: line.rateMicros, invoiceId: drafted.invoice.id, invoiceLineId: drafted.lines[i]!.id,
  }))))
  return issueInvoice(drafted.invoice, now)
}

/** `usage:7:2026-11`; other meters, currencies and interim invoices say so behind it. */
function keyOf({ source, customer, month, interim }: UsageBill, currency: string): string {
  return `usage:${customer.id}:${month.key}${source.kind === 'kasm' ? '' : `:${source.kind}`}${currency === customer.currency ? '' : `:${currency}`}${interim ? `:${interim}` : ''}`
}

function lineRow(line: UsageLine, invoiceKey: string, { source, period, customer }: UsageBill): NewLine {
  const runs = line.shares.length === 1 ? '1 run' : `${line.shares.length} runs`
  const minutes = new Intl.NumberFormat(customer.locale).format(line.seconds / 60)
  const rate = formatRate({ micros: line.rateMicros, currency: line.currency, per: 'hour' }, customer.locale)
  return {
    businessKey: `${invoiceKey}:${line.serviceId}:${line.rateMicros}`, kind: 'usage', serviceId: line.serviceId, period, quantitySeconds: line.seconds, rateMicros: line.rateMicros,
    amountMinor: line.amount.minor, description: `${line.planName} "${line.serviceName}": ${runs}, ${minutes} min at ${rate}`,
    detail: { serviceType: source.kind, planName: line.planName, serviceName: line.serviceName, runs: line.shares.map((share) => runDetail(share, period)) },
  }
}

function runDetail({ run, seconds, ranSeconds }: RunShare, period: Period): RunDetail {
  const stop = run.stoppedAt && run.stoppedAt <= period.end ? run.stoppedAt.toISOString() : null
  return { sessionId: run.sessionId, start: run.startedAt.toISOString(), stop, minutes: Math.floor(ranSeconds / 60), billedMinutes: seconds / 60 }
}
