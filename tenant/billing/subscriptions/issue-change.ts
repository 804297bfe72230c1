/** The invoices of a change: for real, and as a rehearsal that leaves nothing behind, so that a preview cannot differ from what is charged. */
import type { Knex } from 'knex'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { draftInvoice } from '../invoices/draft-invoice.js'
import type { Invoice } from '../invoices/invoice.js'
import { issueInvoice } from '../invoices/issue-invoice.js'
import { billedCustomer } from '../invoices/parties.js'
import { outcomeOf, type Outcome, type Proposal } from './propose-change.js'
import { rebillOpen } from './rebill-open.js'
import type { Subscription } from './subscription.js'

/** Inside the caller's transaction, which holds the customer's row. Open invoices first, then the change's own. Throws Refusal while one of them is being paid. */
export async function issueChange(trx: Knex.Transaction, outcome: Outcome, { key, userId, currency }: { key: string; userId: number; currency: string }, now: Date): Promise<Invoice[]> {
  const issued: Invoice[] = []
  for (const { invoice, replace } of outcome.reissues) {
    const anew = await rebillOpen(invoice, replace, 'Changed', now)
    if (anew) issued.push(anew)
  }
  if (!outcome.lines.length) return issued
  const { invoice } = await draftInvoice(trx, { businessKey: `change:${key}`, userId, kind: 'change', currency, lines: outcome.lines, dueAt: now, collectAt: now })
  return [...issued, await issueInvoice(invoice, now)]
}

export const totalOf = (invoices: readonly Invoice[]): number => invoices.reduce((sum, invoice) => sum + invoice.totalMinor, 0)

export interface Rehearsal {
  readonly outcome: Outcome
  readonly totalMinor: number
  readonly discountMinor: number
  readonly taxMinor: number
}

class Curtain extends Error {
  constructor(readonly result: Rehearsal) {
    super('The rehearsal is over.')
  }
}

/** Does it and takes it all back: numbers, events and letters included. Call it outside transactions. */
export async function rehearseChange(proposal: Proposal, family: readonly Subscription[], now: Date): Promise<Rehearsal> {
  const { userId, currency } = family[0]!
  try {
    return await tenantTransaction(async (trx): Promise<never> => {
      await billedCustomer(userId, true)
      const outcome = await outcomeOf(proposal, family)
      const issued = await issueChange(trx, outcome, { key: 'rehearsal', userId, currency }, now)
      const sum = (pick: (invoice: Invoice) => number): number => issued.reduce((all, invoice) => all + pick(invoice), 0)
      throw new Curtain({ outcome, totalMinor: totalOf(issued), discountMinor: sum((i) => i.discountMinor), taxMinor: sum((i) => i.taxMinor) })
    })
  } catch (error) {
    if (error instanceof Curtain) return error.result
    throw error
  }
}
