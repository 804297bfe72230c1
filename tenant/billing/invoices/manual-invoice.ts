/** Invoices that staff writes by hand: a draft with lines that may change until it is issued. Customers see nothing of it before. */
import { refuse, Refusal } from '../../../shared/errors.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { record } from '../../../shared/events/record.js'
import { microsPerMinor } from '../../../shared/money/currency.js'
import { Money } from '../../../shared/money/money.js'
import { newPublicId } from '../../../shared/security/token.js'
import { addLine, draftInvoice, type NewLine } from './draft-invoice.js'
import { InvoiceLine, type LineDetail } from './invoice-line.js'
import { Invoice } from './invoice.js'

export interface ManualLine {
  readonly description: string
  /** From 1. */
  readonly quantity: number
  /** For one; below zero for something given. With tax in it where the shop's prices are inclusive. */
  readonly unitMinor: number
  readonly taxClass?: string | null
  /** A service of the same customer: the line shows its name, the revenue counts as its kind. */
  readonly serviceId?: number | null
}
export interface ManualInvoice {
  readonly userId: number
  readonly currency: string
  readonly lines: readonly ManualLine[]
  readonly dueAt?: Date | null
  readonly memo?: string | null
  /** The same key is the same draft. */
  readonly key: string
}

/** A draft; once per key. Issue it with issueInvoice, throw it away with voidInvoice. */
export async function addManualInvoice(wish: ManualInvoice): Promise<Invoice> {
  return tenantTransaction(async (trx) => {
    const businessKey = `manual:${wish.key}`
    const known = await Invoice.query().findOne({ businessKey })
    if (known) return known
    const lines: NewLine[] = []
    for (const line of wish.lines) lines.push(await lineOf(wish.userId, wish.currency, line))
    const { invoice } = await draftInvoice(trx, { businessKey, userId: wish.userId, kind: 'manual', currency: wish.currency, lines, dueAt: wish.dueAt ?? null, memo: wish.memo ?? null })
    await record('invoice.drafted', invoice, { currency: invoice.currency }, { userId: invoice.userId })
    return invoice
  })
}

/** Throws Refusal when the invoice is no draft of staff (any more). */
export async function addManualLine(given: Invoice, line: ManualLine): Promise<InvoiceLine> {
  return onDraft(given, async (draft) => {
    const last = await InvoiceLine.query().where({ invoiceId: draft.id }).orderBy('sortOrder', 'desc').first()
    return addLine(draft, await lineOf(draft.userId, draft.currency, line), (last?.sortOrder ?? -1) + 1)
  })
}

export async function changeManualLine(given: Invoice, lineId: number, line: ManualLine): Promise<void> {
  await onDraft(given, async (draft) => {
    const { description, quantity, amountMinor, taxClass, serviceId, detail } = await lineOf(draft.userId, draft.currency, line)
    await InvoiceLine.query().patch({
      description, quantity: quantity ?? null, amountMinor, netMinor: amountMinor, taxClass: taxClass ?? null, serviceId: serviceId ?? null,
      detail: detail ?? {},
    }).where({ id: lineId, invoiceId: draft.id })
  })
}

export async function removeManualLine(given: Invoice, lineId: number): Promise<void> {
  await onDraft(given, async (draft) => InvoiceLine.query().delete().where({ id: lineId, invoiceId: draft.id }))
}

export async function changeDraft(given: Invoice, change: { dueAt: Date | null; memo: string | null }): Promise<void> {
  await onDraft(given, async (draft) => draft.$query().patch(change))
}

async function onDraft<T>(given: Invoice, work: (draft: Invoice) => Promise<T>): Promise<T> {
  return tenantTransaction(async () => {
    const draft = await Invoice.query().findById(given.id).forUpdate().throwIfNotFound()
    refuse(draft.refusalToIssue())
    if (draft.kind !== 'manual') throw new Refusal('invoice.not-manual', 'Only invoices written by hand can be changed.')
    return work(draft)
  })
}

async function lineOf(userId: number, currency: string, line: ManualLine): Promise<NewLine> {
  const amount = Money.of(BigInt(line.quantity) * BigInt(line.unitMinor), currency)
  const service = line.serviceId ? await tenantDb()('services').where({ id: line.serviceId, user_id: userId }).first<{ id: number; name: string; service_type: string } | undefined>('id', 'name', 'service_type') : undefined
  const item = { label: line.description, quantity: line.quantity, unitMicros: line.unitMinor * microsPerMinor(currency), amountMinor: amount.minor }
  const detail: LineDetail = { items: [item], ...(service ? { serviceName: service.name, serviceType: service.service_type } : {}) }
  return {
    businessKey: `manual-line:${newPublicId()}`, kind: 'manual', description: line.description, quantity: line.quantity, amountMinor: amount.minor, taxClass: line.taxClass ?? null, serviceId: service?.id ?? null, detail,
  }
}
