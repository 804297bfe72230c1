/** Many bank transfers matched as their references suggest, set aside, or taken back. What is matched is what the preview showed, or nothing. */
import { refuse, Refusal } from '../../../shared/errors.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { formatMoney } from '../../../shared/views/format.js'
import { BankTransfer } from '../../../tenant/billing/transfers/bank-transfer.js'
import { matchAsSuggested, planMatch, type MatchPlan } from '../../../tenant/billing/transfers/match-as-suggested.js'
import { setAside } from '../../../tenant/billing/transfers/match-transfer.js'
import { openInvoicesIn, type OpenInvoices, type Proposal } from '../../../tenant/billing/transfers/suggest-matches.js'
import type { BulkList } from '../bulk/bulk-list.js'
import { bulkRoutes as routesOf } from '../bulk/bulk-routes.js'
import { asideForm } from './forms.js'
import { shown } from './pages.js'

interface Chosen {
  readonly transfer: BankTransfer
  /** For the preview: worked out once, when it is first asked for. */
  plan(): Promise<MatchPlan>
}

function once<V>(make: () => Promise<V>): () => Promise<V> {
  let made: Promise<V> | undefined
  return () => (made ??= make())
}

/** Open invoices are read once for all transfers of a currency. */
async function chosen(ids: readonly string[]): Promise<Chosen[]> {
  const transfers = await BankTransfer.query().whereIn('publicId', [...ids]).orderBy('id')
  const open = new Map<string, () => Promise<OpenInvoices>>([...new Set(transfers.map((t) => t.currency))].map((currency) => [currency, once(() => openInvoicesIn(currency))]))
  return transfers.map((transfer) => ({ transfer, plan: once(async () => planMatch(transfer, await open.get(transfer.currency)!())) }))
}

const stamp = ({ transfer }: Chosen): string => String(transfer.updatedAt.getTime())
/** A form that was confirmed long ago, or twice, does not undo what somebody decided since. */
function mustBeAs(seen: string, item: Chosen): void {
  if (stamp(item) !== seen) throw new Refusal('transfer.changed', 'Somebody changed this transfer since it was shown. Look at it again.')
}

const part = ({ invoice, customer, amount }: Proposal): string => {
  const money = (minor: number): string => formatMoney(minor, amount.currency, currentTenant().locale)
  return `${money(amount.minor)}${amount.equals(invoice.balance) ? '' : ` of ${money(invoice.balance.minor)}`} on invoice ${invoice.label} of ${customer.name}`
}

const transfers: BulkList<Chosen> = {
  path: '/transfers', title: 'Bank transfers', noun: 'transfer', nouns: 'transfers', nameHead: 'From',
  heads: [{ label: 'Received' }, { label: 'Reference' }, { label: 'Amount', kind: 'money' }, { label: 'State' }],
  chosen, idOf: ({ transfer }) => transfer.publicId,
  rows: async (items, base) => items.map(({ transfer }) => ({ href: `${base}/transfers/${transfer.publicId}`, name: transfer.payer || 'Unknown', cells: [transfer.receivedOn, transfer.reference, transfer.amount, shown(transfer).word] })),
  acts: {
    match: {
      title: 'Match these transfers as suggested?', text: 'Only those whose reference names the invoices they pay. Each customer gets a receipt.', label: 'Match', done: 'Matched',
      refusal: async (item) => (await item.plan()).refusal?.message ?? null, does: async (item) => (await item.plan()).parts.map(part).join('; '), seen: async (item) => (await item.plan()).fingerprint,
      run: ({ transfer }, _input, _key, seen) => matchAsSuggested(transfer, seen),
    },
    aside: {
      title: 'Set these transfers aside?', text: 'They are no customer’s payment: interest, a refund, your own money. Nothing is booked.', label: 'Set aside', does: 'Is set aside', done: 'Set aside',
      fields: [{ name: 'note', label: 'Note', hint: 'What it is, for whoever looks at it later.', optional: true }], shape: asideForm.shape,
      refusal: ({ transfer }) => transfer.refusalToSetAside()?.message ?? null, seen: stamp,
      run: async (item, input, _key, seen) => {
        refuse(item.transfer.refusalToSetAside())
        mustBeAs(seen, item)
        await setAside(item.transfer, true, input['note'] ?? null)
      },
    },
    back: {
      title: 'Take these transfers back from aside?', text: 'They stand among those to match again; their notes go.', label: 'Take back', does: 'Can be matched again', done: 'Taken back',
      refusal: ({ transfer }) => transfer.refusalToTakeBack()?.message ?? null, seen: stamp,
      run: async (item, _input, _key, seen) => {
        refuse(item.transfer.refusalToTakeBack())
        mustBeAs(seen, item)
        await setAside(item.transfer, false, null)
      },
    },
  },
}
export const bulkRoutes = routesOf(transfers)
