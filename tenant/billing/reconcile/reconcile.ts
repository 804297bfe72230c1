/** Each day: the transactions that the gateways list, compared with our payments, refunds and disputes. Reports, repairs nothing; only fees, which nobody else tells, are booked from it. */
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { OutsideError } from '../../../shared/errors.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { clock } from '../../../shared/time/clock.js'
import type { GatewayTransaction } from '../../../shared/payments/gateway-transactions.js'
import type { Finding } from '../audit-check.js'
import { GatewayAccount } from '../payments/gateways/gateway-account.js'
import { DISPUTABLE, Payment } from '../payments/payment.js'
import { bookFees } from './book-fees.js'
import { compare, type OurMove } from './compare.js'
import { storeFindings } from './store-findings.js'

const DAY = 86_400_000
/** How far back each run looks: a run that failed is made up for by the next ones. */
const LOOK_BACK = 7 * DAY
/** What happened in the last hours may not stand on both lists yet. */
const SETTLE = 6 * 3_600_000

/** A sandbox whose clock was moved lives in another time than its gateway: nothing can be compared. */
const livesAhead = (now: Date): boolean => now.getTime() - clock.real().getTime() > DAY && currentTenant().sandbox

/** The timetable runs it daily. An account that does not answer is left for tomorrow; then no finding counts as gone. */
export async function reconcileGateways(now: Date): Promise<void> {
  if (livesAhead(now)) return
  const window = { since: new Date(now.getTime() - LOOK_BACK), until: new Date(now.getTime() - SETTLE) }
  const findings: Finding[] = []
  let complete = true
  for (const account of await accountsToCompare(now)) {
    const found = await reconcileAccount(account, window).catch((error: unknown) => {
      if (error instanceof OutsideError) return null
      throw error
    })
    complete &&= found !== null || account.status === 'disabled' // its keys may be withdrawn for good: the others are compared all the same
    findings.push(...(found ?? []))
  }
  await storeFindings(findings, (check) => complete && check.startsWith('gateway.'), now)
}

/** Those that are connected, and those disconnected with payments that may still be disputed. */
async function accountsToCompare(now: Date): Promise<GatewayAccount[]> {
  const since = new Date(now.getTime() - DISPUTABLE)
  const recent = Payment.query().whereColumn('payments.gateway_account_id', 'gateway_accounts.id').where({ 'payments.status': 'succeeded' }).where('payments.settled_at', '>=', since)
  return [...(await GatewayAccount.active()), ...(await GatewayAccount.query().where({ status: 'disabled' }).whereExists(recent).orderBy('id'))]
}

/** Differences of one account in the window. Throws OutsideError when the gateway does not answer. Outside transactions. */
export async function reconcileAccount(account: GatewayAccount, window: { since: Date; until: Date }): Promise<Finding[]> {
  const wide = { since: new Date(window.since.getTime() - DAY), until: new Date(window.until.getTime() + DAY) }
  const theirs = await account.open().listTransactions(wide)
  await bookFees(account.id, theirs.filter((t) => t.at < window.until))
  const ours = await movesOf(account.id, window)
  return compare({ gateway: account.label, tenant: currentTenant().uuid, theirs, ours, window, known: await knownTo(account.id, theirs) })
}

interface PaymentRow { id: number; public_id: string; gateway_payment_id: string | null; amount_minor: number; currency: string; settled_at: Date }
interface OutRow extends PaymentRow { attempt: string; source_id: string | null; status: string }

async function movesOf(gatewayAccountId: number, { since, until }: { since: Date; until: Date }): Promise<OurMove[]> {
  const db = tenantDb()
  const during = (column: string) => (q: { where(c: string, op: string, v: Date): unknown }): void => {
    q.where(column, '>=', since)
    q.where(column, '<', until)
  }
  const charges = await db('payments').where({ gateway_account_id: gatewayAccountId, status: 'succeeded' }).where(during('settled_at')).select<PaymentRow[]>('id', 'public_id', 'gateway_payment_id', 'amount_minor', 'currency', 'settled_at')
  const refunds = await db('refunds as r').join('payments as p', 'p.id', 'r.payment_id').where({ 'p.gateway_account_id': gatewayAccountId, 'r.destination': 'source' }).whereIn('r.status', ['succeeded', 'failed']).where(during('r.settled_at'))
    .select<OutRow[]>('r.id', 'r.public_id', 'p.public_id as attempt', 'p.gateway_payment_id', 'r.gateway_refund_id as source_id', 'r.amount_minor', 'r.currency', 'r.settled_at', 'r.status')
  const disputes = await db('disputes as d').join('payments as p', 'p.id', 'd.payment_id').where({ 'd.gateway_account_id': gatewayAccountId }).whereNot('d.status', 'inquiry').where(during('d.opened_at'))
    .select<OutRow[]>('d.id', 'd.public_id', 'p.public_id as attempt', 'p.gateway_payment_id', 'd.gateway_dispute_id as source_id', 'd.amount_minor', 'd.currency', 'd.opened_at as settled_at', 'd.status')
  const out = (kind: 'refund' | 'dispute') => (r: OutRow): OurMove => ({
    kind, attempt: r.attempt, gatewayPaymentId: r.gateway_payment_id, sourceId: r.source_id, amountMinor: -Number(r.amount_minor), currency: r.currency, at: r.settled_at, name: `${kind} ${r.public_id}`, undone: r.status === 'failed' || r.status === 'won' || r.status === 'closed',
  })
  return [
    ...charges.map((p): OurMove => ({ kind: 'charge', attempt: p.public_id, gatewayPaymentId: p.gateway_payment_id, sourceId: null, amountMinor: Number(p.amount_minor), currency: p.currency, at: p.settled_at, name: `payment ${p.public_id}`, undone: false })),
    ...refunds.map(out('refund')), ...disputes.map(out('dispute')),
  ]
}

/** Moves of ours that lie outside the window, or that we follow and have not settled yet: no findings. */
async function knownTo(gatewayAccountId: number, theirs: readonly GatewayTransaction[]): Promise<(t: GatewayTransaction) => boolean> {
  const db = tenantDb()
  const payments = await db('payments').where({ gateway_account_id: gatewayAccountId, status: 'succeeded' }).where((q) => void q.whereIn('public_id', theirs.map((t) => t.attempt ?? '')).orWhereIn('gateway_payment_id', theirs.map((t) => t.paymentId ?? '')))
    .select<Array<{ public_id: string; gateway_payment_id: string | null }>>('public_id', 'gateway_payment_id')
  const paid = new Set(payments.flatMap((p) => [p.public_id, p.gateway_payment_id ?? '']))
  const sources = theirs.map((t) => t.sourceId ?? '')
  const refunds = new Set((await db('refunds').whereIn('gateway_refund_id', sources).pluck('gateway_refund_id')) as string[])
  const disputes = new Set((await db('disputes').whereIn('gateway_dispute_id', sources).pluck('gateway_dispute_id')) as string[])
  return (t) => {
    if (t.kind === 'charge') return (t.attempt !== null && paid.has(t.attempt)) || (t.paymentId !== null && paid.has(t.paymentId))
    return t.sourceId !== null && (t.kind === 'refund' ? refunds : disputes).has(t.sourceId)
  }
}
