/** What a correction would change: seconds by the meter's own rule, money by the lines that billed them. Writes nothing. */
import { Refusal } from '../../../shared/errors.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { amountOf, divideRounded, hourly } from '../../../shared/money/rate.js'
import { InvoiceLine } from '../../billing/invoices/invoice-line.js'
import { Invoice } from '../../billing/invoices/invoice.js'
import { restsOf } from '../../billing/invoices/credit-notes/quote-credit-note.js'
import { billableSeconds } from './meter.js'
import type { UsageSession } from './usage-session.js'

const no = (code: string, message: string): Refusal => new Refusal(`usage.${code}`, message)

/** Pure. A run is made shorter, never longer: what nobody saw is not billed after the fact. */
export function refusalToCorrect(session: Pick<UsageSession, 'startedAt' | 'stoppedAt'>, stoppedAt: Date): Refusal | null {
  if (!session.stoppedAt) return no('still-running', 'This run still goes on. Stop the workspace first, then correct when it ended.')
  if (stoppedAt < session.startedAt) return no('before-start', 'A run cannot end before it started.')
  return stoppedAt < session.stoppedAt ? null : no('not-shorter', 'A run can only be corrected to an earlier end: time that nobody saw is not billed.')
}

/** A billed part of the run, with what is left of it after earlier corrections. */
export interface SliceLeft { readonly id: number; readonly lineId: number; readonly seconds: number }
export interface SliceBack { readonly sliceId: number; readonly lineId: number; readonly seconds: number }
/** What goes back on one line of one invoice. */
export interface LineBack { readonly lineId: number; readonly seconds: number; readonly amountMinor: number }
export interface InvoiceBack { readonly invoice: Invoice; readonly lines: readonly LineBack[] }
export interface CorrectionPlan {
  readonly billableBefore: number
  readonly billableAfter: number
  readonly creditedSeconds: number
  readonly slices: readonly SliceBack[]
  /** Void invoices are not here: what stands on them was forgiven. */
  readonly invoices: readonly InvoiceBack[]
}

export async function planCorrection(session: UsageSession, stoppedAt: Date): Promise<CorrectionPlan> {
  const kept = billableSeconds({ startedAt: session.startedAt, stoppedAt, gaps: session.gaps }, stoppedAt)
  const slices = excess(await slicesLeft(session.id), kept)
  const byLine = new Map<number, number>()
  for (const { lineId, seconds } of slices) byLine.set(lineId, (byLine.get(lineId) ?? 0) + seconds)
  return {
    billableBefore: Number(session.durationBillableSeconds), billableAfter: kept, creditedSeconds: slices.reduce((sum, s) => sum + s.seconds, 0), slices, invoices: await invoicesBack(byLine),
  }
}

/** Pure. `slices`: in the order of time. The run's first `kept` seconds stay where they were billed; what lies after them goes back. */
export function excess(slices: readonly SliceLeft[], kept: number): SliceBack[] {
  let left = kept
  return slices.flatMap(({ id, lineId, seconds }) => {
    const stays = Math.min(left, seconds)
    left -= stays
    return seconds > stays ? [{ sliceId: id, lineId, seconds: seconds - stays }] : []
  })
}

async function slicesLeft(sessionId: number): Promise<SliceLeft[]> {
  const rows = (await tenantDb()('kasm_billed_slices as s').leftJoin('kasm_correction_parts as p', 'p.kasm_billed_slice_id', 's.id').where('s.kasm_usage_session_id', sessionId)
    .groupBy('s.id', 's.invoice_line_id', 's.billed_seconds', 's.period_start').orderBy('s.period_start')
    .select('s.id', 's.invoice_line_id', 's.billed_seconds', tenantDb().raw('coalesce(sum(p.seconds), 0) as back'))) as Array<{ id: number; invoice_line_id: number; billed_seconds: number; back: number | string }>
  return rows.map((row) => ({ id: row.id, lineId: row.invoice_line_id, seconds: Number(row.billed_seconds) - Number(row.back) }))
}

async function invoicesBack(byLine: ReadonlyMap<number, number>): Promise<InvoiceBack[]> {
  if (!byLine.size) return []
  const lines = await InvoiceLine.query().whereIn('id', [...byLine.keys()]).orderBy('id')
  const invoices = await Invoice.query().whereIn('id', [...new Set(lines.map((line) => line.invoiceId))]).whereNot('status', 'void').orderBy('id')
  const back: InvoiceBack[] = []
  for (const invoice of invoices) {
    const rests = new Map((await restsOf(invoice)).map(({ line, rest }) => [line.id, rest.totalMinor]))
    const parts = []
    for (const line of lines.filter((l) => l.invoiceId === invoice.id)) parts.push(await lineBack(line, invoice.currency, byLine.get(line.id)!, rests.get(line.id) ?? 0))
    back.push({ invoice, lines: parts })
  }
  return back
}

/** What the line cost, less what it costs without these seconds; so that several corrections of one line leave it at exactly what its seconds cost. */
async function lineBack(line: InvoiceLine, currency: string, seconds: number, rest: number): Promise<LineBack> {
  const earlier = (await tenantDb()('kasm_correction_parts').where({ invoice_line_id: line.id }).first(tenantDb().raw('coalesce(sum(seconds), 0) as seconds, coalesce(sum(amount_minor), 0) as minor'))) as { seconds: number | string; minor: number | string }
  const stays = costOfLine(line, currency, Number(line.quantitySeconds) - Number(earlier.seconds) - seconds)
  return { lineId: line.id, seconds, amountMinor: Math.max(0, Math.min(rest, line.totalMinor - Number(earlier.minor) - stays)) }
}

/** Pure. Discount and tax of the line in proportion. */
export function costOfLine(line: Pick<InvoiceLine, 'amountMinor' | 'rateMicros' | 'totalMinor'>, currency: string, seconds: number): number {
  if (line.amountMinor === 0) return line.totalMinor
  const amount = amountOf(hourly(Number(line.rateMicros), currency), seconds).minor
  return Number(divideRounded(BigInt(line.totalMinor) * BigInt(amount), BigInt(line.amountMinor)))
}
