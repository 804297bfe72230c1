/** Something in the books that does not hold. It stays until it is gone by itself, or until somebody explained it; nothing is repaired silently. */
import { Refusal } from '../../../shared/errors.js'
import { TenantModel } from '../../../shared/database/tenant-model.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { record } from '../../../shared/events/record.js'
import { clock } from '../../../shared/time/clock.js'

export class AuditFinding extends TenantModel {
  static override tableName = 'audit_findings'
  static override timestamps = [] as const
  static override moves = { open: ['explained', 'gone'], explained: ['open', 'gone'], gone: ['open'] } as const
  declare id: number
  declare publicId: string
  /** Name of the identity. */
  declare checkName: string
  declare subject: string
  declare message: string
  declare status: 'open' | 'explained' | 'gone'
  /** Why it is as it is, by whoever looked. */
  declare note: string | null
  declare explainedBy: string | null
  declare explainedAt: Date | null
  declare firstSeenAt: Date
  declare lastSeenAt: Date
}

/** Somebody looked and says why. It opens again by itself should the finding change. */
export async function explainFinding(given: AuditFinding, note: string, by: string, now = clock.now()): Promise<void> {
  await tenantTransaction(async () => {
    const finding = await AuditFinding.query().findById(given.id).forUpdate().throwIfNotFound()
    if (finding.status === 'gone') throw new Refusal('finding.gone', 'This finding is gone. Nothing is left to explain.')
    const said = { note: note.slice(0, 1000), explainedBy: by.slice(0, 120), explainedAt: now }
    if (finding.status === 'open') await finding.become('explained', said)
    else await AuditFinding.query().patch(said).where({ id: finding.id })
    await record('finding.explained', finding, { check: finding.checkName, subject: finding.subject, note })
  })
}

/** The explanation does not hold. */
export async function reopenFinding(given: AuditFinding): Promise<void> {
  await tenantTransaction(async () => {
    const finding = await AuditFinding.query().findById(given.id).forUpdate().throwIfNotFound()
    if (finding.status !== 'explained') return
    await finding.become('open', { explainedAt: null, explainedBy: null })
    await record('finding.reopened', finding, { check: finding.checkName, subject: finding.subject })
  })
}
