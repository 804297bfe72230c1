/**
 * What runs brought in, day by day, so that the days add up to the bills to the cent. What stands on an invoice is that line's amount, less what credit notes of
 * corrections took back, shared over its days; what is not billed yet is rounded as the next bill will round it. Before discounts and tax; forgiven use is nothing.
 */
import { tenantDb } from '../../../../shared/database/tenant-database.js'
import { Money } from '../../../../shared/money/money.js'
import { amountOf } from '../../../../shared/money/rate.js'
import { allocate } from '../../../../shared/money/split.js'
import { groupsOf } from './group.js'
import type { Piece } from './pieces.js'

interface Slice { id: number; sessionId: number; lineId: number; seconds: number }
interface Line { amountMinor: number; currency: string; slices: Slice[] }

/** In the order of `pieces`, in minor units of each run's currency. */
export async function revenueOf(pieces: readonly Piece[]): Promise<number[]> {
  const earned = pieces.map(() => 0)
  const left = pieces.map((p) => p.billedSeconds)
  const ofSession = groupsOf(pieces.map((p, i) => ({ i, id: p.session.id })), (x) => String(x.id))
  const lines = await linesOf([...ofSession.keys()].map(Number))
  const shares = new Map([...lines.keys()].map((id): [number, Array<{ i: number | null; seconds: number }>] => [id, []]))
  for (const slice of [...lines.values()].flatMap((l) => l.slices).sort((a, b) => a.id - b.id)) {
    let seconds = slice.seconds
    for (const { i } of ofSession.get(String(slice.sessionId)) ?? []) {
      const taken = Math.min(seconds, left[i]!)
      if (taken === 0) continue
      left[i]! -= taken
      seconds -= taken
      shares.get(slice.lineId)!.push({ i, seconds: taken })
    }
    if (seconds > 0) shares.get(slice.lineId)!.push({ i: null, seconds })
  }
  for (const [id, { amountMinor, currency }] of lines) share(Money.of(amountMinor, currency), shares.get(id)!, earned)
  for (const group of groupsOf(pieces.map((p, i) => ({ i, seconds: left[i]!, p })).filter((x) => x.seconds > 0), ({ p }) => `${p.serviceId}:${p.session.costPerHourMicros}:${p.session.currency}:${p.month}`).values()) {
    share(amountOf(group[0]!.p.session.rate, group.reduce((sum, g) => sum + g.seconds, 0)), group, earned)
  }
  return earned
}

/** `i` null: the share of runs that nobody asked about. */
function share(amount: Money, parts: ReadonlyArray<{ i: number | null; seconds: number }>, earned: number[]): void {
  if (!parts.length) return
  allocate(amount, parts.map((p) => p.seconds)).forEach((money, n) => {
    const { i } = parts[n]!
    if (i !== null) earned[i]! += money.minor
  })
}

interface SliceRow { id: number; session_id: number; invoice_line_id: number; seconds: number | string; amount_minor: number | string; currency: string; status: string }

/** The lines on which these runs stand, each with all its slices as they count now. */
async function linesOf(sessionIds: readonly number[]): Promise<Map<number, Line>> {
  const lines = new Map<number, Line>()
  if (!sessionIds.length) return lines
  const ids = [...new Set(await tenantDb()('kasm_billed_slices').whereIn('kasm_usage_session_id', [...sessionIds]).pluck('invoice_line_id') as number[])]
  const rows = (await tenantDb()('kasm_billed_slices as b').join('invoice_lines as l', 'l.id', 'b.invoice_line_id').join('invoices as i', 'i.id', 'l.invoice_id').whereIn('b.invoice_line_id', ids).orderBy('b.id')
    .select('b.id', 'b.kasm_usage_session_id as session_id', 'b.invoice_line_id', 'b.billed_seconds as seconds', 'l.amount_minor', 'i.currency', 'i.status')) as SliceRow[]
  const credited = await creditedOf(ids)
  for (const row of rows) {
    const line = lines.get(row.invoice_line_id) ?? { amountMinor: row.status === 'void' ? 0 : Number(row.amount_minor) - (credited.byLine.get(row.invoice_line_id) ?? 0), currency: row.currency, slices: [] }
    line.slices.push({ id: row.id, sessionId: row.session_id, lineId: row.invoice_line_id, seconds: Number(row.seconds) - (credited.bySlice.get(row.id) ?? 0) })
    lines.set(row.invoice_line_id, line)
  }
  return lines
}

/** What corrections of runs took back: seconds by slice, and money by line before tax. */
async function creditedOf(lineIds: readonly number[]): Promise<{ byLine: Map<number, number>; bySlice: Map<number, number> }> {
  const parts = (await tenantDb()('kasm_correction_parts').whereIn('invoice_line_id', [...lineIds]).groupBy('kasm_billed_slice_id').select('kasm_billed_slice_id as id').sum({ n: 'seconds' })) as Sum[]
  const notes = (await tenantDb()('credit_note_lines as l').join('credit_notes as c', 'c.id', 'l.credit_note_id').whereIn('l.invoice_line_id', [...lineIds]).where('c.business_key', 'like', 'usage-correction:%')
    .groupBy('l.invoice_line_id').select('l.invoice_line_id as id').sum({ n: 'l.net_minor' })) as Sum[]
  const byId = (rows: readonly Sum[]) => new Map(rows.map((row) => [row.id, Number(row.n)]))
  return { bySlice: byId(parts), byLine: byId(notes) }
}
interface Sum { id: number; n: number | string }
