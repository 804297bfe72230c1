/** One invoice as people see it. Page, PDF, letter and desk are made from this object, so they cannot disagree. */
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { Money } from '../../../shared/money/money.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import { formatMoney } from '../../../shared/views/format.js'
import { statusFacts } from '../../../shared/views/status.js'
import { openStatuses, type Payment } from '../payments/payment.js'
import { bankTransferOf, type TransferAdvice } from '../transfers/bank-details.js'
import { paymentsOfInvoice, type PaymentOfInvoice } from '../payments/payment-allocation.js'
import { CreditNote } from './credit-notes/credit-note.js'
import { InvoiceLine } from './invoice-line.js'
import { carriedOf } from './carry-over.js'
import { Invoice, type Buyer, type Seller } from './invoice.js'
import { discountSums, shownLines, taxSums, type ShownLine, type Sum } from './present-lines.js'
import { whatNext, type NextStep } from './what-next.js'

/** The state in the vocabulary of the pages: `overdue` is open and late. */
export const shownStatus = (invoice: Invoice, now: Date): string => (invoice.isOverdue(now) ? 'overdue' : invoice.status)

export interface InvoicePage {
  publicId: string
  number: string
  /** Invoice or Proforma invoice. */
  heading: string
  status: string
  statusWord: string
  isPaid: boolean
  isVoid: boolean
  issuedAt: Date | null
  dueAt: Date | null
  paidAt: Date | null
  periodStart: Date | null
  /** Last day of the period, for people: the end itself belongs to the next. */
  periodLast: Date | null
  /** The shop's: its invoices count days there, whoever reads them. */
  timeZone: string
  seller: Seller | null
  buyer: Buyer | null
  memo: string | null
  notes: string[]
  lines: ShownLine[]
  inclusive: boolean
  /** Null when nothing stands between it and the total. */
  subtotal: Money | null
  discounts: Sum[]
  taxes: Sum[]
  credited: Money | null
  /** Taken over from earlier invoices, or moved onto a later one: sums too small to be charged by themselves. */
  carried: Array<{ label: string; amount: Money; number: string; href: string }>
  creditNotes: Array<{ number: string; href: string; pdfHref: string; at: Date; amount: Money; reason: string; destination: string; reduces: boolean; less: Money }>
  paid: Money | null
  total: Money
  balance: Money
  hasRuns: boolean
  canPay: boolean
  /** A payment whose end is not known: "do not pay again". */
  checking: boolean
  payments: Array<{ publicId: string; at: Date; amount: Money; status: string; note: string | null }>
  next: NextStep | null
  /** How to pay it by bank transfer, where the shop offers that. */
  transfer: TransferAdvice | null
  replaces: { number: string; href: string } | null
  replacedBy: { number: string; href: string } | null
}

export async function invoicePage(invoice: Invoice, now: Date): Promise<InvoicePage> {
  const money = (minor: number): Money => Money.of(minor, invoice.currency)
  const rows = await InvoiceLine.query().where({ invoiceId: invoice.id }).orderBy('sortOrder').orderBy('id')
  const lines = await shownLines(invoice, rows)
  const attempts = await paymentsOfInvoice(invoice.id)
  const [carried, notes, replacements] = [await carriedOf(invoice), await CreditNote.query().where({ invoiceId: invoice.id }).orderBy('id'), await replacementsOf(invoice)]
  const status = shownStatus(invoice, now)
  const byNotes = notes.filter((n) => n.destination === 'invoice').reduce((sum, n) => sum + n.totalMinor, 0)
  const fromCredit = carried.reduce((sum, c) => sum.add(c.amount), money(invoice.creditedMinor - byNotes))
  const some = (minor: number): Money | null => (minor ? money(minor) : null)
  const checking = attempts.some(({ payment }) => openStatuses.includes(payment.status) && payment.status !== 'requires_action')
  const [discounts, taxes] = [discountSums(invoice, rows), taxSums(invoice, rows)]
  return {
    publicId: invoice.publicId, number: invoice.label, heading: invoice.isProforma ? 'Proforma invoice' : 'Invoice', status,
    statusWord: statusFacts(status).word, isPaid: invoice.status === 'paid', isVoid: invoice.status === 'void',
    issuedAt: invoice.issuedAt, dueAt: invoice.dueAt, paidAt: invoice.paidAt, periodStart: invoice.periodStart,
    periodLast: invoice.periodEnd && new Date(invoice.periodEnd.getTime() - 1),
    timeZone: currentTenant().timeZone, seller: invoice.seller, buyer: invoice.buyer, memo: invoice.memo, notes: invoice.notes ?? [], lines,
    inclusive: invoice.pricesInclusive,
    subtotal: discounts.length || taxes.length ? money(invoice.subtotalMinor) : null, discounts, taxes, credited: some(-fromCredit.minor),
    carried: carried.map((c) => ({ ...c, label: c.amount.isPositive() ? 'Carried over from' : 'Carried over to' })),
    creditNotes: notes.map(shownNote),
    paid: some(-invoice.paidMinor), total: invoice.total, balance: invoice.balance, hasRuns: lines.some((l) => l.runs.length > 0),
    canPay: invoice.refusalToPay() === null, checking,
    payments: attempts.map(shownPayment), transfer: await bankTransferOf(invoice),
    next: whatNext(invoice, { checking, hasMethod: await hasMethod(invoice.userId) }, now), ...replacements,
  }
}

const destinations = { invoice: 'Taken off this invoice', balance: 'Added to your credit', source: 'Sent back the way it was paid' } as const

function shownNote(note: CreditNote): InvoicePage['creditNotes'][number] {
  const href = `/credit-notes/${note.publicId}`
  return {
    number: note.label, href, pdfHref: `${href}/pdf`, at: note.issuedAt, amount: note.total, less: note.total.negate(), reason: note.reason, destination: destinations[note.destination], reduces: note.destination === 'invoice',
  }
}

function shownPayment({ payment, amountMinor, appliedMinor }: PaymentOfInvoice): InvoicePage['payments'][number] {
  const amount = Money.of(payment.status === 'succeeded' ? appliedMinor : amountMinor, payment.currency)
  return { publicId: payment.publicId, at: payment.settledAt ?? payment.createdAt, amount, status: payment.status, note: payment.failureMessage ?? creditedNote(payment, appliedMinor) }
}

/** Cards in dinars are charged in tens of fils, and a payment may come late: what the invoice did not take is credit. */
function creditedNote(payment: Payment, appliedMinor: number): string | null {
  const more = payment.amountMinor - appliedMinor
  if (payment.status !== 'succeeded' || payment.invoiceId === null || more <= 0) return null
  return `${formatMoney(payment.amountMinor, payment.currency)} were paid, ${formatMoney(more, payment.currency)} of it became credit`
}

async function replacementsOf(invoice: Invoice): Promise<Pick<InvoicePage, 'replaces' | 'replacedBy'>> {
  const link = (other: Invoice | undefined) => (other ? { number: other.label, href: `/invoices/${other.publicId}` } : null)
  const earlier = invoice.replacesId === null ? undefined : await Invoice.query().findById(invoice.replacesId)
  return { replaces: link(earlier), replacedBy: invoice.status === 'void' ? link(await Invoice.query().findOne({ replacesId: invoice.id })) : null }
}

async function hasMethod(userId: number): Promise<boolean> {
  return Boolean(await tenantDb()('payment_methods').where({ user_id: userId, status: 'active' }).first('id'))
}
