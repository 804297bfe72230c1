/** Sets right what a server shows against our row. The customer paid for none of it: only a run on the meter costs money. */
import { record } from '../../shared/events/record.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import { noteUse } from './metering/usage-event.js'
import { endSession } from './own-sessions.js'
import { kasmOf } from './provider/connection.js'
import { kasmCodes, type KasmApi, type KasmSession } from './provider/kasm-api.js'
import { hasCode } from './provider/outside-words.js'
import { contradiction, DELETING_TOLD_MS, type Finding } from './reconcile-rules.js'
import { Workspace } from './workspace.js'

/** Looks again, at the server and then at the row, and acts only if both still say the same. Throws OutsideError; the next minute tries again. */
export async function endContradiction(row: Workspace, now: Date): Promise<void> {
  const api = await kasmOf(row)
  const sessions = await api.sessions()
  const current = await Workspace.query().findById(row.id)
  if (!current || current.status !== row.status) return
  const finding = contradiction({ status: current.status, kasmUserId: row.kasmUserId, kasmWorkspaceId: current.kasmWorkspaceId }, sessions)
  if (!finding) return
  const kept = await endThem(api, current, finding)
  if (current.status === 'terminated') await api.deleteUser(row.kasmUserId!)
  await settle(current, finding, kept, now)
}

/**
 * Each is ended; the one that the row knows is stopped where the server can, so that its disk is there at the next start. Answers whether that one
 * stays.
 */
async function endThem(api: KasmApi, row: Workspace, finding: Finding): Promise<boolean> {
  let kept = row.kasmWorkspaceId !== null && finding.what !== 'lost'
  for (const session of finding.sessions) {
    const own = session.kasmId === row.kasmWorkspaceId && row.status !== 'archived'
    const stopped = own && session.status === 'running' && (await api.stop(session).then(() => true, (error: unknown) => stopFailed(error)))
    if (!stopped) await endSession(api, session)
    if (own) kept = stopped
  }
  return kept && row.status !== 'archived'
}

function stopFailed(error: unknown): false {
  if (!hasCode(error, kasmCodes.notSupported, kasmCodes.wrongState, kasmCodes.notFound)) throw error
  return false
}

async function settle(row: Workspace, finding: Finding, kept: boolean, now: Date): Promise<void> {
  await tenantTransaction(async () => {
    const patch = { suspectedAt: null, ...(kept ? {} : { kasmWorkspaceId: null }) }
    const still = await Workspace.query().patch(patch).where({ id: row.id, status: row.status })
    if (!still) return
    if (row.status === 'paused' && finding.what !== 'extra') await endPause(row, finding)
    const facts = { what: finding.what, status: row.status, sessions: finding.sessions.map((s: KasmSession) => s.kasmId) }
    await noteUse({ workspaceId: row.id, sessionId: null, kind: 'repaired', source: 'repair', at: now, detail: facts })
    await record('workspace.repaired', row, facts, { userId: row.userId })
  })
}

async function endPause(row: Workspace, { what }: Finding): Promise<void> {
  const statusMessage = what === 'lost' ? 'The paused desktop was ended by its server. Your files are kept.'
    : 'The paused desktop was woken outside of this page and has been stopped. Your files are kept.'
  await row.become('stopped', { statusMessage })
  await record('workspace.stopped', row, { by: 'provider' }, { userId: row.userId })
}

/** A desktop that ends is waited for, and is nobody's cost; staff hears once when it takes more than an hour. */
export async function noteDeleting(row: Workspace, deleting: boolean, now: Date): Promise<void> {
  if (!deleting) {
    if (row.deletingSince) await Workspace.query().patch({ deletingSince: null, deletingToldAt: null }).where({ id: row.id })
  } else if (!row.deletingSince) await Workspace.query().patch({ deletingSince: now }).where({ id: row.id }).whereNull('deleting_since')
  else if (!row.deletingToldAt && now.getTime() - row.deletingSince.getTime() >= DELETING_TOLD_MS) {
    await tenantTransaction(async () => {
      const first = await Workspace.query().patch({ deletingToldAt: now }).where({ id: row.id }).whereNull('deleting_told_at')
      const reason = 'The server has been deleting an ended desktop for more than an hour. It is not charged; end it at the server if it stays.'
      const facts = { status: 'deleting', code: 'deleting-hangs', reason, attempts: null }
      if (first) await record('workspace.stuck', row, facts, { userId: row.userId })
    })
  }
}

