/** Keeps what an audit found: one row a check and subject. New and changed ones are told to people; those that are not found any more are gone. */
import { alert } from '../../../shared/alerts/alert.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { newPublicId } from '../../../shared/security/token.js'
import type { Finding } from '../audit-check.js'
import { AuditFinding } from './audit-finding.js'

/** `scope`: which checks were run; only their findings can be gone. Returns how many are new, opened again or changed. */
export async function storeFindings(found: readonly Finding[], scope: (check: string) => boolean, now: Date): Promise<number> {
  const fresh = await tenantTransaction(async () => {
    const known = new Map((await AuditFinding.query().forUpdate()).map((f) => [keyOf(f.checkName, f.subject), f]))
    const news: Finding[] = []
    for (const finding of found) if (await keep(finding, known.get(keyOf(finding.check, finding.subject)), now)) news.push(finding)
    const seen = new Set(found.map((f) => keyOf(f.check, f.subject)))
    for (const [key, row] of known) if (scope(row.checkName) && row.status !== 'gone' && !seen.has(key)) await row.become('gone')
    return news
  })
  if (fresh.length) {
    const [first] = fresh
    await alert({
      level: 'error', title: fresh.length === 1 ? 'The books do not agree' : `The books do not agree in ${fresh.length} places`, message: `${first!.subject}: ${first!.message} Nothing was changed. Look at the findings and explain or correct them.`,
      fields: { check: first!.check, findings: fresh.length },
    })
  }
  return fresh.length
}

const keyOf = (check: string, subject: string): string => `${check.slice(0, 64)}\n${subject.slice(0, 160)}`.toLowerCase()

/** True: people should know. An explained finding that says the same as before stays explained. */
async function keep(finding: Finding, row: AuditFinding | undefined, now: Date): Promise<boolean> {
  const message = finding.message.slice(0, 500)
  if (!row) {
    await AuditFinding.query().insert({ publicId: newPublicId(), checkName: finding.check.slice(0, 64), subject: finding.subject.slice(0, 160), message, status: 'open', firstSeenAt: now, lastSeenAt: now })
    return true
  }
  const changed = row.status === 'gone' || row.message !== message
  if (changed && row.status !== 'open') await row.become('open', { note: null, explainedAt: null, explainedBy: null })
  await AuditFinding.query().patch({ message, lastSeenAt: now }).where({ id: row.id })
  return changed
}
