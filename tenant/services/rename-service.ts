import { record } from '../../shared/events/record.js'
import { tenantTransaction } from '../../shared/database/transaction.js'
import type { Service } from './service.js'

/** The customer's own name for it; invoices already issued keep the old one. */
export async function renameService(service: Service, name: string): Promise<void> {
  if (name === service.name) return
  await tenantTransaction(async () => {
    const before = service.name
    await service.$query().patch({ name })
    await record('service.renamed', service, { before, after: name }, { userId: service.userId })
  })
}
