/** What a shop decides about a template: offered or not, its own words, its own order. Central never writes these columns. */
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { Refusal } from '../../../shared/errors.js'
import { record } from '../../../shared/events/record.js'
import { Template } from './template.js'

/** Null: central's own. */
export interface OwnWords { readonly name: string | null; readonly description: string | null; readonly icon: string | null }

/** Words that equal central's are not kept as the shop's own, so that they follow central's later. */
export async function labelTemplate(template: Template, words: OwnWords): Promise<void> {
  const own = (typed: string | null, central: string | null): string | null => (typed === null || typed === central ? null : typed)
  await tenantTransaction(async () => {
    await template.$query().patch({ ownName: own(words.name, template.name), ownDescription: own(words.description, template.description), ownIcon: own(words.icon, template.icon) })
    await record('template.labelled', template, { name: words.name })
  })
}

/** Throws Refusal for switching on a deprecated one: that would change nothing. */
export async function enableTemplate(template: Template, enabled: boolean): Promise<void> {
  if (enabled && template.status === 'deprecated') throw new Refusal('template.deprecated', 'This template is not offered any more by the platform. Workspaces that have it go on.')
  await tenantTransaction(async () => {
    await template.$query().patch({ enabled })
    await record(enabled ? 'template.enabled' : 'template.disabled', template, { name: template.label })
  })
}

/** One place up or down among those that can be offered. From the first move on the shop's order is its own; new templates come in at central's place. */
export async function moveTemplate(template: Template, way: 'up' | 'down'): Promise<void> {
  await tenantTransaction(async () => {
    await Template.query().orderBy('id').forUpdate()
    const rows = await Template.inOrder()
    const from = rows.findIndex((row) => row.id === template.id)
    const step = way === 'up' ? -1 : 1
    let to = from + step
    while (rows[to]?.status === 'deprecated') to += step
    if (rows[to]) [rows[from], rows[to]] = [rows[to]!, rows[from]!]
    for (const [n, row] of rows.entries()) if (row.ownSortOrder !== n * 10) await row.$query().patch({ ownSortOrder: n * 10 })
    await record('template.moved', template, { way })
  })
}

/** Central's order again. */
export async function restoreOrder(): Promise<void> {
  await tenantTransaction(async () => {
    await Template.query().patch({ ownSortOrder: null }).whereNotNull('ownSortOrder')
    await record('templates.order-restored', null)
  })
}
