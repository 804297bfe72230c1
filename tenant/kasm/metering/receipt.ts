/** The receipt of one run: who started it, when the server said running, when it stopped and by what, what is charged for it and what is not, and where it stands on a bill. */
import { NotFound } from '../../../shared/errors.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import type { Money } from '../../../shared/money/money.js'
import type { Rate } from '../../../shared/money/rate.js'
import { clock } from '../../../shared/time/clock.js'
import type { Span } from '../../../shared/time/period.js'
import { CreditNote } from '../../billing/invoices/credit-notes/credit-note.js'
import { Service } from '../../services/service.js'
import { Workspace, type EndReason, type Starter } from '../workspace.js'
import { Correction } from './correction.js'
import { INCREMENT_SECONDS } from './meter.js'
import { usageEvents, type KeptUsageEvent } from './usage-event.js'
import { UsageSession } from './usage-session.js'

export interface Receipt {
  readonly sessionId: number
  readonly workspaceId: number
  readonly serviceId: number
  readonly workspaceName: string
  readonly startedBy: Starter
  /** When the server said that it runs. */
  readonly startedAt: Date
  readonly stoppedAt: Date | null
  readonly endReason: EndReason | null
  readonly rate: Rate
  /** Whole seconds from start to stop, or to now. */
  readonly seconds: number
  /** Quarter hours that are charged. */
  readonly increments: number
  readonly billedSeconds: number
  /** Quarter hours that were begun and are not charged, because nobody saw the desktop in them; in seconds. */
  readonly unchargedSeconds: number
  readonly cost: Money
  /** Since when the desktop could not be seen, where that is longer than three minutes. */
  readonly unseenSince: Date | null
  readonly gaps: ReadonlyArray<{ readonly from: Date; readonly to: Date; readonly seenAgain: boolean }>
  readonly events: readonly KeptUsageEvent[]
  readonly billedOn: ReadonlyArray<{ readonly invoiceHref: string; readonly number: string; readonly description: string; readonly period: Span; readonly seconds: number }>
  /** Of `billedSeconds`, what stands on no invoice yet. */
  readonly unbilledSeconds: number
  readonly corrections: ReadonlyArray<{ readonly at: Date; readonly reason: string; readonly stoppedBefore: Date; readonly stoppedAfter: Date; readonly creditedSeconds: number; readonly notes: ReadonlyArray<{ readonly number: string; readonly href: string }> }>
}

/** Throws NotFound, also for a run of somebody else. */
export async function receiptOf(sessionId: number, userId: number, now = clock.now()): Promise<Receipt> {
  const session = await UsageSession.findOwned({ id: sessionId })
  const workspace = await Workspace.query().findOne({ id: session.kasmWorkspaceId, userId })
  if (!workspace) throw new NotFound('kasm usage session')
  return receipt(session, workspace, now)
}

/** The same for staff. */
export async function receiptForStaff(sessionId: number, now = clock.now()): Promise<Receipt> {
  const session = await UsageSession.findOwned({ id: sessionId })
  return receipt(session, await Workspace.findOwned({ id: session.kasmWorkspaceId }), now)
}

async function receipt(session: UsageSession, workspace: Workspace, now: Date): Promise<Receipt> {
  const service = await Service.findOwned({ id: workspace.serviceId })
  const billedSeconds = session.billableSeconds(now)
  return {
    sessionId: session.id, workspaceId: workspace.id, serviceId: service.id, workspaceName: service.name, startedBy: session.startedBy, startedAt: session.startedAt, stoppedAt: session.stoppedAt,
    endReason: session.endReason, rate: session.rate, seconds: session.elapsedSeconds(now), increments: billedSeconds / INCREMENT_SECONDS, billedSeconds, unchargedSeconds: session.unchargedSeconds(now),
    cost: session.cost(now), unseenSince: session.unseenSince(now), gaps: gapsShown(session, now), events: await usageEvents({ sessionId: session.id }), billedOn: await billsOf(session.id),
    unbilledSeconds: Math.max(0, billedSeconds - Number(session.billedSeconds)), corrections: await correctionsOf(session.id),
  }
}

/** Cut off where a correction has ended the run since. */
function gapsShown(session: UsageSession, now: Date): Receipt['gaps'] {
  const end = session.stoppedAt ?? now
  return session.gaps.filter((gap) => gap.start < end).map((gap) => ({ from: gap.start, to: gap.end < end ? gap.end : end, seenAgain: gap.seenAgain && gap.end <= end }))
}

interface BillRow { public_id: string; number: string | null; description: string; period_start: Date; period_end: Date; seconds: number | string }

/** Bills that the run stands on, less what credit notes took back; void ones left out. */
async function billsOf(sessionId: number): Promise<Receipt['billedOn']> {
  const rows = (await tenantDb()('kasm_billed_slices as s').join('invoices as i', 'i.id', 's.invoice_id').join('invoice_lines as l', 'l.id', 's.invoice_line_id').where('s.kasm_usage_session_id', sessionId).whereNot('i.status', 'void')
    .orderBy('s.period_start').select('i.public_id', 'i.number', 'l.description', 's.period_start', 's.period_end', 's.billed_seconds as seconds')) as BillRow[]
  return rows.map((row) => ({ invoiceHref: `/invoices/${row.public_id}`, number: row.number ?? 'Draft', description: row.description, period: { start: row.period_start, end: row.period_end }, seconds: Number(row.seconds) }))
}

async function correctionsOf(sessionId: number): Promise<Receipt['corrections']> {
  const corrections = await Correction.query().where('kasmUsageSessionId', sessionId).orderBy('position')
  const shown = []
  for (const c of corrections) {
    const notes = await CreditNote.query().where('businessKey', 'like', `usage-correction:${c.id}:%`).orderBy('id')
    shown.push({
      at: c.createdAt, reason: c.reason, stoppedBefore: c.stoppedBefore, stoppedAfter: c.stoppedAfter, creditedSeconds: Number(c.creditedSeconds),
      notes: notes.map((note) => ({ number: note.label, href: `/credit-notes/${note.publicId}` })),
    })
  }
  return shown
}
