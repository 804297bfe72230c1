/** A person gives up on a workspace that could not be set up: it ends, and whatever was paid for it goes back as credit. */
import { Refusal, refuse } from '../../../shared/errors.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { record } from '../../../shared/events/record.js'
import { Money } from '../../../shared/money/money.js'
import { clock } from '../../../shared/time/clock.js'
import { createCreditNote } from '../../billing/invoices/credit-notes/create-credit-note.js'
import { Invoice } from '../../billing/invoices/invoice.js'
import { restsOf } from '../../billing/invoices/credit-notes/quote-credit-note.js'
import type { Service } from '../../services/service.js'
import { terminateService } from '../../services/terminate-service.js'
import { KASM } from '../driver.js'
import { Workspace } from '../workspace.js'

/** Pure. Only what has never run: everything else is stopped or removed like any workspace. */
export function refusalToGiveUp(service: Service): Refusal | null {
  if (service.serviceType === KASM && (service.status === 'failed' || (service.status === 'provisioning' && service.provisionAttempts > 0))) return null
  return new Refusal('service.not-failed', 'This workspace is not waiting for a person: it has been set up, or has ended.')
}

interface Owed { readonly invoice: Invoice; readonly lines: Array<{ lineId: number; amountMinor: number }> }

/** What of each invoice was billed for this service and not taken back yet, tax included. */
async function owedFor(service: Service): Promise<Owed[]> {
  const found: Owed[] = []
  for (const invoice of await Invoice.query().where({ userId: service.userId }).whereIn('status', ['open', 'paid']).orderBy('id')) {
    const lines = (await restsOf(invoice)).filter(({ line, rest }) => line.serviceId === service.id && rest.totalMinor !== 0).map(({ line, rest }) => ({ lineId: line.id, amountMinor: rest.totalMinor }))
    if (lines.length) found.push({ invoice, lines })
  }
  return found
}

/** What the customer would get back or no longer owe. Nothing for workspaces by the hour: they cost nothing until they run. */
export async function worthOfGivingUp(service: Service): Promise<Money> {
  return Money.of((await owedFor(service)).flatMap((o) => o.lines).reduce((sum, l) => sum + l.amountMinor, 0), service.currency)
}

/** Repeatable: a service that has ended is refused, and each invoice gets one credit note. */
export async function giveUpProvisioning(service: Service, reason: string, now = clock.now()): Promise<void> {
  refuse(refusalToGiveUp(service))
  await tenantTransaction(async (trx) => {
    const current = await trx('services').where({ id: service.id }).forUpdate().first<{ status: string }>('status')
    if (current.status !== service.status) throw new Refusal('services.moved', 'This workspace has changed in the meantime. Please look at it again.')
    for (const { invoice, lines } of await owedFor(service)) {
      await createCreditNote({ invoice, lines, reason: 'The workspace could not be set up', to: invoice.status === 'paid' ? 'balance' : 'invoice', key: `given-up:${service.id}:${invoice.id}` }, now)
    }
    await terminateService(service, 'staff', now)
    const workspace = await Workspace.findOwned<Workspace>({ serviceId: service.id })
    await record('service.provisioning-given-up', workspace, { service: service.publicId, reason }, { userId: service.userId })
  })
}
