/** A transfer matched as its reference suggests, without a person deciding on it alone: only where the suggestion is sure, and only what that person was shown. */
import { Refusal } from '../../../shared/errors.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { hashToken } from '../../../shared/security/token.js'
import type { Money } from '../../../shared/money/money.js'
import { Invoice } from '../invoices/invoice.js'
import { PaymentAllocation } from '../payments/payment-allocation.js'
import type { Payment } from '../payments/payment.js'
import { BankTransfer, unmatchedOf } from './bank-transfer.js'
import { matchTransfer } from './match-transfer.js'
import { isStrong, matchesFor, proposalsFrom, type OpenInvoices, type Proposal } from './suggest-matches.js'

export interface MatchPlan {
  /** Empty where `refusal` says why. */
  readonly parts: readonly Proposal[]
  readonly refusal: Refusal | null
  /** Changes with the transfer, its invoices and the amounts: 40 letters and digits. */
  readonly fingerprint: string
}

const unsure = (why: string): Refusal => new Refusal('transfer.unsure', `No sure suggestion: ${why}`)

/**
 * Pure. Sure: the reference names one invoice that is owed at least what is left of the transfer, or several whose sum is just that. Otherwise who gets what is
 * a guess, which a person makes on the transfer's page.
 */
export function refusalToBeSure(proposals: readonly Proposal[], left: Money): Refusal | null {
  const strong = proposals.filter(isStrong)
  if (!strong.length) return unsure('its reference names no open invoice.')
  const whole = strong.reduce((sum, p) => sum.add(p.invoice.balance), left.sub(left))
  if (strong.length > 1) return whole.equals(left) ? null : unsure('it names several invoices and is not their sum.')
  return whole.compare(left) < 0 ? unsure(`invoice ${strong[0]!.invoice.label} is owed less than that.`) : null
}

async function refusalToPlan(transfer: BankTransfer, proposals: readonly Proposal[], left: Money): Promise<Refusal | null> {
  if (transfer.status === 'ignored') return new Refusal('transfer.ignored', 'This transfer is set aside. Take it back first.')
  if (!left.isPositive()) return new Refusal('transfer.matched', 'All of this transfer is matched.')
  const refusal = refusalToBeSure(proposals, left)
  if (refusal) return refusal
  const busy = await PaymentAllocation.query().whereIn('invoiceId', proposals.filter(isStrong).map((p) => p.invoice.id)).where({ isOpen: true }).first()
  return busy ? new Refusal('transfer.being-paid', `A payment for invoice ${proposals.find((p) => p.invoice.id === busy.invoiceId)!.invoice.label} is under way. Wait for its result.`) : null
}

/** `open`: openInvoicesIn its currency, where many are planned at once. */
export async function planMatch(transfer: BankTransfer, open?: OpenInvoices): Promise<MatchPlan> {
  const left = await unmatchedOf(transfer)
  const proposals = proposalsFrom(left.isPositive() ? await matchesFor(transfer, open) : [], left)
  const refusal = await refusalToPlan(transfer, proposals, left)
  const parts = refusal ? [] : proposals.filter((p) => p.amount.isPositive())
  const facts = [transfer.id, transfer.updatedAt.getTime(), ...parts.map((p) => `${p.invoice.id}:${p.amount.minor}`)]
  return { parts, refusal, fingerprint: hashToken(facts.join(' ')).slice(0, 40) }
}

/** `shown`: the fingerprint of the plan that somebody agreed to. Planned again under the locks; throws Refusal when it is another one now, or none. */
export async function matchAsSuggested(given: BankTransfer, shown: string): Promise<Payment[]> {
  const { parts } = await planMatch(await BankTransfer.findOwned<BankTransfer>({ id: given.id }))
  return tenantTransaction(async () => {
    const transfer = await BankTransfer.query().findById(given.id).forUpdate().throwIfNotFound()
    for (const id of parts.map((p) => p.invoice.id).sort((a, b) => a - b)) await Invoice.query().findById(id).forUpdate()
    const plan = await planMatch(transfer)
    if (plan.refusal) throw plan.refusal
    if (plan.fingerprint !== shown) throw new Refusal('transfer.changed', 'What fits this transfer has changed since it was shown. Look at it again.')
    return matchTransfer(transfer, plan.parts.map((p) => ({ invoiceId: p.invoice.id, amount: p.amount })))
  })
}
