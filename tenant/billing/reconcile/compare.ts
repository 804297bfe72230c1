/** The gateway's list of what moved, beside ours: pure. Everything that stands on one side only, or with another amount, is a finding. */
import type { GatewayTransaction } from '../../../shared/payments/gateway-transactions.js'
import type { Finding } from '../audit-check.js'

export interface OurMove {
  readonly kind: 'charge' | 'refund' | 'dispute'
  /** `payments.public_id`. */
  readonly attempt: string
  readonly gatewayPaymentId: string | null
  /** The gateway's id of the refund or dispute. */
  readonly sourceId: string | null
  /** Signed as the gateway signs: a charge is positive, what goes out negative. */
  readonly amountMinor: number
  readonly currency: string
  readonly at: Date
  /** For people: `payment k3v9…`. */
  readonly name: string
  /** It failed or was given back later: then both moves may stand on the list, or none. */
  readonly undone: boolean
}

const isOurs = (tenant: string) => (t: GatewayTransaction): boolean => t.tenant === null ? t.attempt !== null || t.paymentId !== null : t.tenant === tenant
const matches = (move: OurMove) => (t: GatewayTransaction): boolean => {
  if (t.kind !== move.kind) return false
  if (move.kind !== 'charge' && move.sourceId !== null && t.sourceId !== null) return t.sourceId === move.sourceId
  return (t.paymentId !== null && t.paymentId === move.gatewayPaymentId) || (t.attempt !== null && t.attempt === move.attempt)
}

/** `theirs`: a wider window than `ours`, so that edges do not look like differences. Other kinds (fees, payouts) are theirs alone. `known`: every mark of ours, also outside the window. */
export function compare(facts: { gateway: string; tenant: string; theirs: readonly GatewayTransaction[]; ours: readonly OurMove[]; window: { since: Date; until: Date }; known: (t: GatewayTransaction) => boolean }): Finding[] {
  const left = facts.theirs.filter((t) => t.kind !== 'other')
  const findings: Finding[] = []
  for (const move of facts.ours) {
    const at = left.findIndex((t) => matches(move)(t) && t.amountMinor === move.amountMinor)
    const found = at >= 0 ? at : left.findIndex(matches(move))
    const [theirs] = found < 0 ? [] : left.splice(found, 1)
    if (!theirs) {
      if (!move.undone) findings.push({ check: 'gateway.missing-there', subject: move.name, message: `We booked ${move.amountMinor} ${move.currency}, ${facts.gateway} does not list it.` })
    } else if (theirs.amountMinor !== move.amountMinor || theirs.currency !== move.currency) {
      findings.push({ check: 'gateway.amount', subject: move.name, message: `We booked ${move.amountMinor} ${move.currency}, ${facts.gateway} lists ${theirs.amountMinor} ${theirs.currency}.` })
    }
  }
  const inWindow = left.filter((t) => t.at >= facts.window.since && t.at < facts.window.until && isOurs(facts.tenant)(t) && (t.kind === 'charge' || t.kind === 'refund' || t.kind === 'dispute') && !facts.known(t))
  return [...findings, ...inWindow.map((t) => ({ check: 'gateway.missing-here', subject: `${facts.gateway} ${t.kind} ${t.sourceId ?? t.paymentId ?? t.id}`, message: `${facts.gateway} lists ${t.amountMinor} ${t.currency}, and we have not booked it.` }))]
}
