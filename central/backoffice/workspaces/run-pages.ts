/** One run at the desk: its receipt, and what a correction would change. Runs inside the tenant. */
import { DateTime } from 'luxon'
import { FormErrors, NotFound } from '../../../shared/errors.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { formatDuration } from '../../../shared/views/format.js'
import { previewCorrection } from '../../../tenant/kasm/metering/correct-run.js'
import { receiptForStaff, type Receipt } from '../../../tenant/kasm/metering/receipt.js'
import { UsageSession } from '../../../tenant/kasm/metering/usage-session.js'
import { momentOf, reasonWords } from './event-words.js'
import type { AtDesk } from './workspace-of.js'

const typed = (at: Date): string => DateTime.fromJSDate(at, { zone: currentTenant().timeZone }).toFormat("yyyy-MM-dd'T'HH:mm:ss")

/** Day and time as the shop's people typed them. Throws FormErrors (`stoppedAt`) for a moment that was not. */
export function instantOf(text: string, input: Record<string, string>): Date {
  const at = DateTime.fromISO(text, { zone: currentTenant().timeZone })
  if (!at.isValid) throw new FormErrors({ stoppedAt: 'Enter a day and time that there was.' }, input)
  return at.toJSDate()
}

/** The run in the address, of this workspace only. */
export async function runOf({ workspace }: AtDesk, runId: string): Promise<UsageSession> {
  if (!/^[1-9]\d{0,17}$/.test(runId)) throw new NotFound('run')
  return UsageSession.findOwned<UsageSession>({ id: Number(runId), kasmWorkspaceId: workspace.id })
}

export async function runPage(at: AtDesk, run: UsageSession, base: string, now: Date): Promise<{ name: string; readonly [more: string]: unknown }> {
  const receipt = await receiptForStaff(run.id, now)
  const href = `${base}/workspaces/${at.service.publicId}`
  return {
    name: at.service.name, home: `${base}/workspaces`, href, action: `${href}/runs/${run.id}`, facts: factsOf(receipt), cost: receipt.cost, rate: receipt.rate, running: run.stoppedAt === null, timeZone: currentTenant().timeZone,
    gaps: receipt.gaps, bills: receipt.billedOn.map((b) => ({ ...b, href: `${base}${b.invoiceHref}`, billed: formatDuration(b.seconds) })), unbilled: receipt.unbilledSeconds ? formatDuration(receipt.unbilledSeconds) : null,
    corrections: receipt.corrections.map((c) => ({ ...c, credited: formatDuration(c.creditedSeconds), notes: c.notes.map((n) => ({ ...n, href: `${base}${n.href}` })) })), events: [...receipt.events].reverse().map(momentOf),
    stoppedAt: run.stoppedAt ? typed(run.stoppedAt) : '', startedAt: typed(run.startedAt),
  }
}

const factsOf = (r: Receipt): object[] => [
  { label: 'Started', at: r.startedAt }, { label: 'Started by', value: reasonWords[r.startedBy] ?? r.startedBy }, ...(r.stoppedAt ? [{ label: 'Ended', at: r.stoppedAt }] : []),
  { label: 'Ended by', value: r.endReason ? reasonWords[r.endReason] ?? r.endReason : 'still runs' }, { label: 'Ran', value: formatDuration(r.seconds) }, { label: 'Quarter hours charged', value: `${r.increments} (${formatDuration(r.billedSeconds)})` },
  ...(r.unchargedSeconds ? [{ label: 'Not charged', value: `${formatDuration(r.unchargedSeconds)}: nobody saw the desktop` }] : []),
]

export async function correctionPage(at: AtDesk, run: UsageSession, stoppedAt: Date, base: string): Promise<object> {
  const preview = await previewCorrection(run.id, stoppedAt)
  const shown = (f: typeof preview.before) => ({ ...f, billed: formatDuration(f.billedSeconds) })
  const href = `${base}/workspaces/${at.service.publicId}`
  return { name: at.service.name, home: `${base}/workspaces`, href, action: `${href}/runs/${run.id}`, before: shown(preview.before), after: shown(preview.after), credit: preview.credit, notes: preview.notes, timeZone: currentTenant().timeZone }
}
