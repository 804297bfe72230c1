/** The invoice is paid, or nobody wants it any more: the case closes and what it suspended comes back. */
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { record } from '../../../shared/events/record.js'
import { clock } from '../../../shared/time/clock.js'
import { Invoice } from '../invoices/invoice.js'
import { DunningCase, DunningStep, type CaseStatus } from './dunning-case.js'
import { enqueueAdvance } from './run-dunning.js'

/** Services that steps of this case suspended or ended. */
export async function touchedBy(caseId: number): Promise<number[]> {
  const steps = await DunningStep.query().where({ caseId }).whereIn('kind', ['suspend', 'terminate'])
  return [...new Set(steps.flatMap((s) => [...(s.detail.serviceIds ?? [])]))].sort((a, b) => a - b)
}

/** `repaired`: paid. `ended`: void, credited, written off. Without a case, or closed before: nothing. Records `dunning.repaired`. */
export async function closeCase(invoiceId: number, to: Extract<CaseStatus, 'repaired' | 'ended' | 'exempt'>, reason: string | null = null, now = clock.now()): Promise<void> {
  await tenantTransaction(async () => {
    const invoice = await Invoice.query().findById(invoiceId).forUpdate().throwIfNotFound()
    const dunning = await DunningCase.query().findOne({ invoiceId }).forUpdate()
    if (!dunning || dunning.status === to || dunning.status === 'ended') return
    const wasOver = dunning.isOver
    await dunning.become(to, { closedAt: now, nextAt: null, pausedUntil: null, ...(reason === null ? {} : { reason }) })
    if (!wasOver) await record('dunning.repaired', invoice, { caseId: dunning.id, serviceIds: await touchedBy(dunning.id), step: null }, { userId: dunning.userId })
  })
}

/** A payment was taken back: the invoice is owed again, and the case goes on where it stopped. */
export async function reopenCase(invoiceId: number, now = clock.now()): Promise<void> {
  await tenantTransaction(async () => {
    const invoice = await Invoice.query().findById(invoiceId).forUpdate().throwIfNotFound()
    const dunning = await DunningCase.query().findOne({ invoiceId }).forUpdate()
    if (invoice.status !== 'open' || dunning?.status !== 'repaired') return
    await dunning.become('open', { closedAt: null, nextAt: now })
    await enqueueAdvance(dunning.id)
  })
}

/** What dunning wants of a service now, from the rows: events may come late or out of order. */
export async function dunningWants(serviceId: number): Promise<'nothing' | 'suspend' | 'terminate'> {
  const service = await tenantDb()('services').where({ id: serviceId }).first<{ user_id: number } | undefined>('user_id')
  if (!service) return 'nothing'
  const steps = await DunningStep.query().join('dunning_cases as c', 'c.id', 'dunning_steps.case_id').where('c.user_id', service.user_id).whereIn('c.status', ['open', 'paused'])
    .whereIn('dunning_steps.kind', ['suspend', 'terminate']).where('dunning_steps.outcome', 'done').select('dunning_steps.*')
  const kinds = new Set(steps.filter((s) => s.detail.serviceIds?.includes(serviceId)).map((s) => s.kind))
  return kinds.has('terminate') ? 'terminate' : kinds.has('suspend') ? 'suspend' : 'nothing'
}
