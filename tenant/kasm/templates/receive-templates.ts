/** What central has curated becomes rows of this shop. Only central's columns are written: names, order and choices of the shop stay as they are. */
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { record } from '../../../shared/events/record.js'
import { Template, type TemplateImage } from './template.js'

/** A curated template as central hands it over. */
export interface OfferedTemplate {
  readonly key: string
  readonly name: string
  readonly description: string
  readonly workspaceType: 'developer' | 'business'
  readonly vcpu: number
  readonly ramMb: number
  readonly preinstalledApps: readonly string[]
  readonly icon: string
  readonly sortOrder: number
  readonly status: 'active' | 'deprecated'
  /** The image where no connection is named. */
  readonly imageId: string
  readonly images: readonly TemplateImage[]
}
export interface Received { added: number; changed: number; withdrawn: number }

/** The whole catalogue each time; what it does not name any more is deprecated, never deleted. Repeatable. Rows that central does not know stay alone. */
export async function receiveTemplates(catalogue: readonly OfferedTemplate[]): Promise<Received> {
  return tenantTransaction(async () => {
    const rows = await Template.query().orderBy('id').forUpdate()
    const received: Received = { added: 0, changed: 0, withdrawn: 0 }
    for (const offered of catalogue) {
      const row = rows.find((r) => r.centralKey === offered.key) ?? rows.find((r) => r.centralKey === null && r.kasmTemplateId === offered.imageId)
      if (!row) await Template.query().insert(columnsOf(offered))
      else if (!isSame(row, offered)) await row.$query().patch(columnsOf(offered))
      else continue
      received[row ? 'changed' : 'added']++
    }
    const named = new Set(catalogue.map((o) => o.key))
    for (const row of rows.filter((r) => r.centralKey !== null && !named.has(r.centralKey) && r.status === 'active')) {
      await row.$query().patch({ status: 'deprecated' })
      received.withdrawn++
    }
    if (received.added + received.changed + received.withdrawn > 0) await record('templates.received', null, { ...received })
    return received
  })
}

const columnsOf = (offered: OfferedTemplate) => ({
  centralKey: offered.key, name: offered.name, description: offered.description, workspaceType: offered.workspaceType, kasmTemplateId: offered.imageId, images: [...offered.images],
  icon: offered.icon, vcpuDefault: offered.vcpu, ramMbDefault: offered.ramMb, preinstalledApps: [...offered.preinstalledApps], status: offered.status, sortOrder: offered.sortOrder,
})

function isSame(row: Template, offered: OfferedTemplate): boolean {
  const { centralKey, name, description, workspaceType, kasmTemplateId, images, icon, vcpuDefault, ramMbDefault, preinstalledApps, status, sortOrder } = row
  const imageWords = (list: readonly TemplateImage[] | null) => (list ?? []).map((i) => [i.connectionId, i.imageId, i.offered])
  const now = [centralKey, name, description, workspaceType, kasmTemplateId, imageWords(images), icon, vcpuDefault, ramMbDefault, preinstalledApps, status, sortOrder]
  const wanted = columnsOf(offered)
  const then = [wanted.centralKey, wanted.name, wanted.description, wanted.workspaceType, wanted.kasmTemplateId, imageWords(wanted.images), wanted.icon, wanted.vcpuDefault, wanted.ramMbDefault, wanted.preinstalledApps, wanted.status, wanted.sortOrder]
  return JSON.stringify(now) === JSON.stringify(then)
}
