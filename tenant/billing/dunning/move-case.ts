/** An invoice was made anew: what is done about it goes on where it stood, with the steps done, a pause or an exemption. */
import { DunningCase } from './dunning-case.js'

/** In the transaction that replaces the invoice; both rows are locked. The voided one has no case afterwards, so its end lifts nothing. */
export async function moveCase(from: { readonly id: number }, to: { readonly id: number; readonly dueAt: Date | null }): Promise<void> {
  await DunningCase.query().patch({ invoiceId: to.id, ...(to.dueAt ? { dueAt: to.dueAt } : {}) }).where({ invoiceId: from.id })
}
