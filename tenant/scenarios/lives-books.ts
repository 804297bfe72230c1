/** What the tables say in the end of runs, lines and what was given back. */
import { tenantDb } from '../../shared/database/tenant-database.js'

/** A line of a bill; `back`: what corrections took of it, `noted`: what credit notes gave back for it. */
type Figure = 'id' | 'serviceId' | 'seconds' | 'rate' | 'amount' | 'total' | 'backSeconds' | 'backMinor' | 'notedMinor'
export type LineRow = Record<Figure, number> & { readonly key: string }
export interface Slice { readonly start: number; readonly end: number; readonly seconds: number }

/** By run, in order of time; less what corrections took back. */
export async function slicesByRun(): Promise<Map<number, Slice[]>> {
  const back = tenantDb().raw('s.billed_seconds - (select coalesce(sum(p.seconds), 0) from kasm_correction_parts p where p.kasm_billed_slice_id = s.id) as seconds')
  const columns = ['s.kasm_usage_session_id as run', 's.period_start as start', 's.period_end as end']
  const rows = (await tenantDb()('kasm_billed_slices as s').orderBy('s.period_start').select([...columns, back])) as Array<{ run: number; start: Date; end: Date; seconds: number | string }>
  const found = new Map<number, Slice[]>()
  for (const { run, start, end, seconds } of rows) found.set(run, [...(found.get(run) ?? []), { start: start.getTime(), end: end.getTime(), seconds: Number(seconds) }])
  return found
}

export async function lines(): Promise<LineRow[]> {
  const [rows] = (await tenantDb().raw(`select l.id, l.service_id as serviceId, l.quantity_seconds as seconds, l.rate_micros as rate, l.amount_minor as amount, l.net_minor + l.tax_minor as total,
    i.business_key as \`key\`,
    (select coalesce(sum(p.seconds), 0) from kasm_correction_parts p where p.invoice_line_id = l.id) as backSeconds,
    (select coalesce(sum(p.amount_minor), 0) from kasm_correction_parts p where p.invoice_line_id = l.id) as backMinor,
    (select coalesce(sum(n.total_minor), 0) from credit_note_lines n where n.invoice_line_id = l.id) as notedMinor
    from invoice_lines l join invoices i on i.id = l.invoice_id where l.kind = 'usage' and l.released_at is null`)) as [LineRow[]]
  return rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, name === 'key' ? value : Number(value)])) as unknown as LineRow)
}

/** What the meter holds of a workspace, but for ids and the times of writing. */
export async function rowsOf(workspaceId: number): Promise<unknown> {
  const tells = (name: string): boolean => name === 'kasm_session_id' || !/(^|_)id$|^(created|updated)_at$/.test(name)
  const strip = (rows: Array<Record<string, unknown>>) => rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => tells(name))))
  const ids = tenantDb()('kasm_usage_sessions').where('kasm_workspace_id', workspaceId).select('id')
  return [
    strip(await tenantDb()('kasm_usage_sessions').where('kasm_workspace_id', workspaceId)),
    strip(await tenantDb()('kasm_usage_gaps').whereIn('kasm_usage_session_id', ids).orderBy('started_at')),
    strip(await tenantDb()('kasm_usage_events').where('kasm_workspace_id', workspaceId).orderBy(['occurred_at', 'kind', 'id'])),
  ]
}
